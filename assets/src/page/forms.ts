// Forms work without this file; with it, they ask again when an answer changes the questions.

/** True when the person has changed the control since the server rendered it. */
export function changed(control: Element): boolean {
  if (control instanceof HTMLTextAreaElement) return control.value !== control.defaultValue;
  if (control instanceof HTMLSelectElement)
    return [...control.options].some((option) => option.selected !== option.defaultSelected);
  if (!(control instanceof HTMLInputElement)) return false;
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  return control.value !== control.defaultValue;
}

// A redirect to the same address is morphed, and the guard for unsaved text would keep what was just sent.
document.addEventListener("turbo:submit-end", (event) => {
  if (event.detail.success) (event.target as HTMLFormElement).reset();
});

document.addEventListener("change", (event) => {
  const control = event.target as HTMLInputElement;
  if (control.closest("[data-updates-form]")) {
    const update = control.form?.querySelector<HTMLButtonElement>("[data-update-form]");
    if (update) control.form?.requestSubmit(update);
  }
  if (control.type === "file") listFiles(control);
});

function listFiles(input: HTMLInputElement): void {
  const list = document.getElementById(input.dataset["lists"] ?? "");
  if (!list) return;
  const tags = [...(input.files ?? [])].map((file) => {
    const tag = document.createElement("span");
    tag.className = "tag";
    tag.textContent = file.name;
    return tag;
  });
  list.replaceChildren(...tags);
}
