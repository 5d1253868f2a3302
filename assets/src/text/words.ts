// The words of scripts: English is the key, and a page in another language brings its translations along.

let words: Record<string, string> | undefined;

/** A text in the language of the page; `{name}` in it is filled with the value of that name. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  words ??= read();
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function read(): Record<string, string> {
  const held = globalThis.document?.querySelector<HTMLMetaElement>('meta[name="words"]')?.content;
  return held ? (JSON.parse(held) as Record<string, string>) : {};
}
