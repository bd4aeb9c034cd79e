// What was refused is said first, and where it is said the reading goes on. A field that was refused counts as wrong
// until it is changed: what it is then, the next sending tells.
import { ready } from "./page";

type Marked = NodeListOf<HTMLElement> | HTMLElement[];

ready(() => document.getElementById("wrong")?.focus()); // browsers of a few years ago let no <div> have autofocus

document.addEventListener("input", ({ target }) => forgive(target as HTMLElement));
document.addEventListener("change", ({ target }) => forgive(target as HTMLElement)); // some choices tell no other way

function forgive(changed: HTMLElement): void {
  const wrong = changed.closest<HTMLElement>(".field-wrong");
  if (wrong) {
    wrong.querySelectorAll(".field-error").forEach((said) => takeAway(said, wrong));
    wrong.classList.remove("field-wrong");
  }
  const marked: Marked = wrong?.querySelectorAll<HTMLElement>("[aria-invalid]") ?? [changed];
  marked.forEach((field) => {
    field.removeAttribute("aria-invalid");
    field.classList.remove("is-invalid");
  });
}

/** With it goes what leads to it: nobody is sent to a description that is not there. */
function takeAway(said: Element, wrong: HTMLElement): void {
  wrong.querySelectorAll("[aria-describedby]").forEach((field) => {
    const left = field.getAttribute("aria-describedby")!.split(" ").filter((id) => id !== said.id);
    if (left.length) field.setAttribute("aria-describedby", left.join(" "));
    else field.removeAttribute("aria-describedby");
  });
  said.remove();
}
