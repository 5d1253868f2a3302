// The command palette and the sheet of shortcuts: loaded when somebody asks for one of them.
import { Palette } from "./palette.ts";
import { Sheet } from "./sheet.ts";

declare const PALETTE_STYLE: string;

let styled: Promise<unknown> | undefined;

/** Their looks come with them. */
function looks(): Promise<unknown> {
  styled ??= new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = PALETTE_STYLE;
    link.addEventListener("load", done);
    link.addEventListener("error", done);
    document.head.append(link);
  });
  // Another page may have another head.
  if (!document.head.querySelector(`link[href='${PALETTE_STYLE}']`)) styled = undefined;
  return styled ?? looks();
}

customElements.define("command-palette", Palette);
customElements.define("shortcut-sheet", Sheet);

async function open(name: string): Promise<void> {
  await looks();
  const there = document.querySelector<Palette | Sheet>(name) ?? (document.createElement(name) as Palette | Sheet);
  if (!there.isConnected) document.body.append(there);
  there.toggle();
}

export const palette = () => open("command-palette");
export const sheet = () => open("shortcut-sheet");
