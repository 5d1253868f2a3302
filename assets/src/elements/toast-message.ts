// <toast-message>: leaves by itself unless the pointer or the keyboard is on it.

const STAYS = 8_000;

class ToastMessage extends HTMLElement {
  private timer: number | undefined;

  connectedCallback(): void {
    this.timer = window.setTimeout(() => this.leave(), STAYS);
    this.addEventListener("click", (event) => {
      if ((event.target as Element).closest("[data-dismiss]")) this.remove();
    });
  }

  disconnectedCallback(): void {
    window.clearTimeout(this.timer);
  }

  private leave(): void {
    if (!this.matches(":hover, :focus-within")) return this.remove();
    this.timer = window.setTimeout(() => this.leave(), STAYS);
  }
}

customElements.define("toast-message", ToastMessage);
