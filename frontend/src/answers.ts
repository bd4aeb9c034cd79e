// What becomes of an answer that is not a success: a refusal is shown where it was asked, and no typed text is lost.
import { onAnswer, signedOut, word, type Answer } from "./page";
import { toast } from "./toasts";

const REFUSALS = [400, 403, 409, 422, 429];
const WORDS: Record<number, string> = { 403: "forbidden", 404: "gone", 409: "refused", 422: "refused", 429: "busy" };
const RETRY_AFTER = 5000;

onAnswer("htmx:beforeSwap", (answer) => {
  if (signedOut(answer)) {
    answer.shouldSwap = false;
    location.reload();
  } else if (isDialog(answer.xhr)) {
    swapInto(answer, document.getElementById("dialog"));
  } else if (REFUSALS.includes(answer.xhr.status) && !isPage(answer.xhr)) {
    swapInto(answer, refusalPlace(answer.requestConfig.elt));
  }
});

onAnswer("htmx:responseError", ({ xhr, requestConfig }) => {
  const says = word("toast-words", WORDS[xhr.status] ?? "failed");
  const place = refusalPlace(requestConfig.elt);
  if (place) place.replaceChildren(refusal(says));
  else toast(says, "error");
});
onAnswer("htmx:sendError", connectionLost);
onAnswer("htmx:timeout", connectionLost);
addEventListener("offline", connectionLost);
addEventListener("online", () => void comeBack());

function swapInto(answer: Answer, place: HTMLElement | null | undefined): void {
  if (!place) return;
  answer.target = place;
  answer.swapOverride = "innerHTML";
  answer.selectOverride = "unset";
  answer.shouldSwap = true;
  answer.isError = false; // it is shown to whoever asked, so it need not be reported as well
}

function refusalPlace(element: HTMLElement): HTMLElement | null | undefined {
  return element.closest("form, dialog")?.querySelector<HTMLElement>("[data-refusal]");
}

function refusal(says: string): HTMLElement {
  return Object.assign(document.createElement("div"), { className: "refusal", textContent: says });
}

function isDialog(xhr: XMLHttpRequest): boolean {
  return xhr.responseText.trimStart().startsWith("<dialog");
}

function isPage(xhr: XMLHttpRequest): boolean {
  return /^\s*<!doctype/i.test(xhr.responseText);
}

export function connectionLost(): void {
  const bar = document.getElementById("connection");
  if (!bar?.hidden) return;
  bar.hidden = false;
  setTimeout(() => void comeBack(), RETRY_AFTER);
}

async function comeBack(): Promise<void> {
  const bar = document.getElementById("connection");
  if (!bar || bar.hidden) return;
  try {
    const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? "/";
    await fetch(icon, { method: "HEAD", cache: "no-store" });
    bar.hidden = true;
    document.dispatchEvent(new CustomEvent("lists-changed"));
  } catch {
    setTimeout(() => void comeBack(), RETRY_AFTER);
  }
}
