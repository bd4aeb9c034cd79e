// Light or dark: chosen here, kept on this computer, applied by theme.js before the first paint.
import { onClick } from "./page";

const root = document.documentElement;

onClick("[data-theme-toggle]", () => {
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  keep("theme", root.dataset.bsTheme);
});

// Whoever changes the language or the type stays where HTMX has brought the page meanwhile.
for (const moved of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) {
  document.addEventListener(moved, (event) => {
    const { path } = (event as CustomEvent<{ path: string }>).detail;
    const places = document.querySelectorAll<HTMLInputElement>(".languages [name=next], .care-switch [name=next]");
    places.forEach((place) => (place.value = path));
  });
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage may be switched off: then the choice lasts for this page
  }
}
