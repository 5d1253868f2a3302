// What is typed into a form of several steps is kept by the server while it is typed; sending works without this.
import { t } from "../text/words.ts";

const PAUSE_MS = 700;
let timer = 0;
let request: AbortController | undefined;
/** The form with something typed that the server has not heard of yet. */
let pending: HTMLFormElement | undefined;

document.addEventListener("input", (event) => {
  const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-keep]");
  if (!form) return;
  pending = form;
  clearTimeout(timer);
  timer = window.setTimeout(flush, PAUSE_MS);
});

// What the form itself sends must not be overtaken by what was typed before.
document.addEventListener("submit", () => {
  forget();
  request?.abort();
});

// Whoever leaves between two pauses loses nothing either.
for (const leaving of ["pagehide", "popstate", "turbo:before-visit"]) addEventListener(leaving, flush);

function forget(): void {
  clearTimeout(timer);
  pending = undefined;
}

function flush(): void {
  const form = pending;
  forget();
  if (form) void keep(form);
}

async function keep(form: HTMLFormElement): Promise<void> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  request = new AbortController();
  const { signal } = request;
  const sent = { method: "POST", body, signal, keepalive: true };
  const answer = await fetch(form.dataset["keep"]!, sent).catch(() => null);
  const said = form.querySelector("[data-kept]");
  if (said && answer?.status === 204) said.textContent = t("Kept for you");
}
