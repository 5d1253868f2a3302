// Which commands hold what was typed, the best first, with the letters marked.

/** How well words fit; a lower number is better, none does not fit at all. */
function fit(words: string, parts: string[]): number | null {
  let sum = 0;
  for (const part of parts) {
    const at = words.indexOf(part);
    if (at < 0) return null;
    sum += at === 0 ? 0 : words[at - 1] === " " ? 1 : 2 + at / 100;
  }
  return sum;
}

function mark(label: HTMLElement, parts: string[]): void {
  const text = label.textContent!;
  const at = parts.map((part) => [text.toLowerCase().indexOf(part), part.length] as const).find(([start]) => start >= 0);
  if (!at) return;
  const hit = document.createElement("mark");
  hit.textContent = text.slice(at[0], at[0] + at[1]);
  label.replaceChildren(text.slice(0, at[0]), hit, text.slice(at[0] + at[1]));
}

/** How the label of a command is met: by all of its words, by the first of them, or in another way. */
export const [WHOLE, BEGUN, ELSEWHERE] = [0, 1, 2];

function met(label: string, typed: string): number {
  const words = label.toLowerCase().replace(/…$/, "");
  return words === typed ? WHOLE : words.startsWith(typed) ? BEGUN : ELSEWHERE;
}

/** Leaves in a group what fits, the best first; answers how its best one is met, and none when nothing fits. */
export function narrow(group: HTMLElement, text: string): number | null {
  const typed = text.toLowerCase();
  const parts = typed.split(/\s+/).filter(Boolean);
  const options = [...group.querySelectorAll<HTMLElement>("[role=option]")];
  // Some are worth showing only to whoever looks for them.
  if (parts.length === 0) {
    for (const option of options) if ("more" in option.dataset) option.remove();
    return group.querySelector("[role=option]") ? ELSEWHERE : null;
  }
  const fits = options.map((option, place) => {
    const label = option.querySelector<HTMLElement>("[data-label]");
    const how = fit((option.dataset["words"] ?? option.textContent!).toLowerCase(), parts);
    return { option, label, place, how, rank: met(label?.textContent ?? "", typed) };
  });
  for (const { option } of fits) option.remove();
  const left = fits.filter(({ how }) => how !== null);
  left.sort((one, other) => one.rank - other.rank || one.how! - other.how! || one.place - other.place);
  for (const { option, label } of left) {
    if (label) mark(label, parts);
    group.append(option);
  }
  return left[0]?.rank ?? null;
}
