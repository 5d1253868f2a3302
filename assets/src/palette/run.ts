// Runs what was chosen: goes there, posts what a button of the page would post, or presses that button.
import { make, visit } from "./parts.ts";

function post(action: string, fields: Record<string, string>): void {
  const form = make("form", "");
  form.method = "post";
  form.action = action;
  form.hidden = true;
  const token = document.querySelector("live-updates")?.getAttribute("token") ?? "";
  for (const [name, value] of Object.entries({ _token: token, ...fields })) {
    const input = make("input", "");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.requestSubmit();
}

export function run(option: HTMLElement): void {
  const { visit: place, post: action, fields, press } = option.dataset;
  if (place) visit(place);
  else if (action) post(action, JSON.parse(fields ?? "{}") as Record<string, string>);
  else if (press) document.dispatchEvent(new CustomEvent("mainstay:press", { detail: press }));
}
