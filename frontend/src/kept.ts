// What somebody types while a part of their form is being fetched: the answer must not take it away again.
import { onAnswer } from "./page";

const TYPED = "input:not([type=hidden], [type=checkbox], [type=radio], [type=submit]), textarea";
type Field = HTMLInputElement | HTMLTextAreaElement;

const typed = new Map<string, string>();

onAnswer("htmx:beforeSwap", ({ target, shouldSwap }) => {
  typed.clear();
  if (!shouldSwap) return;
  target.closest("form")?.querySelectorAll<Field>(TYPED).forEach((field) => {
    if (field.name && field.value !== field.defaultValue) typed.set(field.name, field.value);
  });
});

document.addEventListener("htmx:afterSwap", () => {
  typed.forEach((value, name) => {
    const field = document.querySelector<Field>(`form [name="${CSS.escape(name)}"]`);
    if (field?.matches(TYPED)) field.value = value;
  });
  typed.clear();
});
