// <relative-time><time datetime>3m</time></relative-time>: keeps an age true while the page stays open.
import { age } from "../text/duration.ts";
import { start, stop } from "./ticking.ts";

/** After this the server writes a date, which does not go stale. */
const A_WEEK = 7 * 86_400_000;

class RelativeTime extends HTMLElement {
  connectedCallback(): void {
    start(this);
  }

  disconnectedCallback(): void {
    stop(this);
  }

  tick(now: number): void {
    const time = this.querySelector("time");
    const since = now - Date.parse(time?.dateTime ?? "");
    if (time && Math.abs(since) < A_WEEK) time.textContent = age(since) + (this.getAttribute("suffix") ?? "");
  }
}

customElements.define("relative-time", RelativeTime);
