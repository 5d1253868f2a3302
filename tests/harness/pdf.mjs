// What a PDF of Chromium's says: its glyphs in their order, by the tables that tell which letters they are.
import { inflateSync } from 'node:zlib';

/** The text of a PDF without any blanks, page after page. */
export function textOf(pdf) {
  const objects = objectsOf(pdf);
  const fonts = fontsOf(objects);
  const contents = [...objects.values()].filter(({ text }) => / T[jJ]\b|\]TJ|>Tj/.test(text));
  return contents.map(({ text }) => spoken(text, fonts)).join('\n');
}

/** Every object by its number, streams unpacked. */
function objectsOf(pdf) {
  const raw = pdf.toString('latin1');
  const objects = new Map();
  for (const match of raw.matchAll(/(\d+) 0 obj([\s\S]*?)endobj/g)) {
    const body = match[2];
    const from = body.search(/stream\r?\n/);
    if (from < 0) {
      objects.set(match[1], { head: body, text: '' });
      continue;
    }
    const head = body.slice(0, from);
    const start = body.indexOf('\n', from) + 1;
    const bytes = Buffer.from(body.slice(start, body.lastIndexOf('endstream')), 'latin1');
    objects.set(match[1], { head, text: head.includes('FlateDecode') ? inflated(bytes) : bytes.toString('latin1') });
  }
  return objects;
}

function inflated(bytes) {
  try {
    return inflateSync(bytes).toString('latin1');
  } catch {
    return '';
  }
}

/** Letters by glyph, by the name under which pages know a font. */
function fontsOf(objects) {
  const fonts = new Map();
  const everything = [...objects.values()].map(({ head }) => head).join('\n');
  for (const [, name, number] of everything.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
    const table = objects.get(number)?.head.match(/\/ToUnicode (\d+) 0 R/)?.[1];
    if (table) fonts.set(name, letters(objects.get(table).text));
  }
  return fonts;
}

function letters(table) {
  const found = new Map();
  // Glyphs of drawn fonts are numbered in one byte, those of others in two.
  found.digits = table.match(/begincodespacerange\s*<(\w+)>/)?.[1].length ?? 4;
  const said = (hex) => Buffer.from(hex, 'hex').swap16().toString('utf16le');
  for (const [, block] of table.matchAll(/beginbfchar([\s\S]*?)endbfchar/g)) {
    for (const [, glyph, to] of block.matchAll(/<(\w+)>\s*<(\w+)>/g)) found.set(parseInt(glyph, 16), said(to));
  }
  for (const [, block] of table.matchAll(/beginbfrange([\s\S]*?)endbfrange/g)) {
    for (const [, from, to, first] of block.matchAll(/<(\w+)>\s*<(\w+)>\s*<(\w+)>/g)) {
      for (let glyph = parseInt(from, 16); glyph <= parseInt(to, 16); glyph += 1) {
        found.set(glyph, String.fromCodePoint(parseInt(first, 16) + glyph - parseInt(from, 16)));
      }
    }
  }
  return found;
}

function spoken(content, fonts) {
  let font = new Map();
  let text = '';
  for (const [, name, hex] of content.matchAll(/\/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>/g)) {
    if (name) font = fonts.get(name) ?? new Map();
    else for (const glyph of hex.match(font.digits === 2 ? /.{2}/g : /.{4}/g) ?? []) text += font.get(parseInt(glyph, 16)) ?? '';
  }
  return text.replace(/\s+/g, '');
}
