// The rich editor, a chunk of its own: Markdown in, Markdown out, nothing else.
import { Editor } from "@tiptap/core";
import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table";
import { Markdown } from "@tiptap/markdown";
import StarterKit from "@tiptap/starter-kit";

/** An editor in the place of a text field. */
export interface Mounted {
  element: HTMLElement;
  /** Takes over what the text field holds by now. */
  follow(): void;
  /** Leaves the words to the text field alone. */
  end(): void;
}

/** Puts an editor before a text field, which it keeps in step. */
export function mount(text: HTMLTextAreaElement): Mounted {
  const element = document.createElement("div");
  element.className = "rich prose";
  element.setAttribute("data-live-own", "");
  text.before(element);
  const label = text.labels?.[0]?.textContent ?? "";
  const editor = new Editor({
    element,
    injectCSS: false,
    content: text.value,
    contentType: "markdown",
    autofocus: "end",
    extensions: [
      StarterKit.configure({ link: { openOnClick: false }, underline: false }),
      Table.configure({ resizable: false }),
      TableRow,
      TableHeader,
      TableCell,
      Markdown,
    ],
    editorProps: {
      attributes: { role: "textbox", "aria-multiline": "true", "aria-label": label, dir: "auto" },
      handleKeyDown(_, event) {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return false;
        text.form?.requestSubmit();
        return true;
      },
    },
    onUpdate({ editor }) {
      text.value = editor.getMarkdown();
      text.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
    },
  });
  const tools = (event: Event) => press(editor, event);
  document.addEventListener("click", tools, true);
  return {
    element,
    follow() {
      if (text.value !== editor.getMarkdown())
        editor.commands.setContent(text.value, { contentType: "markdown", emitUpdate: false });
    },
    end() {
      document.removeEventListener("click", tools, true);
      editor.destroy();
      element.remove();
    },
  };
}

/** The toolbar's buttons do to the editor what they would do to the text field. */
function press(editor: Editor, event: Event): void {
  const button = (event.target as Element).closest<HTMLElement>("#composer [data-around]");
  if (!button || !editor.view.dom.isConnected) return;
  event.stopPropagation();
  const chain = editor.chain().focus();
  const around = button.dataset["around"] ?? "";
  if (around.startsWith("**")) chain.toggleBold().run();
  else if (around.startsWith("\n-")) chain.toggleBulletList().run();
  else chain.insertContent(around.replace("|", "")).run();
}
