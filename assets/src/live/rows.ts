// A list that changes under the pointer is a trap: rows are refreshed where they are, new ones wait for a click.
import { t } from "../text/words.ts";
import { byItself, onRefresh, refresh } from "./refresh.ts";

let applying = false;
let waiting = 0;

function rowsOf(list: Element): Map<string, Element> {
  return new Map([...list.querySelectorAll("[id^=row-]")].map((row) => [row.id, row]));
}

document.addEventListener("turbo:before-morph-element", (event) => {
  const list = event.target as Element;
  const coming = event.detail.newElement;
  if (!byItself() || !list.matches("[data-live-rows]") || applying || !coming) return;
  // What came into an inbox is seen at once, unless somebody is pointing at a line.
  if (list.closest("[data-inbox]") && !list.matches(":hover, :focus-within")) return;
  event.preventDefault();
  const [old, fresh] = [rowsOf(list), rowsOf(coming)];
  for (const [id, row] of fresh) if (old.has(id)) patch(old.get(id)!, row);
  waiting = [...fresh.keys()].filter((id) => !old.has(id)).length;
  offer(list);
});

/** Gives a row its new looks without taking it from under the focus. */
function patch(row: Element, fresh: Element): void {
  if (row.isEqualNode(fresh)) return;
  for (const name of new Set([...row.getAttributeNames(), ...fresh.getAttributeNames()])) {
    const value = fresh.getAttribute(name);
    if (value === null) row.removeAttribute(name);
    else if (row.getAttribute(name) !== value) row.setAttribute(name, value);
  }
  const chosen = row.querySelector<HTMLInputElement>("input[name=n]:checked");
  row.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  const box = chosen && row.querySelector<HTMLInputElement>("input[name=n]");
  if (box) box.checked = true;
}

/** "3 new — show", over the list, so that nothing moves. */
function offer(list: Element): void {
  const before = list.previousElementSibling;
  const bar = before?.matches(".live-rows") ? before : waiting > 0 ? document.createElement("div") : null;
  if (!bar) return;
  if (waiting === 0) return bar.remove();
  const words = t("{n} new — show", { n: waiting });
  if (bar.textContent === words) return;
  // With a name of its own it is taken for nothing else when the page comes anew.
  bar.id = "live-rows";
  bar.className = "live-rows";
  bar.setAttribute("data-live-own", "");
  bar.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-s";
  button.textContent = words;
  button.addEventListener("click", apply);
  bar.replaceChildren(button);
  if (!bar.isConnected) list.before(bar);
}

function apply(): void {
  applying = true;
  refresh();
}

// After a refresh that had the rows change.
onRefresh(() => {
  if (applying) clear();
});

function clear(): void {
  applying = false;
  waiting = 0;
  document.querySelectorAll(".live-rows").forEach((bar) => bar.remove());
}

// Whoever goes somewhere or does something sees the list as it is.
document.addEventListener("turbo:load", clear);
