// What each shortcut does: it presses what the page has for it. An element says with data-key that it is meant.
import { t } from "../text/words.ts";
import { enter } from "./fields.ts";
import { extend, inRow, move, select } from "./rows.ts";
import { fold } from "./panes.ts";
import "./inbox.ts";

declare const PALETTE_CHUNK: string;

interface Dialogs {
  palette(): void;
  sheet(): void;
}

const dialogs = () => import(PALETTE_CHUNK) as Promise<Dialogs>;

/** Where pages have something for a shortcut without saying so. */
const PLACES: Record<string, string> = {
  words: ".record-head a.number",
  new: "#navigation .side-top .icon-btn",
  filter: ".filters > a.pill",
  watch: "main form[action*='/watch'] button, main form[action*='/unwatch'] button",
  "go-inbox": "#navigation a[href='/inbox']",
  "go-mine": "#navigation a[href='/my-work']",
  "go-today": "#navigation a[href='/today']",
  "go-queue": "#navigation a[href*='?view=']",
  "go-reports": "#navigation a[href='/reports']",
  "go-portal": "#navigation a[href='/portal']",
  "go-settings": "#navigation a[href='/admin']",
  "record-next": ".crumbs a[rel=next]",
  "record-previous": ".crumbs a[rel=prev]",
  "assign-me": "#assignee form:has(input[name='assignee']) button",
};

const DEEDS: Record<string, () => boolean> = {
  palette: () => opened((all) => all.palette()),
  sheet: () => opened((all) => all.sheet()),
  search,
  "list-next": () => move(1),
  "list-previous": () => move(-1),
  "list-select": select,
  "list-down": () => extend(1),
  "list-up": () => extend(-1),
  reply: () => write("reply"),
  note: () => write("note"),
  send,
  finish: () => step("finish"),
  cancel: () => step("cancel"),
  "notice-done": () => inRow("notice-done"),
  "notice-snooze": () => inRow("notice-snooze"),
  "fold-list": () => fold("list", ".list-pane:not(main)"),
  "fold-rail": () => fold("rail", ".rail"),
  "copy-number": () => copy(number()),
  "copy-address": () => copy(number() && location.origin + location.pathname),
};

/** Does what a shortcut is for, or says why it cannot be done here; false when this page has nothing of the kind. */
export function act(deed: string): boolean {
  return press(deed) || (DEEDS[deed]?.() ?? false) || refuse(deed);
}

/** The page's own words for a shortcut that is not for this reader or this state. */
function refuse(deed: string): boolean {
  const words = document.querySelector<HTMLElement>(`[data-no-key~='${deed}']`)?.textContent;
  if (words) tell(words);
  return Boolean(words);
}

function opened(open: (all: Dialogs) => void): boolean {
  void dialogs().then(open);
  return true;
}

/** Presses the element that is meant: one that is seen before one that is not, as in the folded sidebar of a phone or in
 *  a menu that is closed. */
function press(deed: string): boolean {
  const own = `[data-key~='${deed}'], [popovertarget='${deed}'], [popovertarget='edit-${deed}']`;
  const all = [own, PLACES[deed]].flatMap((place) => (place ? [...document.querySelectorAll<HTMLElement>(place)] : []));
  const able = all.filter((each) => !each.matches(":disabled"));
  const target = able.find((each) => each.checkVisibility()) ?? able.find((each) => each.matches("a[href], .menu button[type=submit]"));
  if (!target) return false;
  if (target.matches("textarea, input:not([type=checkbox], [type=radio], [type=submit])")) enter(target);
  else follow(target);
  return true;
}

/** Clicks, and goes on into the menu that it opened. */
function follow(target: HTMLElement): void {
  const menu = target.getAttribute("popovertarget");
  if (menu) target.focus();
  target.click();
  if (menu) document.getElementById(menu)?.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea, a, button")?.focus();
}

function visit(place: string): true {
  const link = document.createElement("a");
  link.href = place;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  return true;
}

function search(): boolean {
  const field = document.querySelector<HTMLInputElement>("main input[type=search]");
  if (!field?.checkVisibility()) return visit("/search");
  enter(field);
  field.select();
  return true;
}

/** Into the composer, for one kind of words. */
function write(kind: string): boolean {
  const composer = document.querySelector("#composer");
  const choice = composer?.querySelector<HTMLInputElement>(`input[name=kind][value='${kind}']`);
  const field = composer?.querySelector<HTMLElement>("[contenteditable=true]") ?? document.getElementById("composer-body");
  if (!composer || !choice || !field) return press("words");
  if (choice.type === "radio" && !choice.checked) choice.click();
  enter(field);
  return true;
}

/** Sends the form in which the caret stands. */
function send(): boolean {
  const form = document.activeElement?.closest("form") ?? document.querySelector<HTMLFormElement>("#composer");
  const button = form?.querySelector<HTMLButtonElement>("button[type=submit].btn-primary, button[type=submit]");
  button?.click();
  return Boolean(button);
}

/** A step whose address the page names: its button, its link, or its form. */
function step(name: string): boolean {
  const place = document.getElementById("record-steps")?.dataset[name];
  if (!place) return false;
  const of = (tag: string, attribute: string, rest: string) =>
    [...document.querySelectorAll<HTMLElement>(`main ${tag}`)].find((each) => each.getAttribute(attribute) === place)?.querySelector<HTMLElement>(rest);
  const button = of("form", "action", "button");
  if (button) button.click();
  else visit(place);
  return true;
}

function number(): string {
  return document.querySelector("live-updates")?.getAttribute("record")?.split("~")[0] ?? "";
}

function copy(text: string): boolean {
  if (!text) return false;
  void navigator.clipboard.writeText(text).then(() => tell(t("Copied {text}", { text })));
  return true;
}

function tell(words: string): void {
  const toast = document.createElement("toast-message");
  const inner = document.createElement("div");
  inner.className = "toast";
  inner.setAttribute("role", "status");
  inner.textContent = words;
  toast.append(inner);
  document.getElementById("toasts")?.append(toast);
}

// The button that leads to the search opens the palette, unless a new tab is wanted.
document.addEventListener("click", (event) => {
  const find = (event.target as Element).closest("[data-command-palette]");
  if (!find || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  document.querySelector<HTMLElement>("#navigation:popover-open")?.hidePopover();
  act("palette");
});
