// <command-palette>: everything that can be done here, found by typing. The server says what that is, by the same
// functions that its pages ask; this only narrows, walks and runs.
import Combobox from "@github/combobox-nav";
import { t } from "../text/words.ts";
import { caps, closesBeside, glass, make, part, visit } from "./parts.ts";
import { ELSEWHERE, narrow } from "./narrow.ts";
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
  /** What is asked for one opening: it is not heard in the next. */
  private opening = new AbortController();
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
    const opening = (this.opening = new AbortController());
    const page = await part(`/palette?at=${encodeURIComponent(place)}`, opening.signal);
    if (opening.signal.aborted) return;
    this.commands = page ? [...page.children] : [];
    for (const group of this.commands) caps(group);
    if (!this.nested) this.show();
  }

  private ended(): void {
    this.combobox.stop();
    this.opening.abort();
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
    const asking = this.text().length < 2 ? undefined : (this.asking = new AbortController());
    this.show();
    if (!asking) return;
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
    if (NUMBER.test(this.text()) || !this.list.querySelector("[role=option]")) this.show();
    else this.join();
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

  /** What can be done, the group with the best of it first; what belongs to this place stands before its equals. */
  private show(): void {
    const text = this.text();
    const groups = this.commands.map((group) => {
      const copy = group.cloneNode(true) as HTMLElement;
      const rank = narrow(copy, text);
      if (rank !== null) copy.dataset["rank"] = String(rank);
      return { copy, rank, place: "here" in copy.dataset ? 0 : 1 };
    });
    const open = groups.filter(({ rank }) => rank !== null);
    open.sort((one, other) => one.rank! - other.rank! || one.place - other.place);
    const found = this.records.map((group) => group.cloneNode(true));
    // What is searched for is asked behind what is found, so that nothing that stands there gives way to it.
    const further = this.asking ? [] : this.further(text);
    this.list.replaceChildren(...(NUMBER.test(text) ? found : []), ...open.map(({ copy }) => copy), ...further);
    if (!NUMBER.test(text)) this.place(found);
    this.combobox.resetSelection();
  }

  /** Records that came after the commands: what is chosen stays where it is and chosen. */
  private join(): void {
    this.place(this.records.map((group) => group.cloneNode(true)));
    this.list.append(...this.further(this.text()));
  }

  /** Records stand behind the commands that begin as what was typed, behind those of this place and behind what is
   *  chosen, and before all others. */
  private place(found: Node[]): void {
    const before = [...this.list.children].filter(
      (group) =>
        group instanceof HTMLElement &&
        (Number(group.dataset["rank"] ?? ELSEWHERE) < ELSEWHERE || "here" in group.dataset || group.querySelector("[aria-selected=true]")),
    );
    const last = before.at(-1);
    if (last) last.after(...found);
    else this.list.prepend(...found);
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
    } else if (event.key === "Enter" && this.asking && (NUMBER.test(this.text()) || !this.list.querySelector("[role=option]"))) {
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
