// What others have done in a ticket since its page was made: said in a line that hangs from the bar, and shown when it is
// asked for. Until then nothing of the page is touched, and no dialog of it.
import htmx from "htmx.org";

import { onClick, whenever } from "./page";

/** At which of its events a ticket is shown. */
export function seqOf(number: string): string {
  const ticket = document.getElementById("ticket");
  return ticket?.dataset.number === number ? (ticket.dataset.seq ?? "") : "";
}

/** Says what is new, unless the page has gone on since it was asked for; what else was answered is given back. */
export function tellNews(answer: string, number: string, seen: string): string {
  const parts = document.createElement("template");
  parts.innerHTML = answer;
  const news = parts.content.querySelector("[data-ticket-new]");
  news?.remove();
  if (seen && seqOf(number) === seen) put(news?.outerHTML ?? "");
  return parts.innerHTML;
}

function put(html: string): void {
  const place = document.querySelector<HTMLElement>("[data-ticket-news]");
  if (place && place.innerHTML !== html) place.innerHTML = html;
}

whenever("#ticket", () => put("")); // whatever brought it, it is new
onClick("[data-show-ticket]", () => void show());

/** The ticket as it is now, with as much of its history as was shown; files on their way stay on it. */
async function show(): Promise<void> {
  const ticket = document.getElementById("ticket");
  if (!ticket) return;
  const whole = ticket.querySelector(".history-earlier") ? "" : "?history=whole";
  const uploads = ticket.querySelector("[data-uploads]");
  await htmx.ajax("get", location.pathname + whole, { target: ticket, source: ticket, swap: "outerHTML" });
  const fresh = document.getElementById("ticket");
  if (!fresh || fresh === ticket) return;
  if (uploads?.childElementCount) fresh.querySelector("[data-uploads]")?.replaceWith(uploads);
  document.getElementById("main")?.focus({ preventScroll: true });
}
