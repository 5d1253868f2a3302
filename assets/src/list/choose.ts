// Choosing rows: the number in the bar, a range with the shift key, everything in the list at once. Without a script
// the boxes and the bar work by themselves.
export {};

let last: HTMLInputElement | undefined;

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("input[name=n][form=bulk]")];
}

function count(): void {
  const shown = document.querySelector("[data-bulk-count]");
  if (!shown) return;
  const all = document.querySelector<HTMLInputElement>("#bulk [name=all]");
  const chosen = boxes().filter((box) => box.checked).length;
  shown.textContent = all?.checked ? (all.dataset["all"] ?? "") : String(chosen);
}

let shift = false;
addEventListener("click", (event) => (shift = event.shiftKey), true);

document.addEventListener("change", (event) => {
  const box = event.target as HTMLInputElement;
  if (box.form?.id !== "bulk") return;
  if (box.name === "n") {
    const all = boxes();
    const [one, other] = [all.indexOf(box), last ? all.indexOf(last) : -1];
    if (shift && other >= 0)
      for (const each of all.slice(Math.min(one, other), Math.max(one, other) + 1)) each.checked = box.checked;
    last = box;
  }
  count();
});

// The boxes stand outside of the form they belong to; the browser empties them all the same.
document.addEventListener("reset", () => queueMicrotask(count));

document.addEventListener("keydown", (event) => {
  const form = document.querySelector<HTMLFormElement>("#bulk");
  const typing = (event.target as Element).closest("dialog, textarea, input:not([type=checkbox])");
  const open = document.querySelector(":popover-open, dialog[open]");
  if (event.key === "Escape" && form && !typing && !open && boxes().some((box) => box.checked)) form.reset();
});

document.addEventListener("turbo:load", count);
