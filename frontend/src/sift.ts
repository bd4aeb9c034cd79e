// <input data-sift> above a list of answers: what does not have the typed words is put away, what is ticked stays.
// <form data-lean>: an address without the fields nobody filled in.
document.addEventListener("input", (event) => {
  const input = event.target as HTMLInputElement;
  if (!input.matches("[data-sift]")) return;
  const words = input.value.trim().toLowerCase();
  input.parentElement?.querySelectorAll<HTMLElement>("label").forEach((label) => {
    const ticked = label.querySelector<HTMLInputElement>("input")?.checked ?? false;
    label.hidden = !ticked && !(label.textContent ?? "").toLowerCase().includes(words);
  });
});

document.addEventListener("formdata", (event) => {
  if (!(event.target as HTMLElement).matches("form[data-lean]")) return;
  const empty = [...event.formData.entries()].filter(([, value]) => value === "").map(([name]) => name);
  empty.forEach((name) => event.formData.delete(name));
});
