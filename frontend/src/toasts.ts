// Short notes in the corner. The server sends them as messages, or by `HX-Trigger: {"toast": {"text", "level"}}`.
import { onClick, whenever, word } from "./page";

const STAYS_FOR = 7000;

export function toast(text: string, level = "info"): void {
  const note = document.createElement("div");
  note.className = `toast-note toast-${level}`;
  note.setAttribute("role", level === "error" ? "alert" : "status");
  note.textContent = text;
  note.append(dismissButton());
  document.getElementById("toasts")?.append(note);
  fade(note);
}

function dismissButton(): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn-close";
  button.dataset.dismiss = "";
  button.ariaLabel = word("toast-words", "dismiss");
  return button;
}

/** Errors stay until they are dismissed; the rest goes by itself, but not from under the mouse. */
function fade(note: HTMLElement): void {
  if (note.classList.contains("toast-error") || note.dataset.countsDown) return;
  setTimeout(() => (note.matches(":hover, :focus-within") ? fade(note) : note.remove()), STAYS_FOR);
}

whenever(".toast-note", fade);
onClick("[data-dismiss]", (button) => button.closest(".toast-note")?.remove());
document.addEventListener("toast", (event) => {
  const { text, level } = (event as CustomEvent<{ text: string; level?: string }>).detail;
  toast(text, level);
});
