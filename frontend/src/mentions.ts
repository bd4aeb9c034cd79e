// @ in a note offers colleagues. Nothing happens in the middle of a Chinese word: what stands there then is no name yet.
// Arrows choose, Enter or Tab takes, Escape goes on without; who may not see the ticket is named and cannot be taken.
const BEFORE = /@([^\s@，。；：、！？,;:!?()（）【】]{0,20})$/;
const RESTS = 140;

interface Colleague {
  name: string;
  note: string;
  may_see: boolean;
  mention: string; // what stands in the text for this one and no namesake
}

let list: HTMLElement | null = null;
let text: HTMLTextAreaElement | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let asked = 0;

document.addEventListener("input", (event) => {
  if (!(event as InputEvent).isComposing) soon(event.target);
});
document.addEventListener("compositionend", ({ target }) => soon(target));
document.addEventListener("focusout", ({ target }) => target === text && setTimeout(close, 150));
document.addEventListener("keydown", onKey, true);

function soon(target: EventTarget | null): void {
  if (!(target instanceof HTMLTextAreaElement) || !target.closest("[data-mentions]")) return;
  text = target;
  clearTimeout(timer);
  if (typed() === null) close();
  else timer = setTimeout(() => void offer(), RESTS);
}

/** What stands between the @ and the caret; null where there is none. */
function typed(): string | null {
  return text && (BEFORE.exec(text.value.slice(0, text.selectionStart))?.[1] ?? null);
}

async function offer(): Promise<void> {
  const place = text?.closest<HTMLElement>("[data-mentions]");
  const name = typed();
  if (!place || name === null) return close();
  const turn = ++asked;
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  try {
    const answer = await fetch(place.dataset.mentions!, { method: "POST", headers, body: new URLSearchParams({ q: name }) });
    if (!answer.ok || answer.redirected || turn !== asked) return;
    show(place, ((await answer.json()) as { found: Colleague[] }).found);
  } catch {
    close(); // a name typed in full is found without the list
  }
}

function show(place: HTMLElement, found: Colleague[]): void {
  close();
  list = made("ul", "", "mentions");
  list.id = "mentions";
  list.setAttribute("role", "listbox");
  for (const one of found) list.append(option(one, place.dataset.blind!));
  if (!found.length) list.append(made("li", place.dataset.nobody!, "sub"));
  (text!.closest(".blanks-in") ?? text!).after(list);
  text!.setAttribute("aria-controls", "mentions");
  choose(options()[0]);
}

function option(one: Colleague, blind: string): HTMLElement {
  const item = made("li", "", one.may_see ? "" : "is-blind");
  item.id = `mention-${list!.childElementCount}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-disabled", String(!one.may_see));
  item.append(made("b", one.name), made("span", one.may_see ? one.note : blind, "sub"));
  if (one.may_see) {
    item.dataset.mention = one.mention;
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      take(one.mention);
    });
  }
  return item;
}

function onKey(event: KeyboardEvent): void {
  if (!list || event.target !== text || event.isComposing || event.keyCode === 229) return;
  const chosen = list.querySelector<HTMLElement>("[aria-selected=true]");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(options()[(options().indexOf(chosen!) + step + options().length) % options().length]);
  else if (event.key === "Escape") close();
  else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(chosen.dataset.mention!);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function choose(item: HTMLElement | undefined): void {
  options().forEach((other) => other.setAttribute("aria-selected", String(other === item)));
  if (item) text?.setAttribute("aria-activedescendant", item.id);
}

function take(name: string): void {
  const at = text!.selectionStart;
  const from = at - (typed()?.length ?? 0) - 1;
  text!.setRangeText(`@${name} `, from, at, "end");
  close();
  text!.dispatchEvent(new Event("input", { bubbles: true }));
}

function options(): HTMLElement[] {
  return list ? [...list.querySelectorAll<HTMLElement>("[data-mention]")] : [];
}

function close(): void {
  clearTimeout(timer);
  list?.remove();
  list = null;
  text?.removeAttribute("aria-activedescendant");
  text?.removeAttribute("aria-controls");
}

function made(tag: string, words: string, className = ""): HTMLElement {
  return Object.assign(document.createElement(tag), { textContent: words, className });
}
