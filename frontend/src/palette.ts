// Ctrl+K: a box over the page that finds and goes. The keyboard stays in the box; the chosen line is only marked, and
// Enter clicks it. Nothing happens in the middle of a Chinese word.
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
  if (event.target !== box() || event.isComposing || event.keyCode === 229) return;
  const lines = all();
  if (event.key === "Enter") return go(event);
  const to = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (to === undefined && event.key !== "Tab") return;
  if (!lines.length) return;
  event.preventDefault();
  if (to === undefined) mark(ofNextGroup(event.shiftKey ? -1 : 1));
  else mark(lines[(lines.indexOf(chosen()!) + to + lines.length) % lines.length]);
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  if ((target as HTMLElement).id === "palette-found") mark(all()[0]);
});

onClick("#palette [role=option]", () => palette()!.close());

function open(): void {
  const dialog = palette();
  if (!dialog || dialog.open) return;
  const recent = recentTickets().map((number) => Object.assign(document.createElement("input"), { type: "hidden", name: "recent", value: number }));
  dialog.querySelector("[data-recent]")!.replaceChildren(...recent);
  dialog.showModal();
  box()!.value = "";
  box()!.focus();
  box()!.dispatchEvent(new CustomEvent("typed", { bubbles: true }));
}

function go(event: KeyboardEvent): void {
  const line = chosen();
  if (!line) return; // the form is sent: a search for what was typed
  event.preventDefault();
  line.click();
}

function mark(line: HTMLElement | undefined): void {
  box()!.setAttribute("aria-expanded", String(line !== undefined));
  chosen()?.setAttribute("aria-selected", "false");
  line?.setAttribute("aria-selected", "true");
  line?.scrollIntoView({ block: "nearest" });
  if (line) box()!.setAttribute("aria-activedescendant", line.id);
  else box()!.removeAttribute("aria-activedescendant");
}

function ofNextGroup(step: 1 | -1): HTMLElement | undefined {
  const groups = [...palette()!.querySelectorAll<HTMLElement>("[role=group]")];
  const at = groups.findIndex((group) => group.contains(chosen()));
  return groups[(at + step + groups.length) % groups.length]?.querySelector<HTMLElement>("[role=option]") ?? undefined;
}

function all(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("#palette [role=option]")];
}

function chosen(): HTMLElement | null {
  return document.querySelector<HTMLElement>("#palette [aria-selected=true]");
}

function box(): HTMLInputElement | null {
  return document.querySelector<HTMLInputElement>("#palette [role=combobox]");
}

function palette(): HTMLDialogElement | null {
  return document.getElementById("palette") as HTMLDialogElement | null;
}
