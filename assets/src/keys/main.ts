// Shortcuts: the server says which keys the person has (#keys), @github/hotkey hears them, and a deed is done.
import { eventToHotkeyString, install, normalizeSequence, uninstall } from "@github/hotkey";
import { act } from "./deeds.ts";
import { goBack } from "./fields.ts";
import "./menus.ts";

/** What listens to each key; it stands in no page, so that pages may come and go. */
const ears = new Map<string, HTMLElement>();
let known: string | undefined;

/** The person's keys with what each may do, what the page does first coming last of all in the table. */
function read(map: string): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const line of map.split("\n")) {
    const at = line.indexOf("=");
    const [deed, key] = [line.slice(0, at), normalizeSequence(line.slice(at + 1))];
    keys.set(key, [deed, ...(keys.get(key) ?? [])]);
  }
  return keys;
}

function listen(): void {
  const map = document.getElementById("keys")?.dataset["map"] ?? "";
  if (map === known) return;
  known = map;
  ears.forEach((ear) => uninstall(ear));
  ears.clear();
  if (!map) return;
  for (const [key, deeds] of read(map)) {
    const ear = document.createElement("button");
    ear.addEventListener("hotkey-fire", (event) => {
      event.preventDefault();
      if (free()) deeds.some(act);
    });
    install(ear, key);
    ears.set(key, ear);
  }
}

/** Behind a dialog or a menu nothing is pressed. */
function free(): boolean {
  return !document.querySelector("dialog[open], [popover]:popover-open");
}

// Where somebody writes, only what is held with Ctrl or ⌘ is no writing.
document.addEventListener("keydown", (event) => {
  const field = (event.target as Element).closest<HTMLElement>("input, textarea, select, [contenteditable=true]");
  if (!field || event.defaultPrevented) return;
  if (event.key === "Escape" && free()) return goBack(field);
  if (!event.ctrlKey && !event.metaKey) return;
  const deeds = ears.has(eventToHotkeyString(event)) && read(known ?? "").get(eventToHotkeyString(event));
  if (!deeds || field.closest("dialog") || !deeds.some(act)) return;
  event.preventDefault();
});

for (const name of ["turbo:load", "turbo:render"]) document.addEventListener(name, listen);
listen();

// The palette runs what a shortcut would.
document.addEventListener("mainstay:press", (event) => void act((event as CustomEvent<string>).detail));
