// Suggestions while somebody writes, a chunk of its own: @ names people, # records, / inserts a template.
import TextExpanderElement from "@github/text-expander-element";
import { t } from "./text/words.ts";

interface Choice {
  /** What is shown. */
  label: string;
  /** What stands in the text afterwards. */
  value: string;
}

interface Asked {
  key: string;
  text: string;
  provide: (result: Promise<{ matched: boolean; fragment: HTMLElement }>) => void;
}

const MOST = 8;
/** Pixels that a list keeps from the edge of the window. */
const EDGE = 8;
let menus = 0;

async function json<T>(address: string): Promise<T | null> {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? ((await answer.json()) as T) : null;
}

/** The record's address in the API. */
function record(form: HTMLFormElement): string {
  return `/api/v1${new URL(form.action).pathname.replace(/\/comments$/, "")}`;
}

/** Only who may read what is being written. */
async function people(form: HTMLFormElement, text: string): Promise<Choice[]> {
  const note = form.querySelector("[name=kind][value=note]:checked, [name=kind][type=hidden][value=note]") !== null;
  const asked = new URLSearchParams({ q: text, internal: String(note) });
  const found = await json<{ items: { name: string }[] }>(`${record(form)}/mentionable?${asked}`);
  return (found?.items ?? []).map(({ name }) => ({ label: name, value: `@${name}` }));
}

async function records(text: string): Promise<Choice[]> {
  const address = `/api/v1/search?limit=${MOST}&q=${encodeURIComponent(text)}`;
  const found = await json<{ items: { number: string; title: string }[] }>(address);
  return (found?.items ?? []).map(({ number, title }) => ({ label: `${number} ${title}`, value: number }));
}

async function templates(form: HTMLFormElement, text: string): Promise<Choice[]> {
  const found = await json<{ items: { name: string; body: string }[] }>(`${record(form)}/templates`);
  const fits = ({ name }: { name: string }) => name.toLowerCase().includes(text.toLowerCase());
  return (found?.items ?? []).filter(fits).map(({ name, body }) => ({ label: name, value: body }));
}

function choices(form: HTMLFormElement, key: string, text: string): Promise<Choice[]> {
  if (key === "/") return templates(form, text);
  if (text.length < 2) return Promise.resolve([]);
  return key === "@" ? people(form, text) : records(text);
}

function menu(all: Choice[]): HTMLElement {
  const list = document.createElement("ul");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", t("Suggestions"));
  list.className = "expander";
  menus += 1;
  all.slice(0, MOST).forEach(({ label, value }, index) => {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    option.id = `expander-${menus}-${index}`;
    option.dir = "auto";
    option.textContent = label;
    option.dataset["value"] = value;
    list.append(option);
  });
  return list;
}

/** A list that has no room below its line stands above it, and none leaves the window. */
function settle(list: HTMLElement, line: number): void {
  const { bottom, height, left, right } = list.getBoundingClientRect();
  const room = document.documentElement;
  const up = bottom > room.clientHeight - EDGE ? -(height + line + EDGE / 2) : 0;
  const aside = Math.min(0, room.clientWidth - EDGE - right) + Math.max(0, EDGE - left);
  list.style.translate = `${aside}px ${up}px`;
}

/** Lets a text field suggest. */
export function begin(expander: HTMLElement): void {
  if (!(expander instanceof TextExpanderElement) || expander.dataset["ready"]) return;
  expander.dataset["ready"] = "yes";
  expander.addEventListener("text-expander-change", (event) => {
    const { key, text, provide } = (event as CustomEvent<Asked>).detail;
    const form = expander.closest("form")!;
    const found = choices(form, key, text);
    provide(found.then((all) => ({ matched: all.length > 0, fragment: menu(all) })));
  });
  // A text of several lines is a text field also while it suggests.
  expander.addEventListener("text-expander-activate", () => {
    const text = expander.querySelector("textarea");
    queueMicrotask(() => {
      ["role", "aria-expanded"].forEach((name) => text?.removeAttribute(name));
      const list = expander.querySelector<HTMLElement>(".expander");
      if (text && list) settle(list, parseFloat(getComputedStyle(text).lineHeight));
    });
  });
  expander.addEventListener("text-expander-value", (event) => {
    const { detail } = event as CustomEvent<{ item: HTMLElement; value: string | null }>;
    detail.value = detail.item.dataset["value"] ?? "";
  });
}
