// Ctrl+K: a box over the page that finds and goes. Its first line is always marked.
import { answerKey, boxOf, isComposing, linesOf, mark, markedIn } from "./finder";
import { onClick } from "./page";
import { recentTickets } from "./recent";

document.addEventListener("keydown", (event) => {
  const chord = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k";
  if (!chord || event.isComposing || !palette()) return;
  event.preventDefault();
  if (palette()!.open) palette()!.close();
  else if (!document.querySelector("dialog[open]")) open();
});
onClick("[data-palette]", open);

document.addEventListener("keydown", (event) => {
  const dialog = palette();
  if (!dialog || event.target !== boxOf(dialog) || isComposing(event)) return;
  if (event.key !== "Tab") return answerKey(dialog, event);
  if (!linesOf(dialog).length) return;
  event.preventDefault();
  mark(dialog, ofNextGroup(dialog, event.shiftKey ? -1 : 1));
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  if ((target as HTMLElement).id !== "palette-found") return;
  const [first] = linesOf(palette()!);
  boxOf(palette()!).setAttribute("aria-expanded", String(first !== undefined));
  mark(palette()!, first);
});

onClick("#palette [role=option]", () => palette()!.close());

function open(): void {
  const dialog = palette();
  if (!dialog || dialog.open) return;
  const recent = recentTickets().map((number) => Object.assign(document.createElement("input"), { type: "hidden", name: "recent", value: number }));
  dialog.querySelector("[data-recent]")!.replaceChildren(...recent);
  dialog.showModal();
  const box = boxOf(dialog);
  box.value = "";
  box.focus();
  box.dispatchEvent(new CustomEvent("typed", { bubbles: true }));
}

function ofNextGroup(dialog: HTMLElement, step: 1 | -1): HTMLElement | undefined {
  const groups = [...dialog.querySelectorAll<HTMLElement>("[role=group]")];
  const at = groups.findIndex((group) => group.contains(markedIn(dialog)));
  return groups[(at + step + groups.length) % groups.length]?.querySelector<HTMLElement>("[role=option]") ?? undefined;
}

function palette(): HTMLDialogElement | null {
  return document.getElementById("palette") as HTMLDialogElement | null;
}
