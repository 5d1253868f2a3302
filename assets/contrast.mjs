// Contrast ratios (WCAG 2.x) of the colour tokens, light | dark.
// Usage: node contrast.mjs   (exit status 1 when a pair is below its floor: 4.5 for text, 3.0 for marks, borders and focus)
import fs from "node:fs";
import { fileURLToPath } from "node:url";

/** What is written on what: [foreground, background]. */
const TEXT = [
  ["fg", "surface"],
  ["fg", "bg"],
  ["fg", "note"],
  ["fg", "hover"],
  ["fg", "current"],
  ["fg", "selected"],
  ["fg-2", "surface"],
  ["fg-2", "bg"],
  ["fg-2", "surface-3"],
  ["fg-2", "hover"],
  ["fg-2", "amber-t"],
  ["fg-2", "blue-t"],
  ["fg-2", "red-t"],
  ["fg-2", "green-t"],
  ["fg-3", "surface"],
  ["fg-3", "bg"],
  ["fg-3", "surface-2"],
  ["fg-3", "surface-3"],
  ["fg-3", "hover"],
  ["fg-3", "selected"],
  ["fg-3", "note"],
  ["accent", "surface"],
  ["accent", "accent-tint"],
  ["accent", "selected"],
  ["accent", "note"],
  ["on-accent", "accent-solid"],
  ["on-accent", "accent-solid-h"],
  ["red", "red-t"],
  ["red", "surface"],
  ["red", "selected"],
  ["red", "hover"],
  ["amber", "amber-t"],
  ["amber", "surface"],
  ["amber", "selected"],
  ["amber", "hover"],
  ["green", "green-t"],
  ["green", "surface"],
  ["green", "selected"],
  ["green", "hover"],
  ["blue", "blue-t"],
  ["violet", "violet-t"],
  ["violet", "surface"],
  ["violet", "selected"],
  ["violet", "hover"],
];

const MARKS = [
  ["line-ctl", "surface"],
  ["line-ctl", "bg"],
  ["focus", "surface"],
  ["focus", "bg"],
  ["focus", "note"],
  ["red-s", "surface"],
  ["amber-s", "surface"],
  ["green-s", "surface"],
  ["blue-s", "surface"],
  ["violet-s", "surface"],
  ["amber-s", "selected"],
  ["accent-solid", "surface"],
  ["accent-solid", "surface-2"],
];

/** token → [light, dark] as written in css/tokens.css. */
export function tokens() {
  const css = fs.readFileSync(new URL("./css/tokens.css", import.meta.url), "utf8");
  const found = {};
  for (const [, name, light, dark] of css.matchAll(/--([a-z0-9-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g))
    found[name] = [light, dark];
  for (const [, name, hex] of css.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6});/g)) found[name] = [hex, hex];
  return found;
}

function luminance(hex) {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast ratio of two colours, 1 to 21. */
export function ratio(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Every pair with its floor and its ratios in the light and the dark theme. */
export function pairs() {
  const all = tokens();
  const measure =
    (floor) =>
    ([front, back]) => ({
      name: `${front} on ${back}`,
      floor,
      ratios: [0, 1].map((theme) => ratio(all[front][theme], all[back][theme])),
    });
  const avatars = Object.keys(all).filter((name) => name.startsWith("hue-"));
  return [
    ...TEXT.map(measure(4.5)),
    ...MARKS.map(measure(3)),
    ...avatars.map((name) => ({
      name: `white on ${name}`,
      floor: 4.5,
      ratios: all[name].map((hex) => ratio("#ffffff", hex)),
    })),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bad = ({ floor, ratios }) => ratios.some((value) => value < floor);
  for (const pair of pairs())
    console.log(
      `| ${pair.name} | ${pair.ratios.map((value) => value.toFixed(2)).join(" | ")} |${bad(pair) ? ` below ${pair.floor}` : ""}`,
    );
  process.exitCode = pairs().some(bad) ? 1 : 0;
}
