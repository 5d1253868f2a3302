// Shortcuts come with the first sign of a person, so that a page is there before them; keys pressed meanwhile count.
declare const KEYS_CHUNK: string;

const SIGNS = ["keydown", "pointermove", "pointerdown", "focusin"] as const;
const pressed: KeyboardEvent[] = [];
let asked = false;

function sign(event: Event): void {
  if (event instanceof KeyboardEvent) pressed.push(event);
  if (asked) return;
  asked = true;
  void import(KEYS_CHUNK).then(begin, () => (asked = false));
}

function begin(): void {
  for (const name of SIGNS) removeEventListener(name, sign, true);
  for (const event of pressed) {
    if (!event.defaultPrevented && (event.target as Node).isConnected)
      event.target!.dispatchEvent(new KeyboardEvent("keydown", event));
  }
}

for (const name of SIGNS) addEventListener(name, sign, true);
