// <command-palette>: everything that can be done here, found by typing. The server says what that is, by the same
// functions that its pages ask; this only narrows, walks and runs.
import Combobox from "@github/combobox-nav";
import { t } from "../text/words.ts";
import { caps, closesBeside, glass, make, part, visit } from "./parts.ts";
import { narrow } from "./narrow.ts";
import { run } from "./run.ts";

const PAUSE_MS = 110;
/** What looks like the number of a record. */
const NUMBER = /^[a-z]{2,5}-?\d+$/i;

export class Palette extends HTMLElement {
  private readonly dialog = make("dialog", "palette");
  private readonly input = make("input", "");
  private readonly chip = make("span", "tag palette-about");
  private readonly list = make("div", "palette-list");
  private readonly combobox: Combobox;
  private commands: Element[] = [];
  private records: Element[] = [];
  /** The address of the choices of one command, while one is made. */
  private nested = "";
  private asking: AbortController | undefined;
  private timer = 0;
  /** Enter was pressed before the records came. */
  private hurried = false;
  private readonly heard = () => this.typed();

  constructor() {
    super();
    this.input.type = "text";
    this.input.autocomplete = "off";
    this.input.spellcheck = false;
    this.input.setAttribute("aria-label", t("Search or run"));
    this.list.id = "palette-list";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", t("What can be done"));
    this.dialog.setAttribute("aria-label", t("Search or run"));
    this.dialog.append(make("div", "palette-head", glass(), this.input, this.chip), this.list);
    this.combobox = new Combobox(this.input, this.list, { firstOptionSelectionMode: "selected", tabInsertsSuggestions: false });
    this.input.addEventListener("keydown", (event) => this.pressed(event), true);
    this.list.addEventListener("combobox-commit", (event) => this.commit(event.target as HTMLElement));
    this.dialog.addEventListener("close", () => this.ended());
    closesBeside(this.dialog);
  }

  connectedCallback(): void {
    // An element that a script makes has no attributes before it stands in the page.
    this.setAttribute("data-live-own", "");
    if (!this.dialog.isConnected) this.append(this.dialog);
  }

  toggle(): void {
    if (this.dialog.open) return this.dialog.close();
    const number = document.querySelector("live-updates")?.getAttribute("record")?.split("~")[0] ?? "";
    this.dialog.showModal();
    this.combobox.start();
    // What the list holds is decided after the combobox has let go of what was chosen in it.
    this.input.removeEventListener("input", this.heard);
    this.input.addEventListener("input", this.heard);
    this.begin("", number, t("Search, or say what to do…"));
    void this.load(number);
  }

  private begin(nested: string, about: string, asks: string): void {
    this.nested = nested;
    this.records = [];
    this.input.value = "";
    this.input.placeholder = asks;
    this.chip.textContent = about;
    this.chip.hidden = !about;
    this.input.focus();
  }

  private async load(number: string): Promise<void> {
    const place = number ? location.pathname + location.search : "";
    const page = await part(`/palette?at=${encodeURIComponent(place)}`);
    this.commands = page ? [...page.children] : [];
    for (const group of this.commands) caps(group);
    if (!this.nested) this.show();
  }

  private ended(): void {
    this.combobox.stop();
    this.asking?.abort();
    clearTimeout(this.timer);
    this.hurried = false;
  }

  private typed(): void {
    this.hurried = false;
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = undefined;
    if (this.nested) {
      this.timer = window.setTimeout(() => void this.choices(), PAUSE_MS);
      return;
    }
    this.records = [];
    this.show();
    if (this.text().length < 2) return;
    const asking = (this.asking = new AbortController());
    this.timer = window.setTimeout(() => void this.find(asking), NUMBER.test(this.text()) ? 0 : PAUSE_MS);
  }

  private text(): string {
    return this.input.value.trim();
  }

  private async find(asking: AbortController): Promise<void> {
    const page = await part(`/palette/records?q=${encodeURIComponent(this.text())}`, asking.signal);
    if (this.asking !== asking) return;
    this.asking = undefined;
    this.records = page ? [...page.children] : [];
    this.show();
    if (!this.hurried) return;
    const first = this.records[0]?.querySelector<HTMLElement>("[role=option]");
    if (first) this.commit(first);
    else this.leave(() => visit(`/search?q=${encodeURIComponent(this.text())}`));
  }

  /** What there is to choose for the command that was run. */
  private async choices(): Promise<void> {
    const asking = (this.asking = new AbortController());
    const join = this.nested.includes("?") ? "&" : "?";
    const page = await part(`${this.nested}${join}q=${encodeURIComponent(this.text())}`, asking.signal);
    if (this.asking !== asking) return;
    this.asking = undefined;
    this.list.replaceChildren(...(page?.children ?? []));
    this.combobox.resetSelection();
  }

  private show(): void {
    const text = this.text();
    const groups = this.commands.map((group) => group.cloneNode(true) as HTMLElement);
    const open = groups.filter((group) => narrow(group, text));
    const [here, rest] = [open.filter((group) => "here" in group.dataset), open.filter((group) => !("here" in group.dataset))];
    const found = this.records.map((group) => group.cloneNode(true));
    const named = NUMBER.test(text) ? [...found, ...here] : [...here, ...found];
    this.list.replaceChildren(...named, ...rest, ...this.further(text));
    this.combobox.resetSelection();
  }

  /** What is typed can always be searched for. */
  private further(text: string): Element[] {
    if (!text) return [];
    const option = make("div", "palette-item", glass(), t("Search for “{text}”", { text }));
    option.id = "palette-search";
    option.setAttribute("role", "option");
    option.dataset["visit"] = `/search?q=${encodeURIComponent(text)}`;
    const group = make("div", "", option);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", t("Search"));
    return [group];
  }

  private pressed(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      this.dialog.close();
    } else if (event.key === "Enter" && this.asking && NUMBER.test(this.text())) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.hurried = true;
    } else if (event.key === "Backspace" && this.nested && !this.input.value) {
      event.preventDefault();
      this.dialog.close();
      this.toggle();
    }
  }

  private commit(option: HTMLElement): void {
    const { nested, asks } = option.dataset;
    if (nested) {
      this.begin(nested, this.chip.textContent ?? "", asks ?? "");
      this.list.replaceChildren();
      void this.choices();
    } else {
      this.leave(() => run(option));
    }
  }

  /** Goes out of the way first, so that the focus is where it was. */
  private leave(then: () => void): void {
    this.dialog.close();
    then();
  }
}
