// Builds dist/: everything the browser is sent, each file named after its own content, text files also as .gz and .br.
// Usage: npm ci --ignore-scripts && node build.mjs
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import { build } from "esbuild";
import subsetFont from "subset-font";
import { iconNames, portalIconNames, sprite } from "./icons.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "dist");
const fonts = path.join(here, "node_modules/@fontsource-variable/inter/files");
const scripts = ["latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "greek-ext", "vietnamese"];
const manifest = {};
/** Where what is loaded later lies, by the names that scripts know it under. */
const places = {};

/** Writes `content` as `stem.<hash>.ext` and notes it in the manifest under `stem.ext`. */
function emit(name, content) {
  const { name: stem, ext } = path.parse(name);
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const hashed = `${stem}.${hash}${ext}`;
  fs.writeFileSync(path.join(dist, hashed), bytes);
  if (ext !== ".woff2") compress(path.join(dist, hashed), bytes);
  manifest[name] = hashed;
  return hashed;
}

function compress(file, bytes) {
  fs.writeFileSync(`${file}.gz`, zlib.gzipSync(bytes, { level: 9 }));
  const size = { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  fs.writeFileSync(`${file}.br`, zlib.brotliCompressSync(bytes, { params: size }));
}

/** What Turbo begins with and pages here have no use for: with it go the parts that only it names. */
const UNUSED_TURBO = {
  streams: [
    `if (customElements.get("turbo-stream") === undefined) {
  customElements.define("turbo-stream", StreamElement);
}`,
    `if (customElements.get("turbo-stream-source") === undefined) {
  customElements.define("turbo-stream-source", StreamSourceElement);
}`,
    "window.Turbo = { ...Turbo, StreamActions };",
  ],
  frames: [
    "FrameElement.delegateConstructor = FrameController;",
    `if (customElements.get("turbo-frame") === undefined) {
  customElements.define("turbo-frame", FrameElement);
}`,
  ],
};

/** Turbo without some of its parts; a version of Turbo that begins otherwise fails the build. */
const turboWithout = (...parts) => ({
  name: "turbo-without",
  setup({ onLoad }) {
    onLoad({ filter: /@hotwired[\\/]turbo[\\/]dist[\\/].*\.js$/ }, ({ path: file }) => {
      let contents = fs.readFileSync(file, "utf8");
      for (const lines of parts.flatMap((part) => UNUSED_TURBO[part])) {
        if (contents.split(lines).length !== 2) throw new Error(`Turbo no longer has exactly one of:\n${lines}`);
        contents = contents.replace(lines, "");
      }
      return { contents };
    });
  },
});

async function bundle(entry, external = [], define = {}, plugins = []) {
  const result = await build({
    entryPoints: [path.join(here, entry)],
    bundle: true,
    minify: true,
    // What Turbo tells its own developers.
    drop: ["console"],
    write: false,
    target: ["es2022", "chrome123", "firefox128", "safari18"],
    format: "esm",
    legalComments: "none",
    external,
    define,
    plugins,
  });
  return result.outputFiles[0].text;
}

/** A script that may load others, which are built before it. */
const chunk = (entry) => bundle(entry, ["/assets/*"], places, [turboWithout("streams")]);

/** Letters of the range that `css` gives to the file `name`. */
function letters(css, name) {
  const face = css.split("@font-face").find((each) => each.includes(`"${name}"`));
  const [, ranges] = /unicode-range:([^;]+);/.exec(face);
  return ranges
    .split(",")
    .flatMap((range) => {
      const [first, last = first] = range.trim().slice(2).split("-").map((code) => parseInt(code, 16));
      return Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));
    })
    .join("");
}

/** Of a font, what pages use: its own letters, the weights that the stylesheets name, and what sets letters well. */
async function emitFonts() {
  const css = fs.readFileSync(path.join(here, "css/fonts.css"), "utf8");
  for (const script of scripts) {
    const whole = fs.readFileSync(path.join(fonts, `inter-${script}-wght-normal.woff2`));
    const part = await subsetFont(whole, letters(css, `inter-${script}.woff2`), {
      targetFormat: "woff2",
      variationAxes: { wght: { min: 400, max: 700 } },
      keepFeatures: ["calt", "ccmp", "kern", "liga", "locl", "mark", "mkmk", "tnum"],
    });
    emit(`inter-${script}.woff2`, part);
  }
}

/** A stylesheet with each font's name replaced by the name it got. */
async function stylesheet(entry) {
  const css = await bundle(entry, ["*.woff2"]);
  return css.replace(/inter-[a-z-]+\.woff2/g, (name) => manifest[name]);
}

// A build that fails half way must not leave an older build that looks whole.
fs.rmSync(dist, { recursive: true, force: true });
fs.mkdirSync(dist, { recursive: true });
await emitFonts();
emit("app.css", await stylesheet("css/app.css"));
emit("portal.css", await stylesheet("css/portal.css"));
const worker = emit("live.js", await bundle("src/live/worker.ts"));
places.LIVE_WORKER = JSON.stringify(`/assets/${worker}`);
places.PALETTE_STYLE = JSON.stringify(`/assets/${emit("palette.css", await stylesheet("css/palette.css"))}`);
places.PALETTE_CHUNK = JSON.stringify(`/assets/${emit("palette.js", await chunk("src/palette/main.ts"))}`);
places.KEYS_CHUNK = JSON.stringify(`/assets/${emit("keys.js", await chunk("src/keys/main.ts"))}`);
places.EDITOR = JSON.stringify(`/assets/${emit("editor.js", await chunk("src/editor.ts"))}`);
places.EXPANDER = JSON.stringify(`/assets/${emit("expander.js", await chunk("src/expander.ts"))}`);
places.MAP_CHUNK = JSON.stringify(`/assets/${emit("map.js", await chunk("src/map.ts"))}`);
emit("app.js", await chunk("src/agent.ts"));
emit("portal.js", await bundle("src/portal.ts", [], places, [turboWithout("streams", "frames")]));
const portal = portalIconNames();
emit("icons.svg", sprite(portal));
emit("icons-more.svg", sprite(iconNames().filter((name) => !portal.includes(name))));
const favicon = fs.readFileSync(path.join(here, "favicon.svg"), "utf8");
// The same with a dot, while something new waits in a tab that nobody looks at.
emit("favicon-new.svg", favicon.replace("</svg>", '<circle cx="19" cy="5" r="5" fill="#d92d20"/></svg>'));
emit("favicon.svg", fs.readFileSync(path.join(here, "favicon.svg")));
fs.writeFileSync(path.join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

for (const [name, hashed] of Object.entries(manifest)) {
  const size = (suffix) => {
    const file = path.join(dist, hashed + suffix);
    return fs.existsSync(file) ? (fs.statSync(file).size / 1024).toFixed(1) : "–";
  };
  console.log(
    `${name.padEnd(26)} ${size("").padStart(7)} KB  gz ${size(".gz").padStart(5)}  br ${size(".br").padStart(5)}`,
  );
}
