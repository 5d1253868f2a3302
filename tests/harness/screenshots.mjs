// Pictures of every screen in both themes, on a desk and on a phone, to be looked at:
//   node tests/harness/screenshots.mjs [folder] [names, as an expression]
// With MAINSTAY_URL set, it uses the server that listens there.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FIRST, PICTURES } from './pictures.mjs';
import { startEmptyServer, startServer } from './server.mjs';
import { openBrowser, SIZES, THEMES, Visitor } from './visitor.mjs';

const FOLDER = process.argv[2] ?? join(process.env.CARGO_TARGET_DIR ?? 'target', 'screenshots');
const wanted = ([name]) => new RegExp(process.argv[3] ?? '').test(name);
const WANTED = PICTURES.filter(wanted);

/** Every picture of one screen; `arrive` is called before each. */
async function take({ page }, name, arrive) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await arrive();
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: join(FOLDER, `${name}-${size}-${colorScheme}.png`) });
    }
  }
}

/** What an installation looks like that was just made, on a server of its own. */
async function takeFirst(browser) {
  const server = await startEmptyServer();
  const person = await Visitor.open(browser, server.url);
  try {
    await person.go(server.setUp);
    for (const [name, go] of FIRST) {
      await go(person);
      await take(person, name, () => person.page.reload());
    }
    await person.close();
  } finally {
    await server.stop();
  }
}

async function takeAll(browser, url) {
  const people = new Map();
  const failed = [];
  for (const [name, role, place, step] of WANTED) {
    if (!people.has(role)) {
      people.set(role, await Visitor.open(browser, url));
      if (role) await people.get(role).signIn(role);
    }
    const person = people.get(role);
    person.expectFault(/status of 40[349]/);
    try {
      const path = typeof place === 'string' ? place : await place(person);
      await take(person, name, async () => {
        await person.page.goto(path);
        await step?.(person.page);
      });
    } catch (error) {
      failed.push(`${name}: ${error.message}`);
    }
  }
  for (const person of people.values()) await person.close().catch((error) => failed.push(error.message));
  return failed;
}

mkdirSync(FOLDER, { recursive: true });
const given = process.env.MAINSTAY_URL;
const server = given ? { url: given, stop: async () => {} } : await startServer();
const browser = await openBrowser();
try {
  const failed = await takeAll(browser, server.url);
  if (FIRST.some(wanted)) await takeFirst(browser);
  console.log(`${WANTED.length} screens in ${FOLDER}`);
  for (const each of failed) console.error(each);
  process.exitCode = failed.length ? 1 : 0;
} finally {
  await browser.close();
  await server.stop();
}
