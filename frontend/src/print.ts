// <p hidden data-prints><button data-print>: where there are scripts a page can print itself, with everything unfolded.
import { onClick, ready } from "./page";

const unfolded = new Set<HTMLDetailsElement>();

ready(() => document.querySelectorAll<HTMLElement>("[data-prints]").forEach((row) => (row.hidden = false)));
onClick("[data-print]", () => window.print());

addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll<HTMLDetailsElement>("details.fold:not([open])")) {
    fold.open = true;
    unfolded.add(fold);
  }
});
addEventListener("afterprint", () => {
  unfolded.forEach((fold) => (fold.open = false));
  unfolded.clear();
});
