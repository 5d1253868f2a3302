import assert from "node:assert/strict";
import { test } from "node:test";
import { pairs, ratio } from "../contrast.mjs";

test("a_10 every pair of colours can be told apart in both themes", () => {
  for (const { name, floor, ratios } of pairs())
    for (const value of ratios) assert.ok(value >= floor, `${name} is ${value.toFixed(2)}, below ${floor}`);
});

test("the ratio is WCAG's", () => {
  assert.equal(ratio("#000000", "#ffffff"), 21);
  assert.equal(ratio("#ffffff", "#ffffff"), 1);
});
