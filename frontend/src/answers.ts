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
onAnswer("htmx:sendError", ({ requestConfig }) => {
  connectionLost();
  if (requestConfig.verb !== "get") unsent(requestConfig.elt);
});
onAnswer("htmx:timeout", connectionLost);
addEventListener("offline", connectionLost);
addEventListener("online", () => void comeBack());

// Without a line nothing is sent: it would only fail, and look as if the button were dead.
onAnswer("htmx:beforeRequest", ({ requestConfig }, event) => {
  const { elt, verb, triggeringEvent } = requestConfig;
  if (verb !== "get") formOf(elt).querySelectorAll(".unsent").forEach((said) => said.remove());
  if (navigator.onLine) return;
  event.preventDefault();
  connectionLost();
  if (verb !== "get") unsent(elt);
  else if (triggeringEvent?.type === "click") toast(document.getElementById("connection")?.innerText ?? "", "error");
});
// Before anybody takes it for sent: a draft is kept until it is.
document.addEventListener("submit", stayWhileLost, { capture: true });

function swapInto(answer: Answer, place: HTMLElement | null | undefined): void {
  if (!place) return;
  answer.target = place;
  answer.swapOverride = "innerHTML";
  answer.selectOverride = "unset";
  answer.shouldSwap = true;
  answer.isError = false; // it is shown to whoever asked, so it need not be reported as well
}

function stayWhileLost(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  if (navigator.onLine || form.method !== "post") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  connectionLost();
  unsent(form);
}

/** Says beside what was pressed that it has not been sent. */
function unsent(element: HTMLElement): void {
  const said = refusal(word("connection", "unsent"));
  said.classList.add("unsent");
  const form = formOf(element), place = refusalPlace(element);
  if (!place?.closest("[role=alert]")) said.setAttribute("role", "alert");
  form.querySelectorAll(".unsent").forEach((before) => before.remove());
  if (place) place.replaceChildren(said);
  else if (form === element && !form.matches("form, dialog")) element.after(said);
  else form.append(said);
  said.scrollIntoView({ block: "nearest" });
}

function formOf(element: HTMLElement): HTMLElement {
  return element.closest<HTMLElement>("form, dialog") ?? element;
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
  if (!navigator.onLine) return void setTimeout(() => void comeBack(), RETRY_AFTER);
  try {
    const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? "/";
    await fetch(icon, { method: "HEAD", cache: "no-store" });
    bar.hidden = true;
    document.querySelectorAll(".unsent").forEach((said) => {
      said.textContent = word("connection", "again");
      said.classList.add("unsent-again");
    });
    document.dispatchEvent(new CustomEvent("lists-changed"));
  } catch {
    setTimeout(() => void comeBack(), RETRY_AFTER);
  }
}
