// Ticking rows of a list: with the mouse, with x, a range with shift. What is ticked stays ticked when the list changes.
import { onClick, whenever } from "./page";

const BOX = "tbody input[name=ticket]";

let anchor: HTMLInputElement | null = null;

/** The boxes of the tickets on this page, in their order. */
export function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>(BOX)];
}

/** Ticks or unticks the row that has the focus; with `range`, all from the last one that was ticked. */
function tickHere(range: boolean): boolean {
  const box = document.activeElement?.closest("tr")?.querySelector<HTMLInputElement>(BOX.replace("tbody ", ""));
  if (!box) return false;
  box.checked = range ? true : !box.checked;
  tick(box, range);
  return true;
}

function untickAll(): boolean {
  const ticked = boxes().filter((box) => box.checked);
  ticked.forEach((box) => (box.checked = false));
  told();
  return ticked.length > 0;
}

document.addEventListener("click", (event) => {
  const box = event.target as HTMLInputElement;
  if (box.matches(BOX)) tick(box, event.shiftKey);
  if (box.matches("[data-tick-all]")) {
    boxes().forEach((other) => (other.checked = box.checked));
    told();
  }
});
onClick("[data-untick]", untickAll);
document.addEventListener("desk-key", (event) => {
  const key = (event as CustomEvent<string>).detail;
  if ((key === "x" || key === "X") && tickHere(key === "X")) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open], .menu[open]")) untickAll();
});
// Browsers keep ticks over a reload; the bar has to know.
whenever("#list", told);

function tick(box: HTMLInputElement, range: boolean): void {
  const all = boxes();
  const from = anchor && range ? all.indexOf(anchor) : -1;
  const to = all.indexOf(box);
  if (from >= 0) all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => (one.checked = box.checked));
  anchor = box;
  told();
}

/** Tells the bar how many are ticked, and the box above them whether all are. */
export function told(): void {
  const all = boxes();
  const ticked = all.filter((box) => box.checked);
  all.forEach((box) => box.closest("tr")?.classList.toggle("is-ticked", box.checked));
  const every = document.querySelector<HTMLInputElement>("[data-tick-all]");
  if (every) {
    every.checked = ticked.length > 0 && ticked.length === all.length;
    every.indeterminate = ticked.length > 0 && ticked.length < all.length;
  }
  const bar = document.querySelector<HTMLElement>("[data-bulk]");
  if (!bar) return;
  bar.hidden = ticked.length === 0;
  bar.querySelectorAll("[data-ticked]").forEach((place) => (place.textContent = String(ticked.length)));
}
