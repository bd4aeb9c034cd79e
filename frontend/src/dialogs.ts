// <dialog> elements: those HTMX brings open by themselves, and go when they are closed.
import { hasSucceeded, onAnswer, onClick, whenever } from "./page";

whenever<HTMLDialogElement>("dialog[data-open]", (dialog) => {
  if (dialog.open) return;
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  firstField(dialog)?.focus();
});

onClick("[data-close]", (button) => button.closest("dialog")?.close());
onClick("[data-dialog]", (button) => {
  document.querySelector<HTMLDialogElement>(`dialog#${CSS.escape(button.dataset.dialog ?? "")}`)?.showModal();
});

onAnswer("htmx:afterRequest", (answer) => {
  const { target, requestConfig } = answer;
  const dialog = requestConfig.elt.closest("dialog");
  if (dialog && hasSucceeded(answer) && requestConfig.verb !== "get" && !dialog.contains(target)) dialog.close();
});

function firstField(dialog: HTMLDialogElement): HTMLElement | null {
  const fields = ".panel-body :is(input, select, textarea):not([type=hidden]):not([disabled])";
  return dialog.querySelector<HTMLElement>(`[autofocus], .is-invalid`) ?? dialog.querySelector<HTMLElement>(fields);
}
