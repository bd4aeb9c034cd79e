// Wording with blanks: <button data-phrase="…"> puts it into the text of its form, Tab goes from blank to blank, and what
// is still blank is marked in the text and named below it. The desk refuses a text with a blank whatever happens here.
import { onClick, whenever } from "./page";

const BLANK = /\{[^{}\n]{0,40}\}|【[^【】\n]{0,40}】/g;
// What the text behind a field must have in common with it, so that its marks stand under the words.
const ALIKE = ["font", "letter-spacing", "line-height", "padding", "border-width", "text-indent", "tab-size"];
const LIKE_TIME = "[name=due_at], [name=expected_at]";

interface Blank {
  start: number;
  end: number;
  name: string;
}

onClick("[data-phrase]", (button) => {
  const text = textOf(button);
  if (!text) return;
  const inBlank = blanksOf(text).some((blank) => blank.start === text.selectionStart && text.selectionEnd === blank.end);
  const at = inBlank ? text.value.length : text.selectionEnd; // what waits to be filled is not written over
  const before = text.value.slice(0, at);
  const apart = before && !before.endsWith("\n") ? "\n" : "";
  text.focus();
  text.setRangeText(apart + button.dataset.phrase!, at, at, "end");
  fillTimes(text);
  changed(text);
  select(text, blanksOf(text).find((blank) => blank.start >= at));
});

onClick("[data-blank]", (button) => {
  const text = textOf(button);
  if (!text) return;
  text.focus();
  select(text, blanksOf(text)[Number(button.dataset.blank)]);
});

document.addEventListener("keydown", (event) => {
  const text = event.target as HTMLTextAreaElement;
  if (event.key !== "Tab" || event.isComposing || event.ctrlKey || event.altKey || !text.matches("[data-blanks] textarea")) return;
  const blanks = blanksOf(text);
  const next = event.shiftKey
    ? blanks.reverse().find((blank) => blank.end <= text.selectionStart)
    : blanks.find((blank) => blank.start >= text.selectionEnd);
  if (!next) return;
  event.preventDefault();
  select(text, next);
});

document.addEventListener("change", ({ target }) => {
  const field = target as HTMLElement;
  const text = field.matches(LIKE_TIME) ? textOf(field) : null;
  if (!text) return;
  fillTimes(text);
  changed(text);
});
document.addEventListener("input", ({ target }) => {
  const text = target as HTMLTextAreaElement;
  if (text.matches("[data-blanks] textarea")) mark(text);
});
whenever<HTMLFormElement>("form [data-phrases]", (phrases) => {
  const text = textOf(phrases);
  if (!text) return;
  const back = Object.assign(document.createElement("div"), { className: "blanks-back", ariaHidden: "true" });
  const around = Object.assign(document.createElement("div"), { className: "blanks-in" });
  text.replaceWith(around);
  around.append(back, text);
  const look = getComputedStyle(text);
  for (const name of ALIKE) back.style.setProperty(name, look.getPropertyValue(name));
  text.addEventListener("scroll", () => (back.scrollTop = text.scrollTop));
  new ResizeObserver(() => mark(text)).observe(text);
  mark(text);
});

/** The text of a form with wording. */
function textOf(part: HTMLElement): HTMLTextAreaElement | null {
  return part.closest("form")?.querySelector<HTMLTextAreaElement>("[data-blanks] textarea") ?? null;
}

function blanksOf(text: HTMLTextAreaElement): Blank[] {
  const names = JSON.parse(text.closest<HTMLElement>("[data-blanks]")!.dataset.blanks!) as string[];
  return [...text.value.matchAll(BLANK)]
    .map((found) => ({ start: found.index, end: found.index + found[0].length, name: found[0].slice(1, -1).trim() }))
    .filter((blank) => text.value[blank.start] === "{" || !blank.name || names.includes(blank.name));
}

function select(text: HTMLTextAreaElement, blank: Blank | undefined): void {
  if (blank) text.setSelectionRange(blank.start, blank.end);
}

/** A time the form asks for goes into the blanks that mean it. */
function fillTimes(text: HTMLTextAreaElement): void {
  const time = text.form?.querySelector<HTMLInputElement>(LIKE_TIME)?.value.replace("T", " ");
  const names = (text.closest<HTMLElement>("[data-blanks]")!.dataset.times ?? "").split("|");
  if (time) names.forEach((name) => (text.value = text.value.replaceAll(`【${name}】`, time)));
}

function changed(text: HTMLTextAreaElement): void {
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

/** What is blank is seen in the text itself, and can be chosen from the line below it. */
function mark(text: HTMLTextAreaElement): void {
  const blanks = blanksOf(text);
  const back = text.previousElementSibling as HTMLElement;
  if (!back?.matches(".blanks-back")) return;
  let from = 0;
  const parts: (string | Node)[] = [];
  for (const blank of blanks) {
    parts.push(text.value.slice(from, blank.start), made("mark", text.value.slice(blank.start, blank.end)));
    from = blank.end;
  }
  back.replaceChildren(...parts, text.value.slice(from) + "\n");
  back.style.height = `${text.offsetHeight}px`;
  back.scrollTop = text.scrollTop;
  text.parentElement!.classList.toggle("has-blanks", blanks.length > 0);
  const left = text.form?.querySelector<HTMLElement>("[data-blanks-left]");
  if (!left) return;
  left.hidden = !blanks.length;
  left.querySelector("span")!.replaceChildren(
    ...blanks.map((blank, place) => {
      const button = made("button", blank.name || "…") as HTMLButtonElement;
      button.type = "button";
      button.dataset.blank = String(place);
      return button;
    }),
  );
}

function made(tag: string, text: string): HTMLElement {
  return Object.assign(document.createElement(tag), { textContent: text });
}
