// From the box down into the list of what was found, without the mouse; from there j and k go on.
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (key !== "ArrowDown" || event.isComposing || !(target instanceof HTMLElement) || target.id !== "look-for") return;
  const first = document.querySelector<HTMLElement>("#found [data-row]");
  if (!first) return;
  event.preventDefault();
  first.focus();
});

export {};
