// Light or dark, ordinary or large text: chosen here, kept on this computer, applied by theme.js before the first paint.
import { onClick, whenever } from "./page";

const root = document.documentElement;

onClick("[data-theme-toggle]", () => {
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  keep("theme", root.dataset.bsTheme);
});

onClick("[data-text-toggle]", (button) => {
  const large = root.dataset.text !== "large";
  if (large) root.dataset.text = "large";
  else delete root.dataset.text;
  button.setAttribute("aria-pressed", String(large));
  keep("text", large ? "large" : "");
});

whenever("[data-text-toggle]", (button) => {
  button.setAttribute("aria-pressed", String(root.dataset.text === "large"));
});

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage may be switched off: then the choice lasts for this page
  }
}
