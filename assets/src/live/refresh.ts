// Brings the page up to date where it stands: scroll, caret, focus and whatever is open stay as they are.
import { morphBodyElements } from "@hotwired/turbo";

const PAUSE = 150;

let wanted = false;
let running = false;
let morphing = false;
let pressed = false;
const after: (() => void)[] = [];

addEventListener("pointerdown", () => (pressed = true), true);
for (const end of ["pointerup", "pointercancel"])
  addEventListener(
    end,
    () => {
      pressed = false;
      if (wanted) soon();
    },
    true,
  );

/** Whether the page changes by itself just now, and not because its person went somewhere. */
export function byItself(): boolean {
  return morphing;
}

/** Calls `run` after each refresh. */
export function onRefresh(run: () => void): void {
  after.push(run);
}

/** Fetches the page anew, as soon as nobody is in the middle of something. */
export function refresh(): void {
  wanted = true;
  if (!running) soon();
}

function soon(): void {
  setTimeout(() => void run(), PAUSE);
}

/** A click, a form on its way, or words about what was refused: a page that changed under them would lose them. */
function busy(): boolean {
  return pressed || document.querySelector("[aria-busy=true], .error-summary, [data-live-hold]") !== null;
}

async function run(): Promise<void> {
  if (!wanted || running || document.hidden) return;
  if (busy()) {
    setTimeout(() => void run(), PAUSE * 4);
    return;
  }
  wanted = false;
  running = true;
  await replace().catch(() => {});
  running = false;
  if (wanted) soon();
}

async function replace(): Promise<void> {
  const { href } = location;
  const headers = { Accept: "text/html", "X-Mainstay-Live": "1" };
  const answer = await fetch(href, { headers });
  // Signed out, gone, or not available: the page stays as it is, with what was typed.
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (location.href !== href || busy() || !sameScripts(page)) {
    wanted = location.href === href && sameScripts(page);
    return;
  }
  morphing = true;
  morphBodyElements(document.body, page.body);
  morphing = false;
  if (document.title !== page.title) document.title = page.title;
  for (const each of after) each();
}

/** A newer version of the program is for the next navigation. */
function sameScripts(page: Document): boolean {
  const tracked = (of: Document) =>
    [...of.querySelectorAll("[data-turbo-track]")].map((each) => each.outerHTML).join("\n");
  return tracked(page) === tracked(document);
}
