// The list one came from stands beside a ticket: J and K go through it without leaving. Of a page with rows ([data-row])
// only the address is kept, for as long as the tab; the ticket's page reads it anew, with the rights of that moment.
import htmx from "htmx.org";

import { onAnswer, onClick, ready } from "./page";

const KEY = "list";
const FOLDED = "list-folded";
const REFRESH = 60_000;
const TICKETS = '#main a[data-row][href*="/tickets/"]'; // a list of calls or notices is no list of tickets

interface List {
  url: string;
  name: string;
}

ready(() => {
  const place = document.querySelector<HTMLElement>("[data-beside]");
  if (place) begin(place);
  else if (document.querySelector(TICKETS)) remember();
});
// A list that HTMX narrows has another address then.
document.addEventListener("htmx:afterSettle", () => {
  if (!document.querySelector("[data-beside]") && document.querySelector(TICKETS)) remember();
});

onClick("[data-beside] a[data-row]", (link, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  void walkTo(link as HTMLAnchorElement);
});
onClick("[data-beside-fold]", (button) => fold(button.getAttribute("aria-expanded") === "true"));
onAnswer("htmx:afterSwap", ({ target }) => target.id === "ticket" && mark());

/** J and K on the page of a ticket; false where there is no list to go through. */
export function walkBeside(step: 1 | -1): boolean {
  const place = document.querySelector<HTMLElement>("[data-beside]");
  if (!place || !place.getClientRects().length) return false;
  const links = [...place.querySelectorAll<HTMLAnchorElement>("a[data-row]")];
  const here = links.findIndex((link) => link.getAttribute("aria-current"));
  const next = links[here < 0 ? 0 : here + step];
  if (next) void walkTo(next);
  return links.length > 0;
}

function remember(): void {
  const name = document.querySelector("#main h1")?.textContent?.trim() ?? document.title;
  keep(KEY, JSON.stringify({ url: location.pathname + location.search, name } satisfies List));
}

/** Its room is there from the first paint (and folded then, by theme.js): nothing may move under somebody's pointer. */
function begin(place: HTMLElement): void {
  const kept = read(KEY);
  const list: List = kept ? (JSON.parse(kept) as List) : { url: nameOf(place).href, name: "" };
  if (read(FOLDED) === "1") fold(true);
  if (list.name) nameOf(place).textContent = list.name;
  void fill(place, list);
  setInterval(() => document.hidden || void fill(place, list), REFRESH);
}

async function fill(place: HTMLElement, list: List): Promise<void> {
  if (isNarrow()) return;
  try {
    const answer = await fetch(list.url, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = [...page.querySelectorAll<HTMLAnchorElement>("#main a[data-row]")].map(item).filter((row) => row !== null);
    const name = nameOf(place);
    name.href = list.url;
    name.textContent = page.querySelector("#main h1")?.textContent?.trim() || list.name;
    place.querySelector("ol")!.replaceChildren(...rows);
    place.querySelector<HTMLElement>("[data-beside-none]")!.hidden = rows.length > 0;
    mark();
  } catch {
    // the list is a help: without it the ticket is all there
  }
}

function nameOf(place: HTMLElement): HTMLAnchorElement {
  return place.querySelector<HTMLAnchorElement>("[data-beside-name]")!;
}

function isNarrow(): boolean {
  return matchMedia("(max-width: 1100px)").matches;
}

/** One ticket of the list, small: what it is about, its number, the clock that leads it, and when it falls due. */
function item(link: HTMLAnchorElement): HTMLElement | null {
  const row = link.closest("tr, li");
  const number = decodeURIComponent(new URL(link.href, location.href).pathname.split("/")[2] ?? "");
  if (!row || !link.getAttribute("href")?.includes("/tickets/")) return null;
  const small = document.createElement("a");
  small.href = link.getAttribute("href")!;
  small.dataset.row = "";
  small.dataset.number = number;
  small.append(made("b", link.textContent?.trim() ?? ""), made("span", number, "number-text"));
  const clock = row.querySelector(".clock");
  if (clock) small.append(document.importNode(clock, true));
  const due = row.querySelector("time.queue-due, .queue-due time");
  if (due) small.append(document.importNode(due, true));
  const item = document.createElement("li");
  item.append(small);
  return item;
}

async function walkTo(link: HTMLAnchorElement): Promise<void> {
  const ticket = document.getElementById("ticket");
  if (!ticket) return;
  link.focus({ preventScroll: true });
  await htmx.ajax("get", link.href, { target: ticket, source: ticket, swap: "outerHTML" });
  scrollTo({ top: 0 });
}

/** The ticket one is in is marked in the list. */
function mark(): void {
  const number = document.getElementById("ticket")?.dataset.number ?? "";
  document.querySelectorAll<HTMLElement>("[data-beside] a[data-row]").forEach((link) => {
    if (link.dataset.number !== number) return link.removeAttribute("aria-current");
    link.setAttribute("aria-current", "page");
    const rows = link.closest<HTMLElement>("ol")!;
    rows.scrollTop = Math.max(0, link.offsetTop - rows.clientHeight / 2);
  });
}

function fold(away: boolean): void {
  document.documentElement.classList.toggle("list-folded", away);
  document.querySelector("[data-beside-fold]")?.setAttribute("aria-expanded", String(!away));
  keep(FOLDED, away ? "1" : "0");
}

function made(tag: string, text: string, className = ""): HTMLElement {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

function keep(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // storage may be switched off: then there is no list beside the ticket
  }
}

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}
