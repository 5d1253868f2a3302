// <shortcut-sheet>: what can be done with keys on this screen, to look through.
import { t } from "../text/words.ts";
import { caps, closesBeside, make, part } from "./parts.ts";

export class Sheet extends HTMLElement {
  private readonly dialog = make("dialog", "palette sheet");
  private readonly input = make("input", "");
  private readonly body = make("div", "palette-list sheet-list");

  constructor() {
    super();
    this.input.type = "text";
    this.input.placeholder = t("Keyboard shortcuts");
    this.input.setAttribute("aria-label", t("Look through the shortcuts"));
    this.body.tabIndex = 0;
    this.body.setAttribute("role", "region");
    this.body.setAttribute("aria-label", t("Shortcuts"));
    this.dialog.setAttribute("aria-label", t("Keyboard shortcuts"));
    const close = make("button", "btn btn-s", t("Close"));
    close.addEventListener("click", () => this.dialog.close());
    this.dialog.append(make("div", "palette-head", this.input, close), this.body);
    this.input.addEventListener("input", () => this.narrow());
    closesBeside(this.dialog);
  }

  connectedCallback(): void {
    // An element that a script makes has no attributes before it stands in the page.
    this.setAttribute("data-live-own", "");
    if (!this.dialog.isConnected) this.append(this.dialog);
  }

  toggle(): void {
    if (this.dialog.open) return this.dialog.close();
    this.input.value = "";
    this.dialog.showModal();
    this.input.focus();
    void this.fill();
  }

  private async fill(): Promise<void> {
    const page = await part(document.getElementById("keys")?.dataset["sheet"] ?? "/shortcuts");
    const content = page?.querySelector("#shortcut-list");
    if (!content) return;
    content.removeAttribute("id");
    this.body.replaceChildren(content);
    caps(this.body);
    this.narrow();
  }

  private narrow(): void {
    const words = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of this.body.querySelectorAll<HTMLElement>(".shortcut")) {
      const text = row.textContent!.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    for (const group of this.body.querySelectorAll<HTMLElement>("section"))
      group.hidden = !group.querySelector(".shortcut:not([hidden])");
  }
}
