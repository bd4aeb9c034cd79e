// Keys of the desk. Nothing happens while somebody types, composes a Chinese word, or has a dialog open.
// A key that means something else on some page is not the frame's there: data-key-not-on="#ticket".
// <a data-key="c">, <button data-key="t">, <input data-key="/">, <a data-key="g i">; list rows have <a data-row>.
import { walkBeside } from "./beside";

const TOGETHER = 1500; // ms between the two keys of a sequence

let before = "";
let beforeAt = 0;

document.addEventListener("keydown", (event) => {
  if (isBusy(event)) return;
  const sequence = event.timeStamp - beforeAt < TOGETHER && before ? `${before} ${event.key}` : event.key;
  const acted = act(sequence) || (sequence !== event.key && act(event.key));
  before = acted ? "" : event.key;
  beforeAt = event.timeStamp;
  if (acted) event.preventDefault();
});

export function isBusy(event: KeyboardEvent): boolean {
  const composing = event.isComposing || event.keyCode === 229;
  const chord = event.ctrlKey || event.metaKey || event.altKey;
  return composing || chord || isTyping(event.target) || document.querySelector("dialog[open]") !== null;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || !isShown(target)) return false; // a closed dialog keeps the focus for a moment
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
}

function act(keys: string): boolean {
  if (keys === "?") return showSheet();
  if (keys === "j" || keys === "k") return walk(keys === "j" ? 1 : -1);
  const asked = new CustomEvent("desk-key", { detail: keys, cancelable: true });
  if (!document.dispatchEvent(asked)) return true;
  const owner = ownersOf(keys)[0];
  if (!owner) return false;
  if (owner.matches("input, textarea, select")) owner.focus();
  else owner.click();
  return true;
}

function walk(step: 1 | -1): boolean {
  if (walkBeside(step)) return true;
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")].filter(isShown);
  if (!rows.length) return false;
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: "nearest" });
  return true;
}

function showSheet(): boolean {
  const sheet = document.getElementById("keys") as HTMLDialogElement | null;
  if (!sheet) return false;
  for (const list of sheet.querySelectorAll<HTMLElement>("[data-keys-of]")) {
    list.replaceChildren(...keysOf(list.dataset.keysOf!));
    list.hidden = !list.childElementCount;
    (list.previousElementSibling as HTMLElement).hidden = list.hidden;
  }
  sheet.showModal();
  return true;
}

/** The keys of one group, from the elements that own them: the page's own, places one goes to, and the frame's. */
function keysOf(group: string): HTMLElement[] {
  const owning = owners().filter((owner) => owner.dataset.key !== "/" && owner === ownersOf(owner.dataset.key!)[0]);
  const chosen = owning.filter((owner) => groupOf(owner) === group);
  return chosen.flatMap((owner) => {
    const term = made("dt");
    for (const key of owner.dataset.key!.split(" ")) term.append(made("kbd", key), " ");
    return [term, made("dd", owner.getAttribute("aria-label") ?? plainText(owner))];
  });
}

function groupOf(owner: HTMLElement): string {
  if (owner.dataset.key!.startsWith("g ")) return "places";
  return owner.closest("#main") ? "page" : "frame";
}

/** Who answers to a key: what the page itself offers before what stands on every page. */
function ownersOf(keys: string): HTMLElement[] {
  const named = owners().filter((owner) => owner.dataset.key === keys);
  return [...named.filter((owner) => owner.closest("#main")), ...named.filter((owner) => !owner.closest("#main"))];
}

function owners(): HTMLElement[] {
  const all = [...document.querySelectorAll<HTMLElement>("[data-key]")];
  return all.filter((owner) => isReachable(owner) && !(owner.dataset.keyNotOn && document.querySelector(owner.dataset.keyNotOn)));
}

function made(tag: string, text = ""): HTMLElement {
  return Object.assign(document.createElement(tag), { textContent: text });
}

function plainText(owner: HTMLElement): string {
  const copy = owner.cloneNode(true) as HTMLElement;
  copy.querySelectorAll(".count, kbd, svg").forEach((part) => part.remove());
  return copy.textContent?.trim() ?? "";
}

function isShown(element: HTMLElement): boolean {
  return element.getClientRects().length > 0;
}

/** Shown, or in a menu that would show it. */
function isReachable(element: HTMLElement): boolean {
  const menu = element.closest<HTMLElement>("details.menu:not([open])");
  return isShown(element) || (menu !== null && isShown(menu));
}

document.addEventListener("click", (event) => {
  if ((event.target as Element).closest("[data-keys-sheet]")) showSheet();
});
