// <p data-present="/presence" data-number="AH-…">: says every few seconds that somebody has this ticket before them, or
// writes in it, and shows who else does, and what they have done meanwhile. A hidden tab is nobody.
import { whenever } from "./page";
import { seqOf, tellNews } from "./since";

const BEAT = 20_000;
const STILL_TYPING = 12_000;

let typedAt = -Infinity;
let saidTyping = false;

whenever<HTMLElement>("[data-present]", (place) => void beat(place));
setInterval(() => each((place) => void beat(place)), BEAT);
document.addEventListener("visibilitychange", () => each((place) => (document.hidden ? leave(place) : void beat(place))));
addEventListener("pagehide", () => each(leave));

/** The tickets on the page by now: whoever walks from one to the next leaves those behind. */
function each(then: (place: HTMLElement) => void): void {
  document.querySelectorAll<HTMLElement>("[data-present]").forEach(then);
}

document.addEventListener("input", (event) => {
  if (!(event.target as HTMLElement).matches("textarea, input:not([type=search])")) return;
  typedAt = performance.now();
  const place = document.querySelector<HTMLElement>("[data-present]");
  if (place && !saidTyping) void beat(place);
});

async function beat(place: HTMLElement): Promise<void> {
  if (document.hidden || !place.isConnected) return;
  saidTyping = performance.now() - typedAt < STILL_TYPING;
  const number = place.dataset.number ?? "";
  const seen = seqOf(number);
  const said = { number, seen, typing: saidTyping ? "1" : "0" };
  try {
    const answer = await fetch(place.dataset.present!, { method: "POST", body: new URLSearchParams(said), headers: token() });
    if (!answer.ok || answer.redirected) return;
    const html = tellNews(await answer.text(), number, seen);
    place.hidden = !html;
    if (place.innerHTML !== html) place.innerHTML = html;
  } catch {
    place.hidden = true; // nobody knows who is there; the page says elsewhere that the desk cannot be reached
  }
}

function leave(place: HTMLElement): void {
  const { "X-CSRFToken": csrf } = token();
  const said = { number: place.dataset.number ?? "", leaving: "1", csrfmiddlewaretoken: csrf ?? "" };
  navigator.sendBeacon(place.dataset.present!, new URLSearchParams(said));
}

function token(): Record<string, string> {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
}
