// The words of the composer as they will look: the editor is loaded when somebody who wants it begins to write. The text
// field stays the form's own control, and Markdown what is stored.
import type { Mounted } from "../editor.ts";
import { t } from "../text/words.ts";
import { keepChoice } from "./chosen.ts";

declare const EDITOR: string;

let mounted: Mounted | undefined;

/** The server says on each page what the person chose last, on whichever device. */
function wanted(): boolean {
  return document.querySelector("#composer[data-rich]") !== null;
}

function remember(rich: boolean): void {
  document.querySelector("#composer")?.toggleAttribute("data-rich", rich);
  keepChoice("/me/writing", rich ? ["rich"] : []);
}

function textarea(): HTMLTextAreaElement | null {
  return document.querySelector<HTMLTextAreaElement>("#composer[data-reply] #composer-body");
}

function show(): void {
  const toggle = document.querySelector<HTMLElement>("[data-rich-toggle]");
  const on = Boolean(mounted?.element.isConnected);
  const name = on ? t("Plain text") : t("Rich text");
  toggle?.setAttribute("aria-pressed", String(on));
  toggle?.setAttribute("title", name);
  toggle?.setAttribute("aria-label", name);
}

async function mount(text: HTMLTextAreaElement): Promise<void> {
  if (mounted?.element.isConnected) return;
  const { mount } = (await import(EDITOR)) as typeof import("../editor.ts");
  if (!text.isConnected || mounted?.element.isConnected) return;
  mounted = mount(text);
  show();
}

function unmount(): void {
  mounted?.end();
  mounted = undefined;
  show();
}

document.addEventListener("focusin", (event) => {
  const text = textarea();
  if (text && event.target === text && wanted()) void mount(text);
});

document.addEventListener("click", (event) => {
  const toggle = (event.target as Element).closest("[data-rich-toggle]");
  const text = textarea();
  if (!toggle || !text) return;
  const on = !mounted?.element.isConnected;
  remember(on);
  if (on) return void mount(text);
  unmount();
  text.focus();
});

// Reply and note change places, and what was sent is gone: the editor follows its text field.
document.addEventListener("change", (event) => {
  if ((event.target as HTMLInputElement).name === "kind") setTimeout(() => mounted?.follow());
});
document.addEventListener("turbo:submit-end", () => setTimeout(() => mounted?.follow()));
document.addEventListener("turbo:render", () => {
  if (mounted && !mounted.element.isConnected) unmount();
  else mounted?.follow();
});
