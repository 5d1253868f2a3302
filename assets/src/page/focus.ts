// Where the keyboard is after a page, a form or a live refresh has replaced what it was on.

let forward = false;
let submitted: { form: string; success: boolean } | null = null;
let lost: string[] = [];

/** True when nothing on the page has the focus. */
function adrift(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function focusOn(element: Element | null | undefined): boolean {
  if (!(element instanceof HTMLElement)) return false;
  element.focus();
  return document.activeElement === element;
}

function heading(): Element | null {
  return document.querySelector("main h1[tabindex]");
}

document.addEventListener("turbo:visit", (event) => {
  forward = event.detail.action === "advance";
});

document.addEventListener("turbo:load", () => {
  if (forward && !submitted && adrift()) focusOn(heading());
  forward = false;
});

document.addEventListener("turbo:submit-end", (event) => {
  submitted = { form: event.detail.formSubmission.formElement.id, success: event.detail.success ?? false };
});

/** The ids to try when the focused element is gone: itself, then its neighbours. */
function nearby(element: Element): string[] {
  const anchor = element.closest("[id]");
  const around = [anchor, anchor?.nextElementSibling, anchor?.previousElementSibling];
  return around.flatMap((each) => (each?.id ? [each.id] : []));
}

document.addEventListener("turbo:before-render", () => {
  lost = adrift() ? [] : nearby(document.activeElement!);
});

// A part of the page that came anew gives the focus back to what stands in the place of what had it.
document.addEventListener("turbo:before-frame-render", () => {
  lost = adrift() ? [] : nearby(document.activeElement!);
});

document.addEventListener("turbo:frame-render", () => {
  if (adrift()) lost.some((id) => focusOn(document.getElementById(id)));
  lost = [];
});

function afterSubmit(form: string, success: boolean): boolean {
  if (!success) return focusOn(document.querySelector(".error-summary, .refused, main [autofocus]"));
  const again = form ? document.getElementById(form) : null;
  return focusOn(again?.querySelector("textarea")) || focusOn(heading());
}

document.addEventListener("turbo:render", () => {
  if (submitted) {
    const { form, success } = submitted;
    submitted = null;
    if (adrift() || !success) afterSubmit(form, success);
  } else if (forward) {
    // Another page is read from its heading on, whatever it has in the place of what was pressed.
    if (adrift()) focusOn(heading());
  } else if (adrift() && lost.length > 0) {
    lost.some((id) => focusOn(document.getElementById(id))) || focusOn(heading());
  }
  lost = [];
});
