// Deciding on proposals without a mouse: on the marked one, a approves, r returns, x ticks.
import { isBusy } from "./keyboard";
import { whenever } from "./page";

const DOES: Record<string, string> = { a: "[data-do=approve]", r: "[data-do=return]", x: "[name=chosen]" };

document.addEventListener("keydown", (event) => {
  const does = DOES[event.key];
  const row = document.activeElement?.closest<HTMLElement>("[data-proposal]");
  if (!does || !row || isBusy(event)) return;
  event.preventDefault();
  row.querySelector<HTMLElement>(does)?.click();
});

whenever<HTMLInputElement>("[data-tick-all]", (all) => {
  all.addEventListener("change", () => {
    const ticks = document.querySelectorAll<HTMLInputElement>("[data-approvals] [data-approvable]");
    ticks.forEach((tick) => (tick.checked = all.checked));
  });
});
