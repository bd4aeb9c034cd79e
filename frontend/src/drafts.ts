// <form data-draft="key">: what is typed is kept on this computer until it has been sent, and brought back after a
// crash. Desk drafts are one person's own and go at sign-out; on the public portal they last as long as the tab.
import { hasSucceeded, onAnswer, onClick, ready, whenever, word } from "./page";

const KEPT_FOR = 12 * 3600 * 1000;
const PAUSE = 400;
const NEVER = ["password", "hidden", "file", "submit", "button"];

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
interface Draft {
  at: number;
  sent?: boolean; // and nothing typed since: a page that comes back with it shows all of it
  values: Record<string, string[]>;
}

const timers = new WeakMap<HTMLFormElement, ReturnType<typeof setTimeout>>();
const isPortal = document.documentElement.classList.contains("portal");

document.addEventListener("input", (event) => {
  const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-draft]");
  if (!form) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => keepNow(form), PAUSE));
});

whenever<HTMLFormElement>("form[data-draft]", restore);
// What was typed a moment ago is kept before HTMX puts something else in its place.
for (const about of ["htmx:beforeSwap", "htmx:oobBeforeSwap"]) {
  document.addEventListener(about, ({ target }) => {
    const form = (target as HTMLElement).parentElement?.closest<HTMLFormElement>("form[data-draft]");
    if (form && timers.has(form)) keepNow(form);
  });
}
// What HTMX brings into such a form later (the questions of a category) was kept too.
document.addEventListener("htmx:load", ({ target }) => {
  const form = (target as HTMLElement).parentElement?.closest<HTMLFormElement>("form[data-draft]");
  const draft = form && read(keyOf(form));
  if (!draft) return;
  for (const field of fieldsOf(form).filter((one) => isUnanswered(one))) refill(field, draft.values[field.name] ?? []);
  keep(form);
});

// An HTMX form is done when its answer is a success.
onAnswer("htmx:afterRequest", (answer) => {
  const { elt, verb } = answer.requestConfig;
  if (elt instanceof HTMLFormElement && elt.dataset.draft && hasSucceeded(answer) && verb !== "get") forget(elt);
});

// An ordinary form is done when the page that follows no longer shows it, unless that page stands in between
// (data-keep-drafts: a door that has to be opened again).
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.action.includes("/logout")) forgetAll();
  if (!form.dataset.draft) return;
  clearTimeout(timers.get(form));
  timers.delete(form);
  keep(form, true);
  if (form.hasAttribute("hx-post")) return; // its answer tells
  if (form.dataset.confirm && event.defaultPrevented) return; // they are still asked whether they are sure
  guarded(() => sessionStorage.setItem("draft-sent", keyOf(form)));
});
ready(sweep);
ready(() => {
  if (document.querySelector("[data-keep-drafts]")) return;
  const sent = guarded(() => sessionStorage.getItem("draft-sent"));
  if (!sent) return;
  guarded(() => sessionStorage.removeItem("draft-sent"));
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-draft]")];
  if (!forms.some((form) => keyOf(form) === sent)) guarded(() => storage().removeItem(sent));
});

onClick("[data-discard]", (button) => {
  const form = button.closest<HTMLFormElement>("form[data-draft]");
  if (!form) return;
  const discarded = read(keyOf(form));
  forget(form);
  form.reset();
  button.closest(".draft-note")?.replaceWith(wayBack(form, discarded));
});

/** For ten seconds a discarded draft can be had back. */
function wayBack(form: HTMLFormElement, discarded: Draft | null): HTMLElement {
  const bar = note("discarded");
  const undo = bar.querySelector("button")!;
  let left = 10;
  delete undo.dataset.discard;
  const says = () => (undo.textContent = `${word("toast-words", "undo")} ${left}`);
  says();
  const timer = setInterval(() => {
    if (bar.matches(":hover, :focus-within")) return;
    left--;
    says();
    if (left <= 0 || !bar.isConnected) end();
  }, 1000);
  const end = () => {
    clearInterval(timer);
    bar.remove();
  };
  undo.addEventListener("click", () => {
    end();
    if (discarded) guarded(() => storage().setItem(keyOf(form), JSON.stringify(discarded)));
    restore(form);
  });
  return bar;
}

/** Keeps what stands in the form, and the answers to questions that are not in it just now: they may come back. */
function keep(form: HTMLFormElement, sent = false): void {
  const fields = fieldsOf(form);
  const values: Draft["values"] = { ...read(keyOf(form))?.values };
  for (const field of fields) delete values[field.name];
  for (const field of fields) {
    if (isTicked(field) && !field.checked) continue;
    (values[field.name] ??= []).push(field.value);
  }
  guarded(() => storage().setItem(keyOf(form), JSON.stringify({ at: Date.now(), sent, values } satisfies Draft)));
}

/** What was typed within the last moment, if anything. */
function keepNow(form: HTMLFormElement): void {
  clearTimeout(timers.get(form));
  timers.delete(form);
  keep(form);
}

function restore(form: HTMLFormElement): void {
  const draft = read(keyOf(form));
  if (!draft || (draft.sent && form.querySelector(".field-wrong"))) return;
  const changed = fieldsOf(form).filter((field) => refill(field, draft.values[field.name] ?? []));
  if (!changed.length) return;
  for (const field of changed) field.closest("details")?.setAttribute("open", "");
  form.prepend(note());
  const tell = () => changed.forEach((field) => field.dispatchEvent(new Event("change", { bubbles: true })));
  if (document.readyState === "complete") tell();
  else addEventListener("load", tell, { once: true }); // HTMX has looked at the page by then
}

/** Puts a kept value back; true if that changed the field. */
function refill(field: Field, values: string[]): boolean {
  if (isTicked(field)) {
    const ticked = values.includes(field.value);
    const changed = field.checked !== ticked;
    field.checked = ticked;
    return changed;
  }
  const value = values.shift();
  if (value === undefined || value === field.value) return false;
  field.value = value;
  return true;
}

function note(says = "restored"): HTMLElement {
  const bar = document.createElement("p");
  bar.className = "draft-note";
  bar.setAttribute("role", "status");
  bar.textContent = word("toast-words", says);
  const discard = document.createElement("button");
  discard.type = "button";
  discard.dataset.discard = "";
  discard.textContent = word("toast-words", "discard");
  bar.append(discard);
  return bar;
}

function fieldsOf(form: HTMLFormElement): Field[] {
  return ([...form.elements] as Field[]).filter(
    (field) => field.name && !NEVER.includes(field.type) && !field.closest("[data-no-draft]"),
  );
}

function isUnanswered(field: Field): boolean {
  if (!isTicked(field)) return !field.value;
  return !fieldsOf(field.form!).some((one) => one.name === field.name && isTicked(one) && one.checked);
}

function isTicked(field: Field): field is HTMLInputElement {
  return field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type);
}

function keyOf(form: HTMLFormElement): string {
  return `draft:${document.body.dataset.person ?? ""}:${form.dataset.draft}`;
}

function read(key: string): Draft | null {
  const kept = guarded(() => storage().getItem(key));
  if (!kept) return null;
  const draft = JSON.parse(kept) as Draft;
  if (Date.now() - draft.at <= KEPT_FOR) return draft;
  guarded(() => storage().removeItem(key));
  return null;
}

function forget(form: HTMLFormElement): void {
  clearTimeout(timers.get(form));
  timers.delete(form);
  guarded(() => storage().removeItem(keyOf(form)));
}

function forgetAll(): void {
  guarded(() => {
    const drafts = Object.keys(localStorage).filter((key) => key.startsWith("draft:"));
    drafts.forEach((key) => localStorage.removeItem(key));
  });
}

/** Nobody need open a form again for its old draft to go: every page, the sign-in page too, clears them away. */
function sweep(): void {
  const old = guarded(() => Object.keys(localStorage).filter((key) => key.startsWith("draft:")));
  for (const key of old ?? []) if (hasRunOut(localStorage.getItem(key))) localStorage.removeItem(key);
}

function hasRunOut(kept: string | null): boolean {
  const draft = guarded(() => JSON.parse(kept ?? "") as Partial<Draft>);
  return !(Date.now() - (draft?.at ?? NaN) <= KEPT_FOR);
}

function storage(): Storage {
  return isPortal ? sessionStorage : localStorage;
}

function guarded<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null; // storage is full or switched off: typing goes on without it
  }
}
