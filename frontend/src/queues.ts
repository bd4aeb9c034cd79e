// Lists the bar has no room for go into a menu at its end: no name is cut, and their keys and counts are there too.
// Where a thumb moves the bar they stay in it.
import { ready } from "./page";

const BY_THUMB = matchMedia("(max-width: 820px)");

ready(() => {
  const bar = document.getElementById("queues");
  const rest = document.querySelector<HTMLDetailsElement>("[data-rest]");
  if (!bar?.parentElement || !rest) return;
  let tabs = [...bar.children];
  const news = new MutationObserver(() => {
    tabs = [...bar.children];
    fitted();
  });

  function fitted(): void {
    fit(bar!, rest!, tabs);
    news.takeRecords(); // what was moved here is no news
  }

  showHere(bar);
  news.observe(bar, { childList: true });
  new ResizeObserver(fitted).observe(bar.parentElement);
});

/** The list one is in stands first on a phone, as long as nobody has moved the bar. */
function showHere(bar: HTMLElement): void {
  const here = bar.querySelector<HTMLElement>("[aria-current]");
  if (here) bar.scrollLeft += here.getBoundingClientRect().left - bar.getBoundingClientRect().left;
}

/** From the end, but for the list one is in and those that always stay. */
function fit(bar: HTMLElement, rest: HTMLDetailsElement, tabs: Element[]): void {
  const menu = rest.querySelector("ul")!;
  const fits = () => bar.scrollWidth <= bar.clientWidth;
  menu.replaceChildren();
  bar.replaceChildren(...tabs);
  rest.hidden = true;
  if (BY_THUMB.matches) return;
  if (fits()) return;
  rest.hidden = false;
  const moving = tabs.filter((tab) => !tab.querySelector("[aria-current]") && !tab.matches("[data-stays]"));
  while (!fits() && moving.length) menu.prepend(moving.pop()!);
  for (const tab of [...menu.children]) {
    bar.append(tab); // a short one may fit where a long one did not
    if (!fits()) menu.append(tab);
  }
  bar.append(...tabs.filter((tab) => tab.parentElement === bar)); // in their order
  const tone = ["count-late", "count-press"].find((name) => menu.querySelector(`.${name}`)) ?? "";
  const count = rest.querySelector(".count")!;
  count.textContent = `+${menu.children.length}`;
  count.className = `count ${tone}`;
}
