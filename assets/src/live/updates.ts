// <live-updates since record list desk token>: keeps the page up to date while somebody looks at it.
import { connect } from "./connection.ts";
import type { News, Shown } from "./hub.ts";
import { onRefresh, refresh } from "./refresh.ts";
import { addBadge, begin, mark, setBadge } from "./unread.ts";

/** What else hears of the record in hand, by the kind of news: the agent's pages have more that does. */
const hearers = new Map<string, (data: News["data"]) => void>();

let report: ((shown: Shown | null) => void) | undefined;

class LiveUpdates extends HTMLElement {
  static observedAttributes = ["since", "record", "list"];

  connectedCallback(): void {
    report ??= connect((news) => hear(news));
    tell();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) tell();
  }

  disconnectedCallback(): void {
    tell();
  }
}

customElements.define("live-updates", LiveUpdates);

function page(): HTMLElement | null {
  return document.querySelector("live-updates");
}

function tell(): void {
  queueMicrotask(() => {
    const here = page();
    report?.(
      here && {
        since: Number(here.getAttribute("since")),
        record: here.getAttribute("record"),
        list: here.getAttribute("list"),
        desk: here.hasAttribute("desk"),
        visible: !document.hidden,
      },
    );
  });
}

/** What the page says that it shows, and how much of it. */
function shown(attribute: string): [string, string] {
  const value = page()?.getAttribute(attribute) ?? "";
  const at = value.lastIndexOf("~");
  return [value.slice(0, at), value.slice(at + 1)];
}

function hear({ event, data }: News): void {
  const [number, newest] = shown("record");
  const [place, contents] = shown("list");
  if (event === "record" && data["number"] === number) {
    if (!data["gone"] && Number(data["event"]) <= Number(newest)) return;
    if (document.hidden) setBadge(Number(data["said"] ?? 0));
    else refresh();
  } else if (event === "list" && data["place"] === place && data["mark"] !== contents) {
    // A page that is newer than the news holds it already.
    if (Number(data["event"]) > Number(page()?.getAttribute("since"))) refresh();
  }
  if (event === "counts") count(data as Record<string, string>);
  else if (event === "notices") told(Number(data["unread"]));
  else if (data["number"] === number) hearers.get(event)?.(data);
}

/** Hands news of this kind about the record in hand to `hear`. */
export function onNews(event: string, hear: (data: News["data"]) => void): void {
  hearers.set(event, hear);
}

/** The numbers in the sidebar, by where their entries lead. */
function count(counts: Record<string, string>): void {
  for (const entry of document.querySelectorAll<HTMLAnchorElement>("a.nav-item")) {
    const number = counts[entry.getAttribute("href") ?? ""];
    const shown = entry.querySelector(".count, .count-new");
    if (!shown || number === undefined || shown.textContent === number) continue;
    shown.textContent = number;
    shown.toggleAttribute("hidden", number === "0" && shown.matches(".count-new"));
  }
}

/** The notices that the page has shown as unread; what it does not say is not known. */
let unread: number | undefined;

function read(): void {
  const shown = document.querySelector("#navigation a[href='/inbox'] .count-new")?.textContent;
  unread = shown ? Number.parseInt(shown, 10) : undefined;
}

/** More notices than before count in the title while nobody looks; where they are shown, they come in. */
function told(now: number): void {
  const more = now - (unread ?? Math.max(now - 1, 0));
  if (more > 0 && !document.hasFocus()) addBadge(more);
  unread = now;
  if (!page()?.hasAttribute("desk") || document.querySelector("[data-inbox]")) refresh();
}

document.addEventListener("visibilitychange", tell);
addEventListener("pagehide", () => report?.(null));
addEventListener("pageshow", (event) => event.persisted && tell());
document.addEventListener("turbo:load", begin);
document.addEventListener("turbo:load", read);
onRefresh(mark);
