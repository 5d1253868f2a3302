// What is typed into a form of several steps is kept by the server while it is typed; sending works without this.
export {};

const PAUSE_MS = 700;
let timer = 0;
let request: AbortController | undefined;

document.addEventListener("input", (event) => {
  const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-keep]");
  if (!form) return;
  clearTimeout(timer);
  timer = window.setTimeout(() => void keep(form), PAUSE_MS);
});

// What the form itself sends must not be overtaken by what was typed before.
document.addEventListener("submit", stop);

// Whoever leaves between two pauses loses nothing either.
for (const leaving of ["pagehide", "turbo:before-visit"])
  addEventListener(leaving, () => {
    const form = document.querySelector<HTMLFormElement>("form[data-keep]");
    if (timer && form) void keep(form);
  });

function stop(): void {
  clearTimeout(timer);
  timer = 0;
  request?.abort();
}

async function keep(form: HTMLFormElement): Promise<void> {
  stop();
  const typed = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") typed.append(name, value);
  request = new AbortController();
  const { signal } = request;
  const body = typed;
  const answer = await fetch(form.dataset["keep"]!, { method: "POST", body, signal, keepalive: true }).catch(() => null);
  const said = form.querySelector("[data-kept]");
  if (said && answer?.status === 204) said.textContent = "Kept for you";
}
