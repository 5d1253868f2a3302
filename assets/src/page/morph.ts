// A live refresh must not touch what somebody is in the middle of.
import { byItself } from "../live/refresh.ts";
import { changed } from "./forms.ts";

document.addEventListener("turbo:before-morph-element", (event) => {
  const element = event.target as Element;
  const busy =
    (byItself() && element.matches("#toasts > *")) ||
    element.matches("dialog[open], [data-editing], [data-live-own], form[data-touched]") ||
    (element.matches("[popover]") && element.matches(":popover-open"));
  // What the person had the server fill in, and is to go on from, is no longer what they had there.
  const answered = event.detail.newElement?.hasAttribute("autofocus") ?? false;
  if (busy || (changed(element) && !answered) || stillTrue(element, event.detail.newElement)) event.preventDefault();
});

/** Whether a part that is loaded by itself says the same after the change: it says what it depends on. */
function stillTrue(element: Element, fresh: Element | null | undefined): boolean {
  const state = element.getAttribute("data-depends-on");
  return state !== null && state === fresh?.getAttribute("data-depends-on");
}

// What the person opened or closed stays so; its content is still refreshed.
document.addEventListener("turbo:before-morph-attribute", (event) => {
  const element = event.target as Element;
  if (element instanceof HTMLDetailsElement && event.detail.attributeName === "open") event.preventDefault();
});

/** What the script of the map makes of its parts, by the attributes that say it. */
const OF_MAP = [
  ["svg.map", ["viewBox", "class"]],
  [".map-view", ["class", "tabindex"]],
  ["[data-map-tools], [data-map-time], [data-map-mini], [data-map-keys]", ["hidden"]],
  [".map-mini-view", ["x", "y", "width", "height"]],
  ["[data-map-time] input", ["name", "disabled", "aria-valuetext"]],
] as const;

// Where somebody has moved the map to stays while the page is brought up to date; another map is another element.
document.addEventListener("turbo:before-morph-attribute", (event) => {
  const element = event.target as Element;
  const own = OF_MAP.find(([selector]) => element.matches(selector));
  if (own?.[1].some((name) => name === event.detail.attributeName)) event.preventDefault();
});
