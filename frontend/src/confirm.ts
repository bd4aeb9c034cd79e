// "Are you sure?" in a dialog of our own, for hx-confirm="…" and for forms with data-confirm="…".
interface Confirm {
  question: string | null;
  issueRequest: (skip: boolean) => void;
}

const agreed = new WeakSet<HTMLFormElement>();

document.addEventListener("htmx:confirm", (event) => {
  const { question, issueRequest } = (event as CustomEvent<Confirm>).detail;
  if (!question) return;
  event.preventDefault();
  void ask(question).then((yes) => yes && issueRequest(true));
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.dataset.confirm || agreed.has(form)) return;
  event.preventDefault();
  const submitter = event.submitter;
  void ask(form.dataset.confirm).then((yes) => {
    if (!yes) return;
    agreed.add(form);
    form.requestSubmit(submitter);
    agreed.delete(form);
  });
});

function ask(question: string): Promise<boolean> {
  const dialog = document.getElementById("confirm") as HTMLDialogElement;
  dialog.querySelector(".question")!.textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}
