// A live refresh must not touch what somebody is in the middle of.
import { byItself } from "../live/refresh.ts";
import { changed } from "./forms.ts";

document.addEventListener("turbo:before-morph-element", (event) => {
  const element = event.target as Element;
  const busy =
    (byItself() && element.matches("#toasts > *")) ||
    element.matches("dialog[open], [data-editing], [data-live-own], form[data-touched]") ||
    (element.matches("[popover]") && element.matches(":popover-open"));
  if (busy || changed(element)) event.preventDefault();
});

// What the person opened or closed stays so; its content is still refreshed.
document.addEventListener("turbo:before-morph-attribute", (event) => {
  const element = event.target as Element;
  if (element instanceof HTMLDetailsElement && event.detail.attributeName === "open") event.preventDefault();
});
