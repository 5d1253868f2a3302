import assert from "node:assert/strict";
import { test } from "node:test";
import fs from "node:fs";
import { buildSync } from "esbuild";
import { fileURLToPath } from "node:url";

const read = (path) => fs.readFileSync(new URL(path, import.meta.url), "utf8");
const entryPoints = [fileURLToPath(new URL("../src/text/duration.ts", import.meta.url))];
const [{ text: code }] = buildSync({ entryPoints, bundle: true, format: "esm", write: false }).outputFiles;
const { shortDuration, age } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
const expected = JSON.parse(read("durations.json"));

test("lengths of time read as the server writes them", () => {
  for (const [milliseconds, text] of expected.short) assert.equal(shortDuration(milliseconds), text);
});

test("ages read as the server writes them", () => {
  for (const [milliseconds, text] of expected.age) assert.equal(age(milliseconds), text);
});
