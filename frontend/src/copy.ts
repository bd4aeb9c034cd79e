// <button data-copy="AH-7K3MP-9QXTD-4"> puts a number on the clipboard, also where the desk is served without TLS.
import { onClick, word } from "./page";
import { toast } from "./toasts";

onClick("[data-copy]", (button) => {
  void copy(button.dataset.copy ?? "").then(() => toast(`${word("toast-words", "copied")} ${button.dataset.copy}`));
});

async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
