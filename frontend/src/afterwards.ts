// What can be taken back is offered for ten seconds, counted down where one sees it; whoever is on the button has longer.
import { onClick, whenever } from "./page";

whenever<HTMLElement>("[data-counts-down]", (note) => {
  let left = Number(note.dataset.countsDown);
  const shown = note.querySelector("[data-left]");
  const timer = setInterval(() => {
    if (!note.isConnected) return clearInterval(timer);
    if (note.matches(":hover, :focus-within")) return;
    if (shown) shown.textContent = String(--left);
    if (left <= 0) note.remove();
  }, 1000);
  note.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    if (xhr.status < 400) note.remove();
  });
});

onClick("[data-term-off]", (button) => button.closest("form")?.remove());
