// The eye beside a masked value: it asks why, shows the value for a minute, and covers it again.
import htmx from "htmx.org";

import { hasSucceeded, onAnswer, onClick } from "./page";

const SHOWN_FOR = 60_000;
const covers = new WeakMap<HTMLElement, string>();
let asked: HTMLElement | null = null;
let covered: { value: HTMLElement; html: string } | null = null;

onClick("[data-reveal]", (eye) => {
  const value = eye.parentElement?.querySelector<HTMLElement>("[data-value]");
  if (!value) return;
  if (covers.has(value)) return cover(value);
  asked = eye;
  const dialog = sheet();
  dialog.querySelector("[data-what]")!.textContent = eye.dataset.revealWhat || value.textContent;
  dialog.querySelector("[data-refusal]")!.replaceChildren();
  dialog.querySelector("form")!.reset();
  dialog.showModal();
  dialog.querySelector<HTMLInputElement>("[name=reason]")!.focus();
});

onClick("[data-reason]", (button) => {
  const field = sheet().querySelector<HTMLInputElement>("[name=reason]")!;
  field.value = button.dataset.reason ?? "";
  field.focus();
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const value = asked?.parentElement?.querySelector<HTMLElement>("[data-value]");
  if (form.closest("dialog") !== sheet() || !asked || !value) return;
  event.preventDefault();
  const reason = new FormData(form).get("reason") as string;
  if (!reason.trim()) return form.querySelector<HTMLInputElement>("[name=reason]")!.focus();
  cover(value);
  covered = { value, html: value.innerHTML };
  void htmx.ajax("post", asked.dataset.reveal!, { source: form, target: value, swap: "innerHTML", values: { reason } });
});

onAnswer("htmx:afterRequest", (answer) => {
  const { target } = answer;
  if (!hasSucceeded(answer) || target !== covered?.value) return;
  covers.set(target, covered.html);
  mark(target, true);
  setTimeout(() => cover(target), SHOWN_FOR);
});

function cover(value: HTMLElement): void {
  const html = covers.get(value);
  if (html === undefined) return;
  value.innerHTML = html;
  covers.delete(value);
  mark(value, false);
}

function mark(value: HTMLElement, revealed: boolean): void {
  value.parentElement?.classList.toggle("is-revealed", revealed);
  const icon = value.parentElement?.querySelector(".eye use");
  icon?.setAttribute("href", icon.getAttribute("href")!.replace(/#.*/, revealed ? "#eye-off" : "#eye"));
}

function sheet(): HTMLDialogElement {
  return document.getElementById("reveal") as HTMLDialogElement;
}
