// A box with the lines it finds: Ctrl+K's, and the one on top of a page. The keyboard stays in the box; a line is only
// marked, and Enter clicks it. Nothing happens in the middle of a Chinese word.

/** Up and down mark another line, Enter takes the marked one. */
export function answerKey(finder: HTMLElement, event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const marked = markedIn(finder);
  const next = step ? neighbour(linesOf(finder), marked, step) : undefined;
  if (event.key === "Enter") marked?.click(); // with none marked the form is sent: a search for what was typed
  else if (next) mark(finder, next);
  if (next || (event.key === "Enter" && marked)) event.preventDefault();
}

export function mark(finder: HTMLElement, line: HTMLElement | undefined): void {
  markedIn(finder)?.setAttribute("aria-selected", "false");
  line?.setAttribute("aria-selected", "true");
  line?.scrollIntoView({ block: "nearest" });
  if (line) boxOf(finder).setAttribute("aria-activedescendant", line.id);
  else boxOf(finder).removeAttribute("aria-activedescendant");
}

export function linesOf(finder: HTMLElement): HTMLElement[] {
  return [...finder.querySelectorAll<HTMLElement>("[role=option]")];
}

export function markedIn(finder: HTMLElement): HTMLElement | null {
  return finder.querySelector<HTMLElement>("[role=option][aria-selected=true]");
}

export function boxOf(finder: HTMLElement): HTMLInputElement {
  return finder.querySelector<HTMLInputElement>("[role=combobox]")!;
}

export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** The line before or after the marked one, round the ends; the first or the last where none is. */
function neighbour(lines: HTMLElement[], marked: HTMLElement | null, step: number): HTMLElement | undefined {
  if (!marked) return lines[step > 0 ? 0 : lines.length - 1];
  return lines[(lines.indexOf(marked) + step + lines.length) % lines.length];
}
