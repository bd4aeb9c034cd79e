// A run over many tickets in its dialog: what was asked is put away while it goes on, what is done is unticked, and the
// list behind it is put in order when the dialog is closed.
import { whenever } from "./page";
import { boxes, told } from "./ticks";

whenever<HTMLElement>("[data-bulk-run]", (run) => {
  const dialog = run.closest("dialog");
  if (!dialog) return;
  dialog.querySelector<HTMLElement>("[data-bulk-fields]")?.toggleAttribute("hidden", true);
  dialog.querySelector<HTMLElement>("[data-bulk-foot] .btn-primary")?.remove();
  const close = dialog.querySelector<HTMLElement>("[data-afterwards]");
  if (close) close.textContent = close.dataset.afterwards!;
  const done = new Set(run.dataset.done!.split(" "));
  for (const box of boxes()) if (done.has(box.value.split(":")[0]!)) box.checked = false;
  told();
  if (!dialog.dataset.ran) dialog.addEventListener("close", tellLists, { once: true });
  dialog.dataset.ran = "yes";
});

function tellLists(): void {
  document.dispatchEvent(new CustomEvent("lists-changed", { detail: true }));
}
