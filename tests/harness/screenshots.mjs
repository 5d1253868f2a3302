// Pictures of the main pages in both themes, on a desk and on a phone, to be looked at:
//   node tests/harness/screenshots.mjs [folder]
// With MAINSTAY_URL set, it uses the server that listens there.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SIGN_IN_PATH } from './demo.mjs';
import { startServer } from './server.mjs';
import { openBrowser, SIZES, THEMES, Visitor } from './visitor.mjs';

const FOLDER = process.argv[2] ?? join(process.env.CARGO_TARGET_DIR ?? 'target', 'screenshots');

/** The number of a record in a state, among those the person sees. */
async function record(person, state) {
  const filter = encodeURIComponent(`state = "${state}"`);
  const answer = await person.context.request.get(`/api/v1/incidents?filter=${filter}&limit=1`);
  return (await answer.json()).items[0].number;
}

/** Begins a report, so that its later steps can be looked at; answers its address. */
async function begin(person) {
  const place = '/portal/report/incidents';
  await person.go(place);
  const { page } = person;
  await page.locator('[name="title"]').fill('I cannot pay');
  await page.locator('[name="symptoms"]').fill('The card reader says no since lunch.');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/step=2/);
  await page.locator('[name="answer.urgency"][value="medium"]').check();
  await page.locator('[name="answer.impact"][value="low"]').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/step=3/);
  return place;
}

/** Of each page: name, role, and its path or how to find it. */
const PAGES = [
  ['sign-in', undefined, SIGN_IN_PATH],
  ['queue', 'agent', '/incidents?sort=due'],
  ['queue-table', 'agent', '/incidents?show=table'],
  ['record', 'agent', async (person) => `/incidents/${await record(person, 'in_progress')}`],
  ['record-edit', 'agent', async (person) => `/incidents/${await record(person, 'in_progress')}/edit`],
  ['record-resolve', 'agent', async (person) => `/incidents/${await record(person, 'in_progress')}/resolve`],
  ['record-history', 'agent', async (person) => `/incidents/${await record(person, 'in_progress')}/history`],
  ['record-related', 'agent', async (person) => `/incidents/${await record(person, 'in_progress')}/related`],
  ['new', 'agent', '/incidents/new'],
  ['filter', 'agent', '/incidents/filter?filter=assignee+%3D+me+or+assignee+is+empty&filter=priority+%3C%3D+2'],
  ['queue-groups', 'agent', '/incidents?show=table&group=state'],
  ['bulk', 'agent', async (person) => `/incidents/bulk?do=step%3Aresolve&n=${await record(person, 'in_progress')}`],
  ['view', 'agent', '/incidents/views?filter=priority+%3C%3D+2'],
  ['search', 'agent', '/search?q=printer'],
  ['reports', 'manager', '/reports'],
  ['report', 'manager', '/reports/incidents/volume'],
  ['admin', 'admin', '/admin'],
  ['admin-list', 'admin', '/admin/people'],
  ['admin-form', 'admin', '/admin/service-levels/new'],
  ['admin-matrix', 'admin', '/admin/permissions'],
  ['admin-audit', 'admin', '/admin/audit'],
  ['account', 'agent', '/me/security'],
  ['looks', 'agent', '/me'],
  ['portal', 'requester', '/portal'],
  ['portal-report', 'requester', '/portal/report/incidents'],
  ['portal-report-2', 'requester', async (person) => `${await begin(person)}?step=2`],
  ['portal-report-3', 'requester', async (person) => `${await begin(person)}?step=3`],
  ['inbox', 'agent', '/inbox'],
  ['my-work', 'agent', '/my-work'],
  ['today', 'manager', '/today?team=all'],
  ['shortcuts', 'agent', '/me/shortcuts'],
  ['portal-requests', 'requester', '/portal/requests'],
  ['portal-request', 'requester', async (person) => `/portal/requests/${await record(person, 'in_progress')}`],
  ['portal-sent', 'requester', async (person) => `/portal/requests/${await record(person, 'in_progress')}/sent`],
  ['portal-done', 'requester', async (person) => `/portal/requests/${await record(person, 'resolved')}`],
  ['portal-rating', 'requester', async (person) => `/portal/requests/${await record(person, 'closed')}`],
];

async function takeAll(browser, url) {
  const people = new Map();
  for (const [name, role, place] of PAGES) {
    if (!people.has(role)) {
      people.set(role, await Visitor.open(browser, url));
      if (role) await people.get(role).signIn(role);
    }
    const person = people.get(role);
    const path = typeof place === 'string' ? place : await place(person);
    for (const [size, viewport] of Object.entries(SIZES)) {
      await person.page.setViewportSize(viewport);
      for (const colorScheme of THEMES) {
        await person.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await person.go(path);
        await person.page.evaluate(() => document.fonts.ready);
        await person.page.screenshot({ path: join(FOLDER, `${name}-${size}-${colorScheme}.png`) });
      }
    }
  }
  for (const person of people.values()) await person.close();
}

mkdirSync(FOLDER, { recursive: true });
const given = process.env.MAINSTAY_URL;
const server = given ? { url: given, stop: async () => {} } : await startServer();
const browser = await openBrowser();
try {
  await takeAll(browser, server.url);
  console.log(`${PAGES.length} pages in ${FOLDER}`);
} finally {
  await browser.close();
  await server.stop();
}
