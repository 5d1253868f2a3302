import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { iconNames, sprite } from "../icons.mjs";

test("every icon that Rust and TypeScript name is in the sprite", () => {
  const script = fileURLToPath(new URL("../icons.mjs", import.meta.url));
  assert.match(execFileSync(process.execPath, [script], { encoding: "utf8" }), / 0 missing, 0 unknown/);
});

test("the sprite holds each listed icon once, as a symbol with a shape", () => {
  const svg = sprite(iconNames());
  for (const name of iconNames()) assert.equal(svg.split(`<symbol id="${name}" `).length, 2, name);
  assert.doesNotMatch(svg, /<symbol[^>]*><\/symbol>/);
});
