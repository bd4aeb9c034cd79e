// <input data-typing>: says `typed` once the typing rests, for `hx-trigger="typed"`. In the middle of a Chinese word
// nothing is said: what stands in the box then is no word yet.
const RESTS = 140; // ms

export {};

const timers = new WeakMap<HTMLElement, ReturnType<typeof setTimeout>>();
const said = new WeakMap<HTMLInputElement, string>();

document.addEventListener("focusin", ({ target }) => {
  const box = boxOf(target);
  if (box && !said.has(box)) said.set(box, box.value);
});
document.addEventListener("input", (event) => {
  const box = boxOf(event.target);
  if (box && !(event as InputEvent).isComposing) soon(box);
});
document.addEventListener("typed", ({ target }) => {
  const box = boxOf(target);
  if (box) said.set(box, box.value);
});
document.addEventListener("compositionstart", (event) => {
  const box = boxOf(event.target);
  if (box) clearTimeout(timers.get(box));
});
document.addEventListener("compositionend", (event) => {
  const box = boxOf(event.target);
  if (box) soon(box);
});

function boxOf(target: EventTarget | null): HTMLInputElement | null {
  return target instanceof HTMLInputElement && target.dataset.typing !== undefined ? target : null;
}

function soon(box: HTMLInputElement): void {
  clearTimeout(timers.get(box));
  timers.set(box, setTimeout(() => say(box), RESTS));
}

function say(box: HTMLInputElement): void {
  if (said.get(box) === box.value) return;
  box.dispatchEvent(new CustomEvent("typed", { bubbles: true }));
}
