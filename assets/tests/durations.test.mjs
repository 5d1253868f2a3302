import assert from "node:assert/strict";
import { test } from "node:test";
import fs from "node:fs";
import { transformSync } from "esbuild";

const read = (path) => fs.readFileSync(new URL(path, import.meta.url), "utf8");
const { code } = transformSync(read("../src/text/duration.ts"), { loader: "ts", format: "esm" });
const { shortDuration, age } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
const expected = JSON.parse(read("durations.json"));

test("lengths of time read as the server writes them", () => {
  for (const [milliseconds, text] of expected.short) assert.equal(shortDuration(milliseconds), text);
});

test("ages read as the server writes them", () => {
  for (const [milliseconds, text] of expected.age) assert.equal(age(milliseconds), text);
});
