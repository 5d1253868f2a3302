// The composer's toolbar: each button names what goes around the selection, `before|after`.

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-around]");
  const text = button?.closest("form")?.querySelector("textarea");
  if (!button || !text) return;
  const [before = "", after = ""] = (button.dataset["around"] ?? "").split("|");
  wrapSelection(text, before, after);
});

function wrapSelection(text: HTMLTextAreaElement, before: string, after: string): void {
  const { selectionStart: start, selectionEnd: end } = text;
  const chosen = text.value.slice(start, end);
  text.focus();
  text.setRangeText(before + chosen + after, start, end, "end");
  if (!chosen) text.setSelectionRange(start + before.length, start + before.length);
  text.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

// Ctrl+Enter and ⌘+Enter send.
document.addEventListener("keydown", (event) => {
  const text = event.target as Element;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && text instanceof HTMLTextAreaElement) {
    event.preventDefault();
    text.form?.requestSubmit();
  }
});
