// Looks at the gallery in Chromium: a picture of each page in both themes and two sizes, and what is wrong with it.
// Usage: cargo run -p mainstay-web --example gallery -- 4100 &  node look.mjs http://127.0.0.1:4100 pictures
// Exit status 1 on an axe finding, a policy violation, a console error, an inline style or a page wider than its window.
import fs from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [base = "http://127.0.0.1:4100", folder = "pictures"] = process.argv.slice(2);
const PAGES = ["agent", "queue", "portal", "table", "form", "parts", "charts"];
const SIZES = [
  [1440, 900],
  [390, 844],
];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const problems = [];

async function look(browser, name, theme, [width, height], query = "") {
  const page = await browser.newPage({ viewport: { width, height }, bypassCSP: false });
  const where = `${name} ${theme} ${width} ${query}`;
  const note = (what) => problems.push(`${where}: ${what}`);
  page.on("console", (message) => message.type() === "error" && note(`console: ${message.text()}`));
  page.on("pageerror", (error) => note(`script: ${error.message}`));
  await page.addInitScript(() => {
    window.refused = [];
    document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
  });
  await page.goto(`${base}/${name}?theme=${theme}${query}`, { waitUntil: "networkidle" });
  await page.evaluate(() => document.fonts.ready);
  for (const finding of await page.evaluate(inspect)) note(finding);
  await page.screenshot({ path: `${folder}/${name}-${theme}-${width}${query.replace(/\W/g, "-")}.png` });
  await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => axe.run({ runOnly: { type: "tag", values } }), RULES);
  for (const { id, nodes } of violations) note(`axe ${id}: ${nodes.map((node) => node.target.join(" ")).join(" | ")}`);
  await page.close();
}

/** Runs in the page. */
function inspect() {
  const root = document.documentElement;
  const found = window.refused.map((directive) => `policy: ${directive}`);
  if (root.scrollWidth > window.innerWidth) {
    const wide = [...document.querySelectorAll("body *")].filter(
      (each) => each.getBoundingClientRect().right > window.innerWidth + 1,
    );
    found.push(
      `wider than the window: ${wide
        .slice(0, 3)
        .map((each) => each.className || each.tagName)
        .join(", ")}`,
    );
  }
  const styled = document.querySelectorAll("[style]");
  if (styled.length > 0) found.push(`style attribute on ${styled[0].outerHTML.slice(0, 80)}`);
  return found;
}

/** What Turbo does not do by itself: say where one is, and put the keyboard there. */
async function behave(browser) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const expect = async (what, rule) => (await page.evaluate(rule)) || problems.push(`behaviour: ${what}`);
  await page.goto(`${base}/agent`, { waitUntil: "networkidle" });
  await page.keyboard.press("Tab");
  await expect("the first stop is the skip link", () => document.activeElement.matches(".skip"));
  await page.click('a[href="/queue"] >> visible=true');
  await page.waitForFunction(
    () => location.pathname === "/queue" && !document.documentElement.hasAttribute("aria-busy"),
  );
  await page.waitForTimeout(300);
  await expect(
    "the page's title is announced",
    () => document.getElementById("announcer").textContent === document.title,
  );
  await expect("the focus is inside main", () => document.activeElement.closest("main") !== null);
  await page.goto(`${base}/agent`, { waitUntil: "networkidle" });
  const untouched = await page.inputValue("#composer-body");
  await page.fill("#composer-body", "sent once");
  await page.keyboard.press("Control+Enter");
  await page.waitForTimeout(800);
  if ((await page.inputValue("#composer-body")) !== untouched)
    problems.push("behaviour: sent text stays in the composer");
  await expect("the focus stays with the composer", () => document.activeElement.id === "composer-body");
  await page.goto(`${base}/form`, { waitUntil: "networkidle" });
  await page.fill("#field-title", "x");
  await page.check("input[name=risk]");
  await page.click("text=Submit for approval");
  await page.waitForTimeout(800);
  await expect("a refused form takes the focus to its errors", () => document.activeElement.id === "error-summary");
  await page.close();
}

fs.mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
for (const name of PAGES) {
  for (const theme of ["light", "dark"]) for (const size of SIZES) await look(browser, name, theme, size);
  await look(browser, name, "light", [320, 640]);
  await look(browser, name, "light", [1440, 900], "&dir=rtl");
}
await behave(browser);
await browser.close();
for (const problem of problems) console.error(problem);
console.log(`${PAGES.length * 6} pictures, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
