// <span class="optional" data-needed-with="again" data-needed="needed">: its field is needed while the box of that name
// is ticked, and says so at once.
import { whenever } from "./page";

whenever<HTMLElement>("[data-needed-with]", (mark) => {
  const form = mark.closest("form");
  const field = mark.closest(".field")?.querySelector("textarea, input, select");
  const box = form?.elements.namedItem(mark.dataset.neededWith!);
  if (!form || !field || !(box instanceof HTMLInputElement)) return;
  const otherwise = mark.textContent;
  const tell = () => {
    mark.textContent = box.checked ? mark.dataset.needed! : otherwise;
    mark.classList.toggle("needed", box.checked);
    field.setAttribute("aria-required", String(box.checked));
  };
  box.addEventListener("change", tell);
  form.addEventListener("reset", () => setTimeout(tell));
  tell();
});
