// Small ways of reaching into the page.

/** Calls `then` for what matches now, and for what HTMX brings later. */
export function whenever<T extends HTMLElement>(selector: string, then: (element: T) => void): void {
  const look = (root: ParentNode) => {
    if (root instanceof HTMLElement && root.matches(selector)) then(root as T);
    root.querySelectorAll<T>(selector).forEach(then);
  };
  ready(() => look(document));
  document.addEventListener("htmx:load", (event) => look(event.target as HTMLElement));
}

export function ready(then: () => void): void {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", then);
  else then();
}

/** Calls `then` for clicks on or inside what matches. */
export function onClick(selector: string, then: (element: HTMLElement, event: MouseEvent) => void): void {
  document.addEventListener("click", (event) => {
    const element = (event.target as Element).closest<HTMLElement>(selector);
    if (element) then(element, event);
  });
}

/** A word the template translated: `<template id="toast-words" data-copied="…">`. */
export function word(sheet: string, name: string): string {
  return document.getElementById(sheet)?.dataset[name] ?? "";
}

/** What HTMX tells of a request, as far as it is used here. `requestConfig.elt` is who asked. */
export interface Answer {
  target: HTMLElement;
  xhr: XMLHttpRequest;
  successful: boolean;
  shouldSwap: boolean;
  isError: boolean;
  swapOverride?: string;
  selectOverride?: string;
  requestConfig: { verb: string; elt: HTMLElement; triggeringEvent?: Event };
}

/** What was asked for has been done: a refusal shown in its place is no error for HTMX, but no success; nor is a door. */
export function hasSucceeded(answer: Answer): boolean {
  return answer.successful && answer.xhr.status < 400 && !signedOut(answer);
}

/** The session has ended: HTMX was sent on to the sign-in page. */
export function signedOut({ xhr }: Answer): boolean {
  return new URL(xhr.responseURL || location.href, location.href).pathname.startsWith("/accounts/login");
}

export function onAnswer(name: string, then: (answer: Answer, event: CustomEvent<Answer>) => void): void {
  document.addEventListener(name, (event) => then((event as CustomEvent<Answer>).detail, event as CustomEvent<Answer>));
}
