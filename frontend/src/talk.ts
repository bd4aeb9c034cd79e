// The chips above a history: everything, what went between us and the customer, what stayed inside, or the clocks.
import { onClick, whenever } from "./page";

const SHOWS: Record<string, string[]> = { customer: ["from", "to"], internal: ["note", "work"], clocks: ["clocks"] };
let chosen = "all"; // kept while one goes from ticket to ticket, and when a move brings the page anew

onClick("[data-show]", (chip) => {
  chosen = chip.dataset.show!;
  show();
});
whenever("#history-rows", show);

function show(): void {
  const rows = document.getElementById("history-rows");
  if (!rows) return;
  rows.dataset.shows = chosen;
  const sides = SHOWS[chosen];
  let shown = 0;
  for (const row of rows.querySelectorAll<HTMLElement>(":scope > [data-side]")) {
    row.hidden = sides !== undefined && !sides.includes(row.dataset.side!);
    if (!row.hidden) shown++;
  }
  document.querySelectorAll("[data-show]").forEach((chip) => {
    chip.setAttribute("aria-pressed", String((chip as HTMLElement).dataset.show === chosen));
  });
  const none = document.querySelector<HTMLElement>(".history-none");
  if (none) none.hidden = shown > 0;
}
