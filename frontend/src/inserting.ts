// Blanks beside a text: <button data-insert="{number}" data-insert-into="id"> puts it where the cursor stands.
import { onClick } from "./page";

onClick("[data-insert]", (button) => {
  const text = document.getElementById(button.dataset.insertInto!) as HTMLTextAreaElement | null;
  if (!text) return;
  text.focus();
  text.setRangeText(button.dataset.insert!, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
});
