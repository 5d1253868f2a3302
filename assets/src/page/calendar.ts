// Dragging planned work to another day or half hour of the calendar. What is dropped goes the way of the form that moves
// it by keyboard; without a script that form is there alone.
export {};

const SLOTS = 48;
const HALF_HOUR = 1_800_000;

let dragged: { event: HTMLElement; grip: number } | undefined;

function dayUnder(event: DragEvent): HTMLElement | undefined {
  if (!dragged) return undefined;
  const slots = (event.target as Element).closest<HTMLElement>(".cal-slots");
  return slots?.closest<HTMLElement>(".cal-day") ? slots : undefined;
}

/** The instant that a point of a day stands for, on a half hour. */
function instantAt(slots: HTMLElement, y: number): number {
  const { top, height } = slots.getBoundingClientRect();
  const place = Math.round(((y - top) / height) * SLOTS);
  const midnight = Number(slots.closest<HTMLElement>(".cal-day")?.dataset["day"]);
  return midnight + Math.max(0, Math.min(SLOTS - 1, place)) * HALF_HOUR;
}

function over(slots: Element | undefined): void {
  for (const other of document.querySelectorAll(".cal-over")) if (other !== slots) other.classList.remove("cal-over");
  slots?.classList.add("cal-over");
}

document.addEventListener("dragstart", (event) => {
  const moved = (event.target as Element).closest<HTMLElement>(".cal-event[data-move]");
  if (!moved) return;
  dragged = { event: moved, grip: event.clientY - moved.getBoundingClientRect().top };
  event.dataTransfer?.setData("text/plain", moved.title);
});

document.addEventListener("dragover", (event) => {
  const slots = dayUnder(event);
  over(slots);
  if (slots) event.preventDefault();
});

document.addEventListener("dragend", () => {
  dragged = undefined;
  over(undefined);
});

document.addEventListener("drop", (event) => {
  const slots = dayUnder(event);
  const form = document.querySelector<HTMLFormElement>("#cal-move");
  if (!slots || !dragged || !form) return;
  event.preventDefault();
  const { move, version } = dragged.event.dataset;
  const at = instantAt(slots, event.clientY - dragged.grip);
  form.action = move ?? "";
  for (const [name, value] of Object.entries({ version: version ?? "", at: String(at) })) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
  form.requestSubmit();
});
