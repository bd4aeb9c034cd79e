// The wall counts itself anew: only what has changed is sent (304), and a lost connection is said, never guessed.
import { onClick, whenever } from "./page";

whenever<HTMLElement>("[data-wall]", (wall) => {
  let etag = "";
  const every = Number(wall.dataset.every) * 1000;

  async function count(): Promise<void> {
    try {
      const asked: Record<string, string> = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(wall.dataset.wall!, { headers: asked, cache: "no-store", signal: patience(every) });
      if (answer.redirected) return location.reload(); // signed out: the sign-in page leads back here
      if (answer.status !== 304 && !answer.ok) throw new Error(answer.statusText);
      if (answer.ok) show(wall, await answer.text());
      etag = answer.headers.get("ETag") ?? etag;
      counted(wall, answer.headers.get("Counted-At") ?? "");
    } catch {
      lost(wall, true);
    }
  }

  setInterval(() => void count(), every);
  addEventListener("online", () => void count());
  addEventListener("offline", () => lost(wall, true));
});

function patience(time: number): AbortSignal {
  const control = new AbortController();
  setTimeout(() => control.abort(), time);
  return control.signal;
}

/** The new numbers, with the focus where it was. */
function show(wall: HTMLElement, html: string): void {
  const place = wall.querySelector<HTMLElement>("[data-numbers]");
  const focused = place?.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  if (place) place.innerHTML = html;
  if (focused) place?.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

function counted(wall: HTMLElement, at: string): void {
  const shown = wall.querySelector("[data-counted]");
  if (shown && at) shown.textContent = at;
  lost(wall, false);
}

function lost(wall: HTMLElement, is: boolean): void {
  wall.classList.toggle("is-lost", is);
  const said = wall.querySelector<HTMLElement>("[data-lost]");
  if (said) said.hidden = !is;
}

onClick("[data-full-screen]", () => {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen?.();
});
