// What somebody opened and looked for lately, on this computer and for them alone. Numbers of tickets say nobody's
// name; words are kept only where the server says that they are nobody's (data-keep-search), until they sign out.
import { onClick, ready, whenever } from "./page";

const TICKETS_AT_MOST = 12;
const SEARCHES_AT_MOST = 8;
const TICKET = /^\/tickets\/([A-Z0-9]{2,4}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9])$/;

export function recentTickets(): string[] {
  return read("tickets");
}

ready(() => {
  const number = TICKET.exec(location.pathname)?.[1];
  if (number) remember("tickets", number, TICKETS_AT_MOST);
  const kept = document.querySelector<HTMLElement>("[data-keep-search]")?.dataset.keepSearch;
  if (kept) remember("searches", kept, SEARCHES_AT_MOST);
});

onClick("[data-keep-search] [data-row]", (row) => {
  const kept = row.closest<HTMLElement>("[data-keep-search]")?.dataset.keepSearch;
  if (kept) remember("searches", kept, SEARCHES_AT_MOST);
});

whenever<HTMLElement>("[data-recent-searches]", (place) => {
  const list = place.querySelector("ul");
  const searches = read("searches");
  if (!list || !searches.length) return;
  list.replaceChildren(...searches.map(again));
  place.hidden = false;
});

onClick("[data-search-again]", (button) => {
  const box = document.querySelector<HTMLInputElement>("#look-for");
  if (!box) return;
  box.value = button.textContent ?? "";
  box.focus();
  box.dispatchEvent(new CustomEvent("typed", { bubbles: true }));
});

document.addEventListener("submit", ({ target }) => {
  if ((target as HTMLFormElement).action.includes("/logout")) guarded(() => localStorage.removeItem(keyOf("searches")));
});

function again(words: string): HTMLElement {
  const row = document.createElement("li");
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: words });
  button.dataset.searchAgain = "";
  row.append(button);
  return row;
}

function remember(what: string, one: string, most: number): void {
  const others = read(what).filter((other) => other !== one);
  guarded(() => localStorage.setItem(keyOf(what), JSON.stringify([one, ...others].slice(0, most))));
}

function read(what: string): string[] {
  const kept: unknown = guarded(() => JSON.parse(localStorage.getItem(keyOf(what)) ?? "[]") as unknown);
  return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === "string") : [];
}

function keyOf(what: string): string {
  return `recent-${what}:${document.body.dataset.person ?? ""}`;
}

function guarded<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null; // storage is full or switched off: then nothing is remembered
  }
}
