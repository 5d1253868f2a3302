// Who else is on the record, and that this person is: typing, looking, or away.
import { announce } from "../page/announcements.ts";
import { onNews } from "./updates.ts";

/** Keys are told at most this often; the server takes twice as long for an end. */
const TYPING = 2_500;
const AWAY = 120_000;

let said = "";
let saidAt = 0;
let away: number | undefined;
let words = "";

/** Shows who is there, and says who is replying. */
function replyingTo(html: string, who: string): void {
  const here = document.getElementById("presence");
  if (!here) return;
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("presence");
  if (fresh) here.replaceWith(document.importNode(fresh, true));
  if (who && who !== words) announce(who);
  words = who;
}

function tell(doing: string): void {
  const page = document.querySelector("live-updates[desk][record]");
  const number = page?.getAttribute("record")?.split("~")[0];
  const now = Date.now();
  if (!page || !number) return;
  const key = `${number} ${doing}`;
  if (key === said && (doing !== "editing" || now - saidAt < TYPING)) return;
  // To look at a record is what the stream says by itself.
  if (doing === "viewing" && !said.startsWith(`${number} `)) return;
  [said, saidAt] = [key, now];
  const body = new URLSearchParams({ _token: page.getAttribute("token") ?? "", number, doing });
  void fetch("/live/doing", { method: "POST", body, keepalive: true }).catch(() => {});
}

function awake(): void {
  clearTimeout(away);
  away = window.setTimeout(() => tell("idle"), AWAY);
  if (said.endsWith(" idle")) tell("viewing");
}

document.addEventListener("input", (event) => {
  const text = event.target as Element;
  if (text.closest("#composer") && text instanceof HTMLTextAreaElement) tell(text.value ? "editing" : "viewing");
});
document.addEventListener("turbo:submit-end", (event) => {
  if (event.detail.formSubmission.formElement.id === "composer") tell("viewing");
});
for (const sign of ["pointermove", "keydown", "scroll"]) addEventListener(sign, awake, { passive: true, capture: true });
onNews("presence", (data) => replyingTo(String(data["html"]), String(data["words"])));
