// Words that are not sent yet are kept on the server while somebody types, for every device of theirs.

const PAUSE = 600;

let timer: number | undefined;
let waiting: (() => void) | undefined;
let going: AbortController | undefined;

function formOf(target: EventTarget | null): HTMLFormElement | null {
  return target instanceof Element ? target.closest<HTMLFormElement>("form[data-draft]") : null;
}

function textOf(form: HTMLFormElement): HTMLTextAreaElement | null {
  return form.querySelector<HTMLTextAreaElement>("textarea[name=body]");
}

/** What the words are now: a reply, a note, an answer, or the form of something new. */
function kindOf(form: HTMLFormElement): string {
  return form.dataset["draftAs"] ?? form.querySelector<HTMLInputElement>("[name=kind]:checked")?.value ?? "reply";
}

function contents(form: HTMLFormElement, kind: string, text: string): URLSearchParams {
  const body = new URLSearchParams();
  if (kind === "new") {
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  } else {
    body.set("body", text);
    body.set("_token", new FormData(form).get("_token") as string);
  }
  body.set("_of", `${kind} ${form.dataset["draft"]}`);
  return body;
}

function saved(form: HTMLFormElement, yes: boolean): void {
  const state = form.querySelector<HTMLElement>("[data-draft-state]");
  if (state) state.hidden = !yes;
}

async function keep(form: HTMLFormElement, kind: string, body: URLSearchParams): Promise<void> {
  going = new AbortController();
  const keepalive = body.toString().length < 60_000;
  const sent = fetch("/drafts", { method: "POST", body, keepalive, signal: going.signal });
  const answer = await sent.catch(() => null);
  if (answer?.ok && kindOf(form) === kind && !waiting) saved(form, body.get("body") !== "");
}

/** Keeps what waits to be kept, now. */
function flush(): void {
  window.clearTimeout(timer);
  const now = waiting;
  waiting = undefined;
  now?.();
}

function later(form: HTMLFormElement): void {
  window.clearTimeout(timer);
  const [kind, text] = [kindOf(form), textOf(form)?.value ?? ""];
  waiting = () => void keep(form, kind, contents(form, kind, text));
  timer = window.setTimeout(flush, PAUSE);
}

document.addEventListener("input", (event) => {
  const form = formOf(event.target);
  if (!form || (event.target as HTMLInputElement).name === "kind") return;
  form.setAttribute("data-touched", "");
  saved(form, false);
  later(form);
});

// Reply and note never mix: each takes its own words with it.
document.addEventListener("change", (event) => {
  const form = formOf(event.target);
  const text = form && textOf(form);
  const chosen = event.target as HTMLInputElement;
  if (!form || !text || chosen.name !== "kind") return;
  flush();
  form.setAttribute("data-touched", "");
  form.dataset[chosen.value === "note" ? "reply" : "note"] = text.value;
  text.value = form.dataset[chosen.value] ?? "";
  saved(form, text.value !== "");
});

// What is sent is no draft any more, however late the last saving is.
document.addEventListener(
  "submit",
  (event) => {
    if (!formOf(event.target)) return;
    window.clearTimeout(timer);
    waiting = undefined;
    going?.abort();
  },
  true,
);

// The answer brings the form as it is to be now, be it sent or refused.
document.addEventListener("turbo:submit-end", (event) => {
  event.detail.formSubmission.formElement.removeAttribute("data-touched");
});

document.addEventListener("turbo:before-visit", flush);
document.addEventListener("visibilitychange", () => document.hidden && flush());
addEventListener("pagehide", flush);

export {};
