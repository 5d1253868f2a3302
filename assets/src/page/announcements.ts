// Turbo tells assistive technology nothing when it replaces a page; the live region does.

/** Says `text` in the page's polite live region. */
export function announce(text: string): void {
  const region = document.getElementById("announcer");
  if (region) region.textContent = text;
}

document.addEventListener("turbo:load", () => announce(document.title));
