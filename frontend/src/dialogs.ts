// <dialog> elements: those HTMX brings open by themselves, and go when they are closed.
import { hasSucceeded, onAnswer, onClick, whenever } from "./page";

whenever<HTMLDialogElement>("dialog[data-open]", (dialog) => {
  if (dialog.open) return;
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  firstField(dialog)?.focus();
});

onClick("[data-close]", (button) => button.closest("dialog")?.close());
onClick("[data-dialog]", (button) => {
  document.querySelector<HTMLDialogElement>(`dialog#${CSS.escape(button.dataset.dialog ?? "")}`)?.showModal();
});

onAnswer("htmx:afterRequest", (answer) => {
  const { target, requestConfig } = answer;
  const dialog = requestConfig.elt.closest("dialog");
  if (dialog && hasSucceeded(answer) && requestConfig.verb !== "get" && !dialog.contains(target)) dialog.close();
});

function firstField(dialog: HTMLDialogElement): HTMLElement | null {
  const fields = ".panel-body :is(input, select, textarea):not([type=hidden]):not([disabled])";
  return dialog.querySelector<HTMLElement>(`[autofocus], .is-invalid`) ?? dialog.querySelector<HTMLElement>(fields);
}
// A form whose answer is a file leaves the page as it is: the dialog has done its work when it is sent.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.matches("dialog form[data-closes]")) setTimeout(() => form.closest("dialog")?.close());
});
