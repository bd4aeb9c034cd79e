// Files brought to a ticket: chosen, dropped, pasted or photographed; sent one after another, with their progress.
import { onClick, whenever } from "./page";
import { toast } from "./toasts";

const UNDO_FOR = 10_000;

interface Sending {
  file: File;
  to: { address: string; fields: [string, string][] }; // of the ticket it was brought to, whatever is shown by then
  row: HTMLElement;
  request?: XMLHttpRequest;
}

const waiting: Sending[] = [];
let current: Sending | undefined;

whenever<HTMLElement>("[data-files]", (card) => card.classList.add("is-live"));
whenever<HTMLElement>("[data-undo]", (bar) => void setTimeout(() => bar.remove(), UNDO_FOR));

document.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  if (input.type !== "file" || !input.closest(".files-form")) return;
  take([...(input.files ?? [])]);
  input.value = "";
});

document.addEventListener("dragover", (event) => {
  if (!place() || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  card()?.classList.add("is-over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) card()?.classList.remove("is-over");
});
document.addEventListener("drop", (event) => {
  card()?.classList.remove("is-over");
  if (!place() || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  take([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  if (!place() || !event.clipboardData?.files.length) return;
  event.preventDefault();
  take([...event.clipboardData.files]);
});
addEventListener("beforeunload", (event) => {
  if (current || waiting.length) event.preventDefault();
});

onClick("[data-upload-drop]", (button) => drop(button.closest<HTMLElement>(".upload")!));
onClick("[data-upload-again]", (button) => again(button.closest<HTMLElement>(".upload")!));
onClick("[data-picture]", (link, event) => {
  event.preventDefault();
  look(link as HTMLAnchorElement);
});

const refused = new Map<HTMLElement, Sending>();

function take(files: File[]): void {
  const form = place();
  if (!form) return;
  for (const file of files) {
    const sending = { file, to: destination(form), row: rowFor(form, file) };
    if (file.size > Number(form.dataset.most)) stop(sending, word("tooLarge"), false);
    else waiting.push(sending);
  }
  form.scrollIntoView({ block: "nearest" });
  next();
}

function next(): void {
  if (current) return;
  current = waiting.shift();
  if (current) send(current);
}

/** Where a file goes and what goes with it; a name of its own, so that trying again never brings it twice. */
function destination(form: HTMLFormElement): Sending["to"] {
  const hidden = [...form.querySelectorAll<HTMLInputElement>("input[type=hidden]")];
  const fields = hidden.map((input): [string, string] => [input.name, input.value]);
  return { address: form.action, fields: [...fields, ["form", name()]] };
}

function send(sending: Sending): void {
  const data = new FormData();
  for (const [field, value] of sending.to.fields) data.set(field, value);
  data.set("file", sending.file);
  const request = (sending.request = new XMLHttpRequest());
  const bar = sending.row.querySelector("progress")!;
  request.upload.onprogress = ({ loaded, total }) => (bar.value = (100 * loaded) / total);
  request.onload = () => finish(sending, request);
  request.onerror = request.ontimeout = () => end(() => stop(sending, word("lost"), true));
  request.open("POST", sending.to.address);
  request.setRequestHeader("HX-Request", "true");
  request.send(data);
}

function finish(sending: Sending, request: XMLHttpRequest): void {
  end(() => {
    if (request.status === 201) {
      sending.row.remove();
      toast(`${word("done")} ${sending.file.name}`, "success");
    } else stop(sending, says(request) || word("failed"), request.status >= 500);
  });
  if (!current) document.querySelectorAll("[data-files-list], [data-files-history]").forEach((part) => part.dispatchEvent(new Event("refresh")));
}

function end(then: () => void): void {
  then();
  current = undefined;
  next();
}

/** What the refusal says, without its markup. */
function says(request: XMLHttpRequest): string {
  if (request.status !== 409) return "";
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  return page.querySelector(".refusal p")?.textContent ?? "";
}

function stop(sending: Sending, why: string, mayTryAgain: boolean): void {
  sending.row.classList.add("is-refused");
  sending.row.querySelector("progress")!.hidden = true;
  sending.row.querySelector(".upload-says")!.textContent = why;
  sending.row.querySelector<HTMLElement>("[data-upload-again]")!.hidden = !mayTryAgain;
  refused.set(sending.row, sending);
}

function again(row: HTMLElement): void {
  const sending = refused.get(row);
  if (!sending) return;
  refused.delete(row);
  row.classList.remove("is-refused");
  row.querySelector("progress")!.hidden = false;
  row.querySelector(".upload-says")!.textContent = "";
  row.querySelector<HTMLElement>("[data-upload-again]")!.hidden = true;
  waiting.push(sending);
  next();
}

function drop(row: HTMLElement): void {
  refused.delete(row);
  const place = waiting.findIndex((sending) => sending.row === row);
  if (place >= 0) waiting.splice(place, 1);
  row.remove();
  if (current?.row !== row) return;
  current.request?.abort();
  end(() => undefined);
}

function rowFor(form: HTMLElement, file: File): HTMLElement {
  const template = form.querySelector<HTMLTemplateElement>("template[data-upload]")!;
  const row = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  row.querySelector(".upload-name")!.textContent = file.name;
  form.querySelector("[data-uploads]")!.append(row);
  return row;
}

/** A picture large, in a dialog. */
function look(link: HTMLAnchorElement): void {
  const dialog = document.createElement("dialog");
  dialog.className = "panel picture";
  const image = Object.assign(document.createElement("img"), { src: link.href, alt: link.dataset.name ?? "" });
  const close = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: word("close") });
  close.dataset.close = "";
  dialog.append(image, close);
  dialog.setAttribute("aria-label", image.alt);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const card = () => document.querySelector<HTMLElement>("[data-files]");
const place = () => document.querySelector<HTMLFormElement>(".files-form");
const word = (key: string) => document.querySelector<HTMLElement>("[data-upload-words]")?.dataset[key] ?? "";

function name(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
