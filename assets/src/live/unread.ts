// What was said while the page was open: a line above it, a number in the title, and a word in the live region.
import { announce } from "../page/announcements.ts";
import { t } from "../text/words.ts";

let place = "";
let known = new Set<string>();
let fresh: string[] = [];
let badge = 0;

function messages(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("#timeline > [id^=comment-]")];
}

/** A page that somebody went to: all that it shows has been shown. */
export function begin(): void {
  place = location.pathname;
  known = new Set(messages().map((each) => each.id));
  fresh = [];
  setBadge(0);
}

/** A page that came anew by itself: what is more than before is new, until the person says something or goes on. */
export function mark(): void {
  if (place !== location.pathname) return begin();
  const added = messages().filter((each) => !known.has(each.id));
  for (const each of added) known.add(each.id);
  fresh = fresh.filter((id) => document.getElementById(id)).concat(added.map((each) => each.id));
  if (added.length > 0) announce(added.length === 1 ? t("1 new message") : t("{n} new messages", { n: added.length }));
  draw();
  if (!document.hasFocus() && added.length > 0) setBadge(badge + added.length);
  setBadge(badge);
}

function draw(): void {
  const first = document.getElementById(fresh[0] ?? "");
  let line = document.getElementById("unread");
  if (!first) return line?.remove();
  if (!line) {
    line = document.createElement("div");
    line.id = "unread";
    line.className = "unread-line";
    line.setAttribute("data-live-own", "");
    line.append(document.createElement("span"));
  }
  line.firstElementChild!.textContent = t("{n} new", { n: fresh.length });
  if (first.previousElementSibling !== line) first.before(line);
  jump(document.getElementById(fresh.at(-1) ?? "") ?? first);
}

/** A way down to what came in below the edge. */
function jump(last: HTMLElement): void {
  const timeline = last.parentElement!;
  const out = last.getBoundingClientRect().top > timeline.getBoundingClientRect().bottom - 24;
  const old = timeline.querySelector(".live-jump");
  if (!out) return old?.remove();
  if (old) return;
  const button = document.createElement("button");
  button.type = "button";
  button.id = "live-jump";
  button.className = "btn btn-s live-jump";
  button.setAttribute("data-live-own", "");
  button.textContent = t("New messages ↓");
  button.addEventListener("click", () => {
    button.remove();
    document.getElementById(fresh.at(-1) ?? "")?.scrollIntoView({ block: "nearest" });
  });
  timeline.append(button);
}

/** The number before the title, as long as nobody looks. */
export function setBadge(count: number): void {
  badge = count;
  const bare = document.title.replace(/^\(\d+\) /, "");
  const title = count > 0 ? `(${count}) ${bare}` : bare;
  if (document.title !== title) document.title = title;
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  const look = icon && (count > 0 ? icon.dataset["new"] : icon.dataset["plain"]);
  if (icon && look && icon.getAttribute("href") !== look) icon.setAttribute("href", look);
}

/** More of what nobody has looked at. */
export function addBadge(more: number): void {
  setBadge(badge + more);
}

addEventListener("focus", () => setBadge(0));
