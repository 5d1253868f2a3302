// Going from record to record leaves the list where it was, with what was chosen in it.
import { onRefresh } from "../live/refresh.ts";

interface Kept {
  list: string;
  scroll: number;
  chosen: Set<string>;
}

let kept: Kept | undefined;

function rows(): HTMLElement | null {
  return document.getElementById("rows");
}

/** The list that the page shows, without what was shown of it. */
function listed(): string {
  const value = document.querySelector("live-updates")?.getAttribute("list") ?? "";
  return value.slice(0, value.lastIndexOf("~"));
}

function keep(): void {
  const pane = rows();
  if (!pane) return;
  const boxes = pane.querySelectorAll<HTMLInputElement>("input[name=n]:checked");
  kept = { list: listed(), scroll: pane.scrollTop, chosen: new Set([...boxes].map((box) => box.value)) };
}

function restore(): void {
  const pane = rows();
  if (!pane) return;
  if (kept?.list === listed()) {
    pane.scrollTop = kept.scroll;
    for (const box of pane.querySelectorAll<HTMLInputElement>("input[name=n]"))
      box.checked = kept.chosen.has(box.value);
  }
  const open = pane.querySelector(".ticket[aria-current]");
  if (!open) return;
  const [row, view] = [open.getBoundingClientRect(), pane.getBoundingClientRect()];
  // A sticky heading covers what stands right under the edge.
  const head = pane.querySelector(".group-head")?.getBoundingClientRect().height ?? 0;
  if (row.top < view.top + head) pane.scrollTop += row.top - view.top - head;
  else if (row.bottom > view.bottom) pane.scrollTop += row.bottom - view.bottom;
}

// What was done to the chosen rows is done: they are chosen no more.
document.addEventListener("turbo:submit-end", (event) => {
  const form = event.detail.formSubmission.formElement;
  if (event.detail.success && form.method === "post" && form.action.includes("/bulk")) kept?.chosen.clear();
});

document.addEventListener("turbo:before-render", keep);
document.addEventListener("turbo:render", restore);
document.addEventListener("turbo:load", restore);
onRefresh(keep);
