// Before the first paint: the theme this reader chose, or what their system prefers; and whether they folded the list
// beside a ticket, so that nothing moves afterwards.
(function () {
  const root = document.documentElement;
  const kept = (key, storage = "localStorage") => {
    try {
      return window[storage].getItem(key);
    } catch {
      return null; // storage may be switched off
    }
  };
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.bsTheme = kept("theme") || (dark ? "dark" : "light");
  if (kept("list-folded", "sessionStorage") === "1") root.classList.add("list-folded");
})();
