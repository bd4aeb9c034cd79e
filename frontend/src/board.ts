// The load board: a ticket is dragged (mouse or finger) or sent by keyboard to somebody else. It moves at once; what is
// recorded waits ten seconds, so that a slip of the hand is undone before anybody is told.
import { isBusy } from "./keyboard";
import { onClick, ready, whenever } from "./page";

const GRACE = 10_000;
const FAR = 6; // pixels from which on a press is a drag

interface Pending {
  card: HTMLElement;
  from: HTMLElement;
  before: Element | null;
  body: URLSearchParams;
  note: HTMLElement;
  timer: number;
}

const pending = new Set<Pending>();

whenever<HTMLElement>("[data-board]", (board) => board.addEventListener("pointerdown", (event) => press(board, event)));
whenever<HTMLSelectElement>("select[data-go]", (choice) => choice.addEventListener("change", () => choice.form?.submit()));
onClick("[data-move-to]", (button, event) => {
  event.preventDefault();
  const card = button.closest<HTMLElement>("[data-card]");
  if (card) void ask(boardOf(card), card, null);
});
document.addEventListener("keydown", (event) => {
  const card = document.activeElement?.closest<HTMLElement>("[data-card]");
  if (event.key !== "m" || !card || isBusy(event)) return;
  event.preventDefault();
  void ask(boardOf(card), card, null);
});
addEventListener("pagehide", () => pending.forEach(sendOff));
ready(() => document.querySelectorAll<HTMLElement>("[data-column]").forEach(showNone));

function boardOf(inside: HTMLElement): HTMLElement {
  return inside.closest<HTMLElement>("[data-board]")!;
}

function press(board: HTMLElement, down: PointerEvent): void {
  const target = down.target as HTMLElement;
  const card = target.closest<HTMLElement>("[data-card]");
  const held = down.pointerType === "mouse" ? !target.closest("[data-move-to]") : target.closest("[data-grip]");
  if (!card || !held || down.button !== 0) return;
  let ghost: HTMLElement | null = null;
  let over: HTMLElement | null = null;

  const move = (at: PointerEvent) => {
    const [x, y] = [at.clientX - down.clientX, at.clientY - down.clientY];
    if (!ghost && Math.hypot(x, y) < FAR) return;
    ghost ??= lift(card);
    ghost.style.transform = `translate(${x}px, ${y}px)`;
    const found = document.elementFromPoint(at.clientX, at.clientY)?.closest<HTMLElement>("[data-column]") ?? null;
    if (found !== over) over?.classList.remove("is-over");
    over = found;
    over?.classList.add("is-over");
  };
  const end = (at: Event) => {
    removeEventListener("pointermove", move);
    ["pointerup", "pointercancel"].forEach((name) => removeEventListener(name, end));
    over?.classList.remove("is-over");
    card.classList.remove("is-lifted");
    if (!ghost) return;
    ghost.remove();
    addEventListener("click", stopOnce, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", stopOnce, { capture: true }), 50);
    const dropped = at.type === "pointerup" && over && over !== card.closest("[data-column]");
    if (dropped) void ask(board, card, over);
  };
  addEventListener("pointermove", move);
  ["pointerup", "pointercancel"].forEach((name) => addEventListener(name, end));
  if (down.pointerType === "mouse" && !target.closest("a")) down.preventDefault();
}

function stopOnce(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

function lift(card: HTMLElement): HTMLElement {
  const { left, top, width } = card.getBoundingClientRect();
  const ghost = card.cloneNode(true) as HTMLElement;
  ghost.classList.add("board-ghost");
  Object.assign(ghost.style, { left: `${left}px`, top: `${top}px`, width: `${width}px` });
  document.body.append(ghost);
  card.classList.add("is-lifted");
  return ghost;
}

/** To whom, if that is not said by where it was dropped; and why, if nobody has said so for an earlier one. */
async function ask(board: HTMLElement, card: HTMLElement, column: HTMLElement | null): Promise<void> {
  const reason = board.querySelector<HTMLInputElement>("[data-reason]")!;
  if (column && reason.value.trim()) return move(board, card, column);
  const dialog = document.getElementById("board-to") as HTMLDialogElement;
  const whom = dialog.querySelector("select")!;
  const why = dialog.querySelector<HTMLInputElement>("#board-why")!;
  const which = dialog.querySelector<HTMLElement>("[data-which]")!;
  which.textContent = column ? which.dataset.saysTo!.replace("{number}", card.dataset.card!).replace("{name}", () => column.dataset.name!) : card.dataset.card!;
  dialog.querySelector<HTMLElement>("[data-whom]")!.hidden = column !== null;
  why.value = reason.value;
  dialog.returnValue = "";
  dialog.showModal();
  (column ? why : whom).focus();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  card.querySelector<HTMLElement>("a")?.focus();
  if (dialog.returnValue !== "go") return;
  reason.value = why.value;
  const chosen = column ?? board.querySelector<HTMLElement>(`[data-column="${CSS.escape(whom.value)}"]`);
  if (chosen && chosen !== card.closest("[data-column]")) await move(board, card, chosen);
}

async function move(board: HTMLElement, card: HTMLElement, to: HTMLElement): Promise<void> {
  const earlier = [...pending].find((one) => one.card === card);
  if (earlier) undo(board, earlier, false);
  const from = card.closest<HTMLElement>("[data-column]")!;
  const before = card.nextElementSibling;
  if (to === from) return;
  put(card, to);
  const body = new URLSearchParams({
    number: card.dataset.card!,
    seen: card.dataset.seen!,
    team: board.dataset.team!,
    to: to.dataset.column!,
    reason: board.querySelector<HTMLInputElement>("[data-reason]")!.value,
  });
  const one: Pending = { card, from, before, body, note: document.createElement("div"), timer: 0 };
  pending.add(one);
  card.classList.add("is-pending");
  const answer = await send(board, body, { trying: "yes" });
  if (!pending.has(one)) return;
  if ("says" in answer) return back(board, one, answer.says, answer.source);
  announce(board, one, to.dataset.name!, answer.warnings);
  one.timer = window.setTimeout(() => void record(one), GRACE);
}

interface Done {
  warnings: string[];
  seen: number;
}
interface Refused {
  says: string;
  source: string;
}

async function send(board: HTMLElement, body: URLSearchParams, more: Record<string, string>): Promise<Done | Refused> {
  const asked = new URLSearchParams([...body, ...Object.entries(more)]);
  try {
    const answer = await fetch(board.dataset.board!, { method: "POST", body: asked, headers: headers() });
    if (answer.redirected) location.reload();
    if (answer.ok || answer.status === 409) return (await answer.json()) as Done | Refused;
  } catch {
    // told below, like every other failure
  }
  return { says: board.dataset.saysFailed!, source: "" };
}

function headers(): Record<string, string> {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
}

/** Whoever leaves the page has not undone it: what the browser sends off now arrives without the page. */
function sendOff(one: Pending): void {
  const asked = new URLSearchParams([...one.body, ["csrfmiddlewaretoken", headers()["X-CSRFToken"] ?? ""]]);
  navigator.sendBeacon(boardOf(one.card).dataset.board!, asked);
  pending.delete(one);
}

async function record(one: Pending): Promise<void> {
  if (!pending.delete(one)) return;
  clearTimeout(one.timer);
  one.note.querySelector("button")?.remove(); // it is on its way
  const board = boardOf(one.card);
  const answer = await send(board, one.body, {});
  if ("says" in answer) {
    pending.add(one);
    return back(board, one, answer.says, answer.source);
  }
  one.card.classList.remove("is-pending");
  one.card.dataset.seen = String(answer.seen);
  say(one.note, said(board.dataset.saysDone!, one.card.closest<HTMLElement>("[data-column]")!.dataset.name!));
  setTimeout(() => one.note.remove(), 4000);
}

function announce(board: HTMLElement, one: Pending, name: string, warnings: string[]): void {
  say(one.note, said(board.dataset.saysGoing!, name), ...warnings);
  one.note.className = `toast-note board-note${warnings.length ? " toast-warning" : ""}`;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: board.dataset.saysUndo! });
  button.dataset.key = "z";
  button.addEventListener("click", () => undo(board, one, true));
  one.note.append(button);
  board.querySelector("[data-notes]")!.append(one.note);
}

function undo(board: HTMLElement, one: Pending, aloud: boolean): void {
  clearTimeout(one.timer);
  restore(one);
  if (!aloud) return one.note.remove();
  say(one.note, board.dataset.saysBack!);
  setTimeout(() => one.note.remove(), 4000);
}

/** It was refused: the card is where it was, and the reason stays until it has been read. */
function back(board: HTMLElement, one: Pending, says: string, source: string): void {
  restore(one);
  one.note.className = "toast-note toast-error board-note";
  one.note.setAttribute("role", "alert");
  say(one.note, `${one.card.dataset.card}: ${says}`, source);
  const close = Object.assign(document.createElement("button"), { type: "button", className: "btn-close" });
  close.ariaLabel = document.getElementById("toast-words")?.dataset.dismiss ?? "";
  close.addEventListener("click", () => one.note.remove());
  one.note.append(close);
  board.querySelector("[data-notes]")!.append(one.note);
}

function restore(one: Pending): void {
  pending.delete(one);
  one.card.classList.remove("is-pending");
  const now = one.card.closest<HTMLElement>("[data-column]")!;
  const cards = one.from.querySelector("[data-cards]")!;
  cards.insertBefore(one.card, one.before?.parentNode === cards ? one.before : null);
  [now, one.from].forEach(showNone);
  recount(now, -1);
  recount(one.from, 1);
}

function put(card: HTMLElement, to: HTMLElement): void {
  const from = card.closest<HTMLElement>("[data-column]")!;
  const cards = to.querySelector("[data-cards]")!;
  const later = [...cards.children].find((other) => (other as HTMLElement).dataset.due! > card.dataset.due!);
  cards.insertBefore(card, later ?? null);
  [from, to].forEach(showNone);
  recount(from, -1);
  recount(to, 1);
}

function recount(column: HTMLElement, by: number): void {
  const count = column.querySelector("[data-count]");
  const number = Number(count?.textContent);
  if (count && !Number.isNaN(number)) count.textContent = String(number + by);
}

function showNone(column: HTMLElement): void {
  const none = column.querySelector<HTMLElement>(".board-none");
  if (none) none.hidden = column.querySelector("[data-card]") !== null;
}

function said(words: string, name: string): string {
  return words.replace("{name}", name);
}

function say(note: HTMLElement, ...lines: string[]): void {
  const text = document.createElement("div");
  text.append(...lines.filter(Boolean).map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  note.replaceChildren(text);
}
