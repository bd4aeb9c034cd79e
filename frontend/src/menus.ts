// Menus are <details class="menu">: they open into sight and close when one looks elsewhere.
import { onClick } from "./page";

document.addEventListener("click", (event) => closeMenus(event.target as Node));
document.addEventListener("focusin", (event) => closeMenus(event.target as Node));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
});

document.addEventListener(
  "toggle",
  ({ target }) => {
    const menu = target as HTMLDetailsElement;
    if (menu.matches("details.menu[open]")) menu.querySelector(".menu-body")?.scrollIntoView({ block: "nearest" });
  },
  true, // it does not bubble
);

function closeMenus(outside: Node): void {
  document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => {
    if (!menu.contains(outside)) menu.open = false;
  });
}

onClick("[data-back]", () => history.back());
