// A property is edited in its place: choosing saves, and the page tells what became of it.
export {};

function formOf(target: EventTarget | null): HTMLFormElement | null {
  return target instanceof Element ? target.closest<HTMLFormElement>("form[data-inline]") : null;
}

/** Whether a choice is whole as soon as it is made; whoever types says so by Enter. */
function isChoice(control: Element): boolean {
  if (control instanceof HTMLSelectElement) return !control.multiple;
  if (!(control instanceof HTMLInputElement)) return false;
  if (control.list) return [...control.list.options].some((option) => option.value === control.value);
  return control.type === "radio" || (control.type === "checkbox" && control.form?.elements.length === 1);
}

function save(control: Element): void {
  const form = formOf(control);
  if (form && isChoice(control)) form.requestSubmit();
}

document.addEventListener("change", (event) => save(event.target as Element));

// A name picked from the suggestions of a text field comes as an input that was not typed.
document.addEventListener("input", (event) => {
  const typed = (event as InputEvent).inputType;
  if (!typed || typed === "insertReplacementText") save(event.target as Element);
});

// What was open closes, so that the page can show the new value; the keyboard is back on the property.
document.addEventListener("submit", (event) => {
  const open = formOf(event.target)?.closest<HTMLElement>("[popover]:popover-open");
  open?.hidePopover();
});

// Whoever opens a property is in its control.
document.addEventListener(
  "toggle",
  (event) => {
    const open = event.target as HTMLElement;
    if (!open.matches("[popover]:popover-open")) return;
    open.querySelector<HTMLElement>("form[data-inline] :is(select, textarea, input:not([type=hidden]))")?.focus();
  },
  true,
);
