// <div class="wait" data-wait="180">: counts a wait down beside the page, which goes on without it. A long one starts by
// itself; either goes on where it was when the page is opened again.
import { ready } from "./page";

const LONG = 60; // seconds
const FORGOTTEN = 900_000; // milliseconds

ready(() => document.querySelectorAll<HTMLElement>("[data-wait]").forEach(begin));

function begin(box: HTMLElement): void {
  const row = box.querySelector<HTMLElement>(".wait-row");
  const start = box.querySelector<HTMLButtonElement>(".wait-start");
  if (!row || !start) return;
  row.hidden = false;
  const run = () => {
    start.hidden = true;
    count(box, started());
  };
  if (Number(box.dataset.wait) >= LONG || kept()) run();
  else start.addEventListener("click", run);
}

function count(box: HTMLElement, since: number): void {
  const left = Math.ceil(Number(box.dataset.wait) - (Date.now() - since) / 1000);
  const shown = box.querySelector(".wait-left");
  if (shown) shown.textContent = left > 0 ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "";
  if (left > 0) setTimeout(() => count(box, since), 250);
  else finish(box);
}

function finish(box: HTMLElement): void {
  box.classList.add("wait-over");
  const said = box.querySelector(".wait-said");
  if (said) said.textContent = box.dataset.done ?? "";
}

function started(): number {
  const since = kept() || Date.now();
  try {
    sessionStorage.setItem(key(), String(since));
  } catch {
    // storage may be switched off: then it starts anew with the page
  }
  return since;
}

function kept(): number {
  try {
    const since = Number(sessionStorage.getItem(key()));
    return Date.now() - since < FORGOTTEN ? since : 0; // whoever comes back much later has begun anew
  } catch {
    return 0;
  }
}

function key(): string {
  return `wait:${location.pathname}${location.search}`;
}
