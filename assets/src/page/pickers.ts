// A register too long for a list is typed into: the server suggests, the form takes the text as it stands.

const PAUSE_MS = 150;
let timer = 0;

document.addEventListener("input", (event) => {
  const input = event.target as HTMLInputElement;
  const source = input.closest<HTMLElement>("[data-source]")?.dataset["source"];
  if (!source || !input.list) return;
  clearTimeout(timer);
  timer = window.setTimeout(() => void suggest(input, source), PAUSE_MS);
});

async function suggest(input: HTMLInputElement, source: string): Promise<void> {
  const typed = input.value;
  const join = source.includes("?") ? "&" : "?";
  const answer = await fetch(`${source}${join}q=${encodeURIComponent(typed)}`).catch(() => null);
  // Who has typed on meanwhile gets the answer to that.
  if (!answer?.ok || input.value !== typed) return;
  const found = (await answer.json()) as { value: string; label: string }[];
  input.list?.replaceChildren(...found.map(({ value, label }) => new Option(label, value)));
}
