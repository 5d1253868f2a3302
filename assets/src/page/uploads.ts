// Files go to the server while somebody still writes: pasted, dropped anywhere on the record, or chosen. They wait with
// the draft of the words until these are sent.
import { visit } from "@hotwired/turbo";
import { announce } from "./announcements.ts";
import { t } from "../text/words.ts";

const KINDS = ["reply", "note"] as const;

function composer(): HTMLFormElement | null {
  return document.querySelector<HTMLFormElement>("#composer[data-reply]");
}

/** Where files land on the sections of a record that have no composer; they are led to the one that has it. */
function landing(): HTMLFormElement | null {
  return document.querySelector<HTMLFormElement>("#composer-landing");
}

function tray(form: HTMLFormElement): HTMLElement {
  return form.querySelector<HTMLElement>("#composer-files")!;
}

function kindOf(form: HTMLFormElement): string {
  return form.querySelector<HTMLInputElement>("[name=kind]:checked")?.value ?? KINDS[0];
}

function tokenOf(form: HTMLFormElement): string {
  return new FormData(form).get("_token") as string;
}

function element(name: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/** Says what went wrong, in words that are read out. */
function complain(form: HTMLFormElement, words: string): void {
  const line = element("p", "field-error", words);
  line.setAttribute("role", "alert");
  line.setAttribute("data-live-own", "");
  tray(form).append(line);
}

function mega(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000)} MB`;
}

/** What was sent while files of it were on their way, by the button that sent it. */
const waiting = new Map<HTMLFormElement, HTMLElement | null>();

/** After the last file goes what waited for it; where one did not come, it stays with whoever wrote it. */
function settled(form: HTMLFormElement): void {
  if (!waiting.has(form) || tray(form).querySelector("progress")) return;
  const submitter = waiting.get(form) ?? null;
  waiting.delete(form);
  if (!tray(form).querySelector(".field-error")) form.requestSubmit(submitter);
}

/** One file: a tile with its progress, which becomes a tile of what is kept. */
function upload(form: HTMLFormElement, file: File): void {
  const most = Number(tray(form).dataset["most"]);
  if (most && file.size > most) {
    return complain(form, t("{name} is larger than {most}. It was not added.", { name: file.name, most: mega(most) }));
  }
  const kind = kindOf(form);
  const tile = element("span", `tag file-tile for-${kind}`);
  tile.setAttribute("data-live-own", "");
  const progress = document.createElement("progress");
  progress.max = 100;
  progress.value = 0;
  progress.setAttribute("aria-label", file.name);
  const stop = button(t("Cancel {name}", { name: file.name }));
  tile.append(element("bdi", "clip", file.name), progress, stop);
  tray(form).append(tile);

  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total }) => (progress.value = (loaded / total) * 100));
  request.addEventListener("load", () => arrived(form, kind, file, tile, request));
  request.addEventListener("error", () => {
    tile.remove();
    complain(form, t("{name} could not be sent. Try again.", { name: file.name }));
  });
  request.addEventListener("loadend", () => settled(form));
  request.addEventListener("abort", () => tile.remove());
  stop.addEventListener("click", () => request.abort());
  const body = new FormData();
  body.set("_token", tokenOf(form));
  body.set("_of", `${kind} ${form.dataset["draft"]}`);
  body.set("files", file);
  request.open("POST", "/drafts/files");
  request.send(body);
}

interface Kept {
  name: string;
  size: number;
  digest: string;
}

function arrived(form: HTMLFormElement, kind: string, file: File, tile: HTMLElement, request: XMLHttpRequest): void {
  if (request.status !== 200) {
    tile.remove();
    const answer = request.status === 422 ? (JSON.parse(request.responseText) as { says: string }).says : "";
    const large = request.status === 413 ? t("{name} is too large. It was not added.", { name: file.name }) : "";
    return complain(form, answer || large || t("{name} could not be sent. Try again.", { name: file.name }));
  }
  if (form === landing()) return landed(form, tile);
  const { files } = JSON.parse(request.responseText) as { files: Kept[] };
  const [kept] = files;
  if (!kept) return tile.remove();
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = `staged.${kind}`;
  input.value = kept.digest;
  const remove = button(t("Remove {name}", { name: kept.name }));
  remove.setAttribute("data-unstage", "");
  tile.replaceChildren(element("bdi", "clip", kept.name), element("span", "quiet", size(kept.size)), input, remove);
  form.setAttribute("data-touched", "");
  form.querySelector("textarea")!.required = false;
  announce(t("{name} is attached.", { name: kept.name }));
}

/** One file less is on its way; after the last one the composer shows them all. */
function landed(form: HTMLFormElement, tile: HTMLElement): void {
  tile.querySelectorAll("progress, button").forEach((part) => part.remove());
  const done = form.querySelector("progress, .field-error") === null;
  if (done) visit(form.action);
}

function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.floor(bytes / 1_000)} KB` : `${(Math.floor(bytes / 100_000) / 10).toFixed(1)} MB`;
}

function button(label: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "icon-btn";
  made.setAttribute("aria-label", label);
  made.textContent = "×";
  return made;
}

function take(form: HTMLFormElement, files: Iterable<File>): void {
  tray(form).querySelectorAll(".field-error").forEach((line) => line.remove());
  for (const file of files) upload(form, file);
}

// Before anybody else hears of it: a message does not leave without its files.
window.addEventListener(
  "submit",
  (event) => {
    const form = composer();
    if (!form || event.target !== form || !tray(form).querySelector("progress")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting.set(form, event.submitter);
    announce(t("It is sent as soon as its files are there."));
  },
  true,
);

document.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  const form = composer();
  if (!form || input.type !== "file" || input.form !== form) return;
  const files = [...(input.files ?? [])];
  input.value = "";
  take(form, files);
});

document.addEventListener("paste", (event) => {
  const form = composer();
  const files = [...(event.clipboardData?.files ?? [])];
  if (!form || files.length === 0) return;
  event.preventDefault();
  take(form, files);
});

/** Whether files are dragged over a record, whose page a browser would leave for them. */
function bringsFiles(event: DragEvent): boolean {
  const onRecord = document.querySelector("#live[record]") !== null || composer() !== null;
  const ownField = (event.target as Element).closest?.("input[type=file]");
  return onRecord && !ownField && (event.dataTransfer?.types.includes("Files") ?? false);
}

function over(yes: boolean): void {
  composer()?.toggleAttribute("data-drop", yes);
}

document.addEventListener("dragover", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  over(true);
});
document.addEventListener("dragleave", (event) => event.relatedTarget === null && over(false));
document.addEventListener("drop", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  over(false);
  const form = composer() ?? landing();
  if (!form) return;
  form.hidden = false;
  take(form, event.dataTransfer!.files);
});

document.addEventListener("click", (event) => {
  const remove = (event.target as Element).closest("[data-unstage]");
  const tile = remove?.closest<HTMLElement>(".file-tile");
  const form = tile?.closest<HTMLFormElement>("form[data-draft]");
  const input = tile?.querySelector<HTMLInputElement>("input");
  if (!tile || !form || !input) return;
  const kind = input.name.replace("staged.", "");
  const body = new URLSearchParams({ _token: tokenOf(form), _of: `${kind} ${form.dataset["draft"]}`, digest: input.value });
  void fetch("/drafts/files/remove", { method: "POST", body });
  tile.remove();
  form.querySelector("textarea")!.focus();
});
