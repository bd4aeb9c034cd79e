// The box on top of a page answers while somebody types, with the lines of Ctrl+K. They lie over the page and move
// nothing; none is marked until somebody goes down to it, so Enter alone looks through all tickets.
import { answerKey, boxOf, isComposing, mark } from "./finder";
import { onAnswer, onClick } from "./page";

let wanted = false; // an answer that comes after Escape, or when somebody has gone on, is not shown
let asked = ""; // for which words the server was asked last
let answered = ""; // the words whose lines are in the list

document.addEventListener("input", ({ target }) => {
  if (target !== box()) return;
  wanted = words() !== "";
  if (!wanted) close();
  else if (words() === answered) show(true); // typed anew: nobody asks again for the same
});

document.addEventListener("keydown", (event) => {
  if (event.target !== box() || isComposing(event)) return;
  if (event.key === "Escape" && isOpen()) {
    event.preventDefault(); // which would empty the box
    close();
  } else if (isOpen()) answerKey(form()!, event);
  else if (event.key === "ArrowDown" && words()) askAgain();
});

onAnswer("htmx:beforeRequest", ({ requestConfig }, event) => {
  if (requestConfig.elt !== box()) return;
  if (wanted) asked = words();
  else event.preventDefault();
});
onAnswer("htmx:beforeSwap", (answer) => {
  if (answer.target === found() && !wanted) answer.shouldSwap = false;
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target !== found()) return;
  answered = asked;
  show(true);
});

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  if (target === box() && !form()!.contains(relatedTarget as Node | null)) close();
});
document.addEventListener("mousedown", (event) => {
  if (found()?.contains(event.target as Node)) event.preventDefault(); // the focus stays in the box
});
document.addEventListener("submit", ({ target }) => {
  if (target === form()) close();
});
onClick("#quick-found [role=option]", close);

function askAgain(): void {
  wanted = true;
  box()!.dispatchEvent(new CustomEvent("typed", { bubbles: true }));
}

/** Hides the lines; one that is just being clicked still needs its place in the page. */
function close(): void {
  wanted = false;
  show(false);
}

function show(open: boolean): void {
  mark(form()!, undefined);
  found()!.hidden = !open;
  box()!.setAttribute("aria-expanded", String(open));
}

function isOpen(): boolean {
  return found()?.hidden === false;
}

function words(): string {
  return box()?.value.trim() ?? "";
}

function form(): HTMLElement | null {
  return document.getElementById("quick-form");
}

function box(): HTMLInputElement | null {
  return form() && boxOf(form()!);
}

function found(): HTMLElement | null {
  return document.getElementById("quick-found");
}
