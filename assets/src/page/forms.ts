// Forms work without this file; with it, they ask again when an answer changes the questions.
import { morphChildren } from "@hotwired/turbo";

/** True when the person has changed the control since the server rendered it. */
export function changed(control: Element): boolean {
  // Nobody can have changed what is only shown.
  if (control.matches(":disabled")) return false;
  if (control instanceof HTMLTextAreaElement) return control.value !== control.defaultValue;
  if (control instanceof HTMLSelectElement) {
    const options = [...control.options];
    // Where none is marked, a list begins with the first that can be chosen.
    if (control.type === "select-one" && !options.some((option) => option.defaultSelected))
      return control.selectedIndex !== options.findIndex((option) => !option.disabled);
    return options.some((option) => option.selected !== option.defaultSelected);
  }
  if (!(control instanceof HTMLInputElement)) return false;
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  return control.value !== control.defaultValue;
}

// A redirect to the same address is morphed, and the guard for unsaved text would keep what was just sent.
document.addEventListener("turbo:submit-end", (event) => {
  if (event.detail.success) event.detail.formSubmission.formElement.reset();
});

document.addEventListener("change", (event) => {
  const control = event.target as HTMLInputElement;
  if (control.closest("[data-updates-form]")) {
    const update = control.form?.querySelector<HTMLButtonElement>("[data-update-form]");
    // A form that only asks has an address for each of its states, in a frame of its own.
    if (update?.form?.method === "get") update.form.requestSubmit(update);
    else if (update) void askAgain(update);
  }
  if (control.type === "file") listFiles(control);
});

/** Milliseconds without a key after which what is like the words so far is looked for. */
const PAUSE_MS = 600;
let looking = 0;

// What a form is about shows records like it while it is written.
document.addEventListener("input", (event) => {
  const control = event.target as HTMLInputElement;
  const telling = control.form?.dataset["alike"]?.split(" ") ?? [];
  const update = control.form?.querySelector<HTMLButtonElement>("[data-update-form]");
  if (!update || !telling.includes(control.name)) return;
  clearTimeout(looking);
  looking = window.setTimeout(() => void askAgain(update, "alike"), PAUSE_MS);
});

/** Only the newest answer counts, for each part. */
const asking = new Map<string, AbortController>();

/** Puts the questions that fit the answers, or one part of them, in the place of those that did; what is filled in and
 *  focused stays. */
async function askAgain(update: HTMLButtonElement, part = "asked"): Promise<void> {
  const form = update.form!;
  const body = new FormData(form, update);
  for (const input of form.querySelectorAll<HTMLInputElement>("input[type=file]")) body.delete(input.name);
  asking.get(part)?.abort();
  const newest = new AbortController();
  asking.set(part, newest);
  const plain = form.enctype === "multipart/form-data" ? body : new URLSearchParams(body as unknown as Record<string, string>);
  const sent = { method: "POST", body: plain, signal: newest.signal };
  // Whatever is overtaken ends quietly, be it on its way or being read.
  const read = async (answer: Response): Promise<string> => (answer.ok || answer.status === 422 ? answer.text() : "");
  const page = await fetch(form.action, sent).then(read).catch(() => "");
  if (!page) return;
  const fresh = new DOMParser().parseFromString(page, "text/html").getElementById(part);
  const shown = document.getElementById(part);
  if (fresh && shown) morphChildren(shown, fresh);
}

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
