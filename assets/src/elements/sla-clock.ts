// <sla-clock left as-of runs-until breached="Breached {time}">: counts down without asking the server.
// `left` is calendar time in milliseconds at the instant `as-of`; it runs only until `runs-until`,
// the end of the stretch of service hours that the server was in.
import { shortDuration } from "../text/duration.ts";
import { start, stop } from "./ticking.ts";

class SlaClock extends HTMLElement {
  connectedCallback(): void {
    start(this);
  }

  disconnectedCallback(): void {
    stop(this);
  }

  tick(now: number): void {
    const text = this.querySelector<HTMLElement>("[data-left]");
    if (!text) return;
    const asOf = this.number("as-of");
    const until = this.hasAttribute("runs-until") ? this.number("runs-until") : now;
    const left = this.number("left") - Math.max(0, Math.min(now, until) - asOf);
    const time = shortDuration(left);
    text.textContent = left > 0 ? time : (this.getAttribute("breached") ?? "").replace("{time}", time);
    if (left <= 0) this.querySelector(".sla, .pill")?.classList.add("ink-red");
  }

  private number(attribute: string): number {
    return Number(this.getAttribute(attribute));
  }
}

customElements.define("sla-clock", SlaClock);
