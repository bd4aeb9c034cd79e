// What goes on without a reload. `data-live="/address"`: asked again every so many seconds while the tab is seen, with
// the tag of the last answer, so that an unchanged one costs a 304. A list never moves under somebody's eyes: rows that
// changed are replaced where they stand, those that left are greyed, and newcomers wait behind a button.
import htmx from "htmx.org";

import { connectionLost } from "./answers";
import { ready, whenever, word } from "./page";
import { boxes, told } from "./ticks";

const EVERY = 20_000;
const ROWS = "tr[data-ticket], [data-item]"; // of a list, whatever it lists: each with its name and, in data-seq, what it shows
const CHOSEN = "[name=chosen], [name=order]"; // what is ticked of lists that are not of tickets
const AWAY = 60_000; // whoever was away so long reads nothing any more

const tags = new Map<string, string>();
let hiddenAt = Date.now();
let marks: Record<string, string> = {}; // who is in which ticket, by number
let waiting: HTMLElement | null = null;

ready(() => setInterval(() => void look(), EVERY));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenAt = Date.now();
  else void look(Date.now() - hiddenAt > AWAY);
});
// After what one did oneself (detail: true) the list is put in order at once.
document.addEventListener("lists-changed", (event) => void look((event as CustomEvent<boolean>).detail === true));
whenever<HTMLElement>("#list", () => {
  waiting = null;
  void presence();
});

async function look(anew = false): Promise<void> {
  if (document.hidden) return;
  const places = [...document.querySelectorAll<HTMLElement>("[data-live]")];
  await Promise.all(places.map((place) => refresh(place, anew)));
  await presence();
}

async function refresh(place: HTMLElement, anew: boolean): Promise<void> {
  const url = place.dataset.live!;
  const answer = await ask(url, place.id);
  if (!answer) return;
  const fresh = parsed(answer, place.id);
  if (place.id !== "list") place.replaceChildren(...(fresh ? fresh.childNodes : []));
  else if (fresh) mend(place, fresh, anew);
}

/** The answer, or nothing where it is the same as before. */
async function ask(url: string, target: string): Promise<string | null> {
  const tag = tags.get(url) ?? document.getElementById(target)?.dataset.tag;
  const headers: Record<string, string> = { "HX-Request": "true", "HX-Target": target, "HX-Current-URL": location.href };
  if (tag) headers["If-None-Match"] = tag;
  try {
    const answer = await fetch(url, { headers, cache: "no-store" });
    if (answer.redirected) location.reload(); // the session has ended
    if (answer.status !== 200) return null;
    tags.set(url, answer.headers.get("ETag") ?? "");
    return await answer.text();
  } catch {
    connectionLost();
    return null;
  }
}

function parsed(html: string, id: string): HTMLElement | null {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.getElementById(id) ?? (id === "list" ? null : page.body);
}

/** What changed, without anything moving. */
function mend(list: HTMLElement, fresh: HTMLElement, anew: boolean): void {
  const before = rowsOf(list);
  const after = rowsOf(fresh);
  if (anew && !document.querySelector("dialog[open]")) return swap(list, fresh);
  if (before.size === 0 && after.size > 0 && !isBusy(list)) return swap(list, fresh);
  for (const [number, row] of before) {
    const now = after.get(number);
    row.classList.toggle("is-gone", !now);
    if (now && now.dataset.seq !== row.dataset.seq) replace(row, now);
  }
  const newcomers = [...after.keys()].filter((number) => !before.has(number)).length;
  const gone = [...before.keys()].filter((number) => !after.has(number)).length;
  waiting = newcomers || gone ? fresh : null;
  tell(list, newcomers, gone);
  keepBar(list);
}

/** What can be done with the ticked is there as soon as a row can be ticked, and goes when none can. */
function keepBar(list: HTMLElement): void {
  const bar = list.querySelector<HTMLElement>("[data-bar]");
  if (bar) bar.hidden = list.querySelector(CHOSEN) === null;
}

function rowsOf(list: HTMLElement): Map<string, HTMLElement> {
  const rows = [...list.querySelectorAll<HTMLElement>(ROWS)];
  return new Map(rows.map((row) => [nameOf(row), row]));
}

function nameOf(row: HTMLElement): string {
  return row.dataset.ticket ?? row.dataset.item ?? "";
}

/** Somebody has ticked something, or has a dialog open. */
function isBusy(list: HTMLElement): boolean {
  return boxes().some((box) => box.checked) || document.querySelector("dialog[open]") !== null || list.contains(document.activeElement);
}

function replace(row: HTMLElement, now: HTMLElement): void {
  const ticked = row.querySelector<HTMLInputElement>("input[name=ticket]")?.checked ?? false;
  const focused = row.contains(document.activeElement);
  const copy = document.importNode(now, true);
  const box = copy.querySelector<HTMLInputElement>("input[name=ticket]");
  if (box) box.checked = ticked;
  unfold(row, copy);
  copy.classList.add("is-new");
  row.replaceWith(copy);
  htmx.process(copy);
  if (focused) copy.querySelector<HTMLElement>("[data-row]")?.focus();
  document.dispatchEvent(new CustomEvent("rows-changed"));
  told();
}

/** What was unfolded stays so. */
function unfold(row: HTMLElement, copy: HTMLElement): void {
  const open = [...row.querySelectorAll("details")].map((one) => one.open);
  copy.querySelectorAll("details").forEach((one, place) => (one.open = open[place] ?? false));
}

function tell(list: HTMLElement, newcomers: number, gone: number): void {
  const note = list.querySelector<HTMLElement>("[data-news]");
  if (!note) return;
  note.hidden = !newcomers && !gone;
  const says = newcomers ? word("list-words", "newcomers") : word("list-words", "gone");
  const place = note.querySelector("[data-says]");
  const text = says.replace("{n}", String(newcomers || gone));
  if (place && place.textContent !== text) place.textContent = text;
}

document.addEventListener("click", (event) => {
  if ((event.target as Element).closest("[data-show-news]")) showNews();
});

/** The list as it is now; what is ticked and still there stays ticked. */
export function showNews(): boolean {
  const list = document.getElementById("list");
  if (!list || !waiting) return false;
  swap(list, waiting);
  return true;
}

function swap(list: HTMLElement, fresh: HTMLElement): void {
  const ticked = new Set(boxes().filter((box) => box.checked).map((box) => box.value.split(":")[0]));
  const known = rowsOf(list);
  const focus = document.activeElement?.closest<HTMLElement>(ROWS);
  const focused = focus ? nameOf(focus) : "";
  const copy = document.importNode(fresh, true);
  carryOver(list, copy);
  list.replaceWith(copy);
  for (const [number, row] of rowsOf(copy)) {
    if (!known.has(number)) row.classList.add("is-new");
    const box = row.querySelector<HTMLInputElement>("input[name=ticket]");
    if (box && ticked.has(number)) box.checked = true;
    if (number === focused) row.querySelector<HTMLElement>("[data-row]")?.focus({ preventScroll: true });
  }
  htmx.process(copy);
  told();
}

/** What somebody has typed, and the proposals they have ticked: only those that are still what they read. */
function carryOver(list: HTMLElement, copy: HTMLElement): void {
  for (const typed of list.querySelectorAll<HTMLInputElement>("[data-stays]")) {
    const there = copy.querySelector<HTMLInputElement>(`#${typed.id}`);
    if (there) there.value = typed.value;
  }
  const chosen = [...list.querySelectorAll<HTMLInputElement>(CHOSEN)].filter((box) => box.checked).map((box) => box.value);
  for (const box of copy.querySelectorAll<HTMLInputElement>(CHOSEN)) box.checked = chosen.includes(box.value);
}

/** Who is in the tickets on the page. */
async function presence(): Promise<void> {
  const place = document.querySelector<HTMLElement>("[data-presence]");
  const rows = [...document.querySelectorAll<HTMLElement>("tr[data-ticket]")];
  if (!place || !rows.length || document.hidden) return;
  const query = new URLSearchParams(rows.map((row) => ["number", row.dataset.ticket!]));
  const answer = await ask(`${place.dataset.presence}?${query}`, "presence");
  if (answer !== null) marks = JSON.parse(answer) as Record<string, string>;
  for (const row of rows) {
    const here = row.querySelector("[data-here]");
    const html = marks[row.dataset.ticket!] ?? "";
    if (here && here.innerHTML !== html) here.innerHTML = html;
  }
}
