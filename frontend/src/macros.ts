// A macro being written: steps are added, put earlier and left out; they are sent in the order in which they stand.
import htmx from "htmx.org";

import { onClick } from "./page";

onClick("[data-add-step]", (button) => {
  const steps = document.querySelector<HTMLElement>("[data-steps]")!;
  const places = [...steps.querySelectorAll<HTMLElement>("[data-step]")].map((step) => Number(step.dataset.step));
  if (places.length >= Number(steps.dataset.most)) return;
  const move = document.querySelector<HTMLSelectElement>("#step-move")!.value;
  const url = `${button.dataset.addStep}?move=${encodeURIComponent(move)}&place=${Math.max(-1, ...places) + 1}`;
  void htmx.ajax("get", url, { target: steps, source: steps, swap: "beforeend" });
});

onClick("[data-step-off]", (button) => button.closest("[data-step]")?.remove());
onClick("[data-step-up]", (button) => {
  const step = button.closest("[data-step]");
  step?.previousElementSibling?.before(step);
  button.focus();
});
