// A menu by keyboard: arrows walk its lines, Escape gives the focus back to its button, and it closes when the focus
// goes elsewhere. Opening and closing themselves are the browser's.

const LINES = ":is(a[href], button, summary):not(:disabled)";

/** The button that opens a menu. */
function opener(menu: HTMLElement): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(menu.id)}"]`);
}

function lines(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>(LINES)].filter((line) => line.checkVisibility());
}

/** The menu of lines that a button opens; what holds a form of its own is none. */
function menuOf(button: Element | null): HTMLElement | null {
  const menu = document.getElementById(button?.getAttribute("popovertarget") ?? "");
  return menu?.querySelector(".menu-item") ? menu : null;
}

/** Where an arrow leads from a line: round at the ends. */
function next(key: string, at: number, count: number): number | null {
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return at <= 0 ? count - 1 : at - 1;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

function walk(event: KeyboardEvent, menu: HTMLElement): void {
  const all = lines(menu);
  const to = all.length > 0 ? next(event.key, all.indexOf(document.activeElement as HTMLElement), all.length) : null;
  if (to === null) return;
  event.preventDefault();
  all[to]!.focus();
}

document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const menu = target.closest<HTMLElement>(".menu:popover-open");
  if (menu && event.key === "Escape") {
    event.preventDefault();
    menu.hidePopover();
    opener(menu)?.focus();
  } else if (menu) {
    // In a field the same keys move the caret or the choice.
    if (!target.matches("input, select, textarea, [contenteditable=true]")) walk(event, menu);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const button = target.closest<HTMLElement>("[popovertarget]");
    const own = menuOf(button);
    if (!own) return;
    if (!own.matches(":popover-open")) button!.click();
    walk(event, own);
  }
});

// Whoever goes on by Tab leaves no menu open behind.
document.addEventListener("focusin", (event) => {
  const target = event.target as Element;
  const button = target.closest("[popovertarget]")?.getAttribute("popovertarget");
  for (const menu of document.querySelectorAll<HTMLElement>("[popover]:popover-open")) {
    if (menu.id !== button && !menu.contains(target)) menu.hidePopover();
  }
});

export {};
