// What palette and sheet have in common.

/** An element of the page with its class and what it holds. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  name: string,
  ...inside: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = name;
  element.append(...inside);
  return element;
}

/** An icon like one that the page shows already. */
export function glass(): Node {
  return document.querySelector(".find .icon")?.cloneNode(true) ?? document.createTextNode("");
}

/** A page's part from the server; nothing when it does not come. */
export async function part(place: string, signal?: AbortSignal): Promise<DocumentFragment | null> {
  // Whatever is overtaken ends quietly, be it on its way or being read.
  const read = async (answer: Response): Promise<string | null> => (answer.ok ? answer.text() : null);
  const html = await fetch(place, { signal: signal ?? null }).then(read).catch(() => null);
  if (html === null) return null;
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

const apple = /Mac|iPhone|iPad/.test(navigator.platform);

/** The caps of keys as this machine has them. */
export function caps(root: ParentNode): void {
  if (apple) return;
  for (const cap of root.querySelectorAll(".kbd")) if (cap.textContent === "⌘") cap.textContent = "Ctrl";
}

/** Goes to an address as a link does. */
export function visit(place: string): void {
  const link = make("a", "");
  link.href = place;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}

/** Closes on a click beside the dialog. */
export function closesBeside(dialog: HTMLDialogElement): void {
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
