// Into a field by a key, and out of it again by Escape to where one was.

let opener: Element | null = null;

/** Puts the caret into a field and remembers where the person was. */
export function enter(field: HTMLElement): void {
  opener = document.activeElement;
  field.focus();
  if (field instanceof HTMLTextAreaElement) field.setSelectionRange(field.value.length, field.value.length);
}

/** Back to where the person was before the field; else to the heading of the page. */
export function goBack(field: HTMLElement): void {
  if (field.matches("input:not([type]), input[type=text], input[type=search], textarea, [contenteditable=true]")) {
    const back = opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : null;
    opener = null;
    field.blur();
    (back ?? document.querySelector<HTMLElement>("main h1[tabindex], main [tabindex]"))?.focus();
  }
}
