// <sla-clock left as-of breached="Breached {time}">: counts down without asking the server.
// `left` is the time in milliseconds from the instant `as-of` to when the target is due. Nights and holidays are in
// that instant already, so it passes like any other time.
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
    const left = this.number("left") - Math.max(0, now - this.number("as-of"));
    const time = shortDuration(left);
    text.textContent = left > 0 ? time : (this.getAttribute("breached") ?? "").replace("{time}", time);
    if (left <= 0) this.querySelector(".sla, .pill")?.classList.add("ink-red");
  }

  private number(attribute: string): number {
    return Number(this.getAttribute(attribute));
  }
}

customElements.define("sla-clock", SlaClock);
