// Walking a list by key: the focus stands on a row's link, so that Enter opens it like any link.

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[id^='row-']")].filter((row) => row.checkVisibility());
}

function link(row: HTMLElement): HTMLElement | null {
  return row.matches("a[href]") ? row : row.querySelector<HTMLElement>("a[href]");
}

/** Where the person is: on the row with the focus, else on the one that is open. */
function here(all: HTMLElement[]): number {
  const focus = all.findIndex((row) => row.contains(document.activeElement) || around(row)?.contains(document.activeElement));
  if (focus >= 0) return focus;
  return all.findIndex((row) => row.matches("[aria-current]") || row.querySelector("[aria-current]"));
}

/** What holds a row and the box that selects it. */
function around(row: HTMLElement): Element | null {
  return row.closest("[data-row]");
}

function box(row: HTMLElement): HTMLInputElement | null {
  const of = (place: Element | null | undefined) => place?.querySelector<HTMLInputElement>("input[type=checkbox]") ?? null;
  return of(row) ?? of(around(row));
}

/** Goes `by` rows on. False where there is no list. */
export function move(by: number): boolean {
  const all = rows();
  if (all.length === 0) return false;
  const at = here(all);
  const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  const target = link(all[to]!);
  target?.focus({ focusVisible: true } as FocusOptions);
  target?.scrollIntoView({ block: "nearest" });
  return true;
}

/** Selects the row or takes the selection away. */
export function select(): boolean {
  const all = rows();
  const row = all[here(all)];
  const found = row && box(row);
  found?.click();
  return Boolean(found);
}

/** Selects the row and the next one. */
export function extend(by: number): boolean {
  const all = rows();
  const row = all[here(all)];
  const found = row && box(row);
  if (!found) return false;
  if (!found.checked) found.click();
  move(by);
  const next = rows()[here(rows())];
  const other = next && box(next);
  if (other && !other.checked) other.click();
  return true;
}

/** Presses something of the row that one is on, and stays beside it when it leaves the list. */
export function inRow(deed: string): boolean {
  const all = rows();
  const at = here(all);
  const row = all[at];
  const target = row && (around(row) ?? row).querySelector<HTMLElement>(`[data-row-key='${deed}']`);
  if (!target) return false;
  const next = all[at + 1] ?? all[at - 1];
  if (target.matches("button")) document.addEventListener("turbo:load", () => back(next?.id), { once: true });
  target.click();
  return true;
}

function back(id: string | undefined): void {
  const row = id ? document.getElementById(id) : null;
  if (row) link(row)?.focus();
}
