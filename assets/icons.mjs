// The icon sprite, and the check that every icon the code names is in it.
// Usage: node icons.mjs   (exit status 1 when a name is missing from icons.txt, or icons.txt names no such icon)
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

/** The names in icons.txt, one a line. */
export function iconNames() {
  return fs.readFileSync(path.join(here, "icons.txt"), "utf8").split("\n").filter(Boolean);
}

/** Those of them that the portal shows: a sprite of their own, so that the portal loads no more. One a line. */
export function portalIconNames() {
  return fs.readFileSync(path.join(here, "icons-portal.txt"), "utf8").split("\n").filter(Boolean);
}

function source(name) {
  return path.join(here, "node_modules/lucide-static/icons", `${name}.svg`);
}

/** One SVG with a <symbol> for each name. */
export function sprite(names) {
  const symbols = names.map((name) => {
    const svg = fs.readFileSync(source(name), "utf8");
    const body = svg
      .replace(/[\s\S]*?<svg[^>]*>/, "")
      .replace("</svg>", "")
      .replace(/\s+/g, " ")
      .replaceAll(" />", "/>")
      .replaceAll("> <", "><")
      .trim();
    return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

/** Icons as Rust and TypeScript name them: `icon("name")`, `icon_small("name")`, `icon: "name"`, `.icon("name")`. */
const NAMED = /\bicon(?:_[a-z]+)?(?:\(\s*|:\s*(?:Some\(\s*)?)"([a-z0-9-]+)"/g;

function* sources(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(full);
    else if (/\.(rs|ts)$/.test(entry.name)) yield full;
  }
}

function namedInCode() {
  const found = new Map();
  for (const folder of [path.join(here, "../crates"), path.join(here, "src")])
    for (const file of sources(folder))
      for (const [, name] of fs.readFileSync(file, "utf8").matchAll(NAMED)) if (!found.has(name)) found.set(name, file);
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const listed = new Set(iconNames());
  const missing = [...namedInCode()].filter(([name]) => !listed.has(name));
  const strangers = portalIconNames().filter((name) => !listed.has(name));
  for (const name of strangers) console.error(`icons-portal.txt names "${name}", which icons.txt lacks`);
  const unknown = [...listed].filter((name) => !fs.existsSync(source(name)));
  for (const [name, file] of missing)
    console.error(`${path.relative(here, file)} names the icon "${name}", which icons.txt lacks`);
  for (const name of unknown) console.error(`icons.txt names "${name}", which Lucide lacks`);
  console.log(`${listed.size} icons, ${missing.length} missing, ${unknown.length} unknown`);
  process.exitCode = missing.length + unknown.length + strangers.length > 0 ? 1 : 0;
}
