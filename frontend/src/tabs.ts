// <div role="tablist" data-tabs data-remember="cookie">: a closed pane is fetched when its tab is first opened; which one
// is open is kept in a cookie, so that the next page comes with it. Arrows go from tab to tab.
import htmx from "htmx.org";

import { onClick } from "./page";

const A_YEAR = 365 * 24 * 3600;
const UNSEEN = 120; // pixels above the lower edge: on a phone the tabs stand there, and what they open further down

onClick("[data-tab]", (tab, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  choose(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = (event.target as Element).closest<HTMLElement>("[data-tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !step) return;
  const tabs = tabsBeside(tab);
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]!;
  event.preventDefault();
  next.focus();
  choose(next);
});

function choose(tab: HTMLElement): void {
  for (const other of tabsBeside(tab)) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    panelOf(other).hidden = !chosen;
  }
  const panel = panelOf(tab);
  if (!panel.childElementCount) void htmx.ajax("get", tab.dataset.from!, { target: panel, source: panel, swap: "innerHTML" });
  if (panel.getBoundingClientRect().top > innerHeight - UNSEEN) panel.scrollIntoView({ block: "start" });
  const cookie = tab.closest<HTMLElement>("[data-tabs]")!.dataset.remember;
  document.cookie = `${cookie}=${tab.dataset.tab}; path=/; max-age=${A_YEAR}; samesite=lax`;
}

function tabsBeside(tab: HTMLElement): HTMLElement[] {
  return [...tab.closest("[data-tabs]")!.querySelectorAll<HTMLElement>("[data-tab]")];
}

function panelOf(tab: HTMLElement): HTMLElement {
  return document.getElementById(tab.getAttribute("aria-controls")!)!;
}
