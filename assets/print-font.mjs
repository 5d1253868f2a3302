// The font of files that are printed: Inter at its regular weight, a TrueType file for each of its scripts, packed as PDF
// holds it, and one table of all letters. Run by hand when the font changes; what it writes is committed.
// Usage: node print-font.mjs
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import subsetFont from "subset-font";

const here = path.dirname(fileURLToPath(import.meta.url));
const fonts = path.join(here, "node_modules/@fontsource-variable/inter/files");
const place = path.join(here, "../crates/desk/src/maps/picture/font");
const scripts = ["latin", "latin-ext", "cyrillic", "greek", "vietnamese"];
const css = fs.readFileSync(path.join(here, "css/fonts.css"), "utf8");

/** Code points of the range that the stylesheet gives to a script. */
function lettersOf(script) {
  const face = css.split("@font-face").find((each) => each.includes(`"inter-${script}.woff2"`));
  return /unicode-range:([^;]+);/
    .exec(face)[1]
    .split(",")
    .flatMap((range) => {
      const [first, last = first] = range.trim().slice(2).split("-").map((code) => parseInt(code, 16));
      return Array.from({ length: last - first + 1 }, (_, at) => first + at);
    })
    .filter((code) => code >= 0x20 && code < 0x10000 && (code < 0xd800 || code > 0xdfff));
}

function tablesOf(font) {
  const tables = {};
  for (let n = 0; n < font.readUInt16BE(4); n += 1) {
    const at = 12 + n * 16;
    tables[font.toString("latin1", at, at + 4)] = font.readUInt32BE(at + 8);
  }
  return tables;
}

/** The glyph of a code point, by the table of format 4 or 12. */
function glyphs(font, cmap) {
  const found = new Map();
  for (let n = 0; n < font.readUInt16BE(cmap + 2); n += 1) {
    const at = cmap + font.readUInt32BE(cmap + 4 + n * 8 + 4);
    if (font.readUInt16BE(at) === 12)
      for (let group = 0; group < font.readUInt32BE(at + 12); group += 1) {
        const [first, last, glyph] = [0, 4, 8].map((by) => font.readUInt32BE(at + 16 + group * 12 + by));
        for (let code = first; code <= last; code += 1) found.set(code, glyph + code - first);
      }
    if (font.readUInt16BE(at) !== 4) continue;
    const count = font.readUInt16BE(at + 6) / 2;
    for (let segment = 0; segment < count; segment += 1) {
      const of = (part) => at + 14 + part * count * 2 + (part > 0 ? 2 : 0) + segment * 2;
      const [last, first, delta, offset] = [0, 1, 2, 3].map((part) => font.readUInt16BE(of(part)));
      for (let code = first; code <= last && code !== 0xffff; code += 1) {
        const raw = offset ? font.readUInt16BE(of(3) + offset + (code - first) * 2) : code;
        if (!offset || raw) found.set(code, (raw + delta) & 0xffff);
      }
    }
  }
  return found;
}

const letters = new Map();
for (const [index, script] of scripts.entries()) {
  const whole = fs.readFileSync(path.join(fonts, `inter-${script}-wght-normal.woff2`));
  const wanted = lettersOf(script);
  const font = await subsetFont(whole, String.fromCodePoint(...wanted), {
    targetFormat: "truetype",
    variationAxes: { wght: 400 },
    keepFeatures: ["ccmp"],
  });
  const tables = tablesOf(font);
  const units = font.readUInt16BE(tables.head + 18);
  const long = font.readUInt16BE(tables.hhea + 34);
  const known = glyphs(font, tables.cmap);
  for (const code of wanted) {
    const glyph = known.get(code);
    if (!glyph || letters.has(code)) continue;
    const advance = font.readUInt16BE(tables.hmtx + Math.min(glyph, long - 1) * 4);
    letters.set(code, [index, glyph, Math.round((advance * 1000) / units)]);
  }
  fs.writeFileSync(path.join(place, `inter-${script}.ttf.z`), zlib.deflateSync(font, { level: 9 }));
  console.log(script, font.length, units, [...known].length, font.readInt16BE(tables.hhea + 4), font.readInt16BE(tables.hhea + 6));
}
const table = Buffer.alloc(letters.size * 8);
for (const [n, [code, [index, glyph, advance]]] of [...letters].sort(([one], [other]) => one - other).entries()) {
  table.writeUInt16BE(code, n * 8);
  table.writeUInt16BE(index, n * 8 + 2);
  table.writeUInt16BE(glyph, n * 8 + 4);
  table.writeUInt16BE(advance, n * 8 + 6);
}
fs.writeFileSync(path.join(place, "letters.bin"), table);
console.log(letters.size, "letters");
