// The inbox: the menu of times for the line that asks, and what is open counts as read once somebody is there.

let asking: HTMLElement | undefined;

document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-snooze]");
  const menu = document.getElementById("snooze-times");
  if (!link || !menu || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  asking = link;
  menu.querySelector("form")!.action = link.href;
  menu.querySelector<HTMLAnchorElement>("[data-snooze-own]")!.href = link.href;
  // The menu stands at what asked for it, as at a button of its own.
  (menu.showPopover as (options?: { source: HTMLElement }) => void).call(menu, { source: link });
  menu.querySelector<HTMLElement>("button")?.focus();
});

document.addEventListener(
  "toggle",
  (event) => {
    const gone = (event as ToggleEvent).newState === "closed" && (event.target as Element).id === "snooze-times";
    if (gone && document.activeElement === document.body) asking?.focus();
  },
  true,
);

function seen(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-read]");
  if (!form) return;
  const body = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
  form.remove();
  void fetch(form.action, { method: "POST", body }).catch(() => null);
}

document.addEventListener("turbo:load", seen);
seen();
