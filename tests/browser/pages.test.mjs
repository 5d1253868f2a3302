// Every page there is: it answers, axe finds nothing in either theme on a desk or a phone, on a narrow phone nothing
// scrolls sideways and a finger comes to every control, and the page breaks no rule of its own content policy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TABLES, unvisited } from '../harness/addresses.mjs';
import { SIGN_IN_PATH } from '../harness/demo.mjs';
import { journey } from '../harness/journey.mjs';
import { startEmptyServer } from '../harness/server.mjs';

const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-N'; img-src 'self' data: blob:;",
  "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';",
  "frame-ancestors 'none'; object-src 'none'",
].join(' ');

const LIMIT_MS = 900_000;
const visited = [];

async function expectSound(person, path, status = 200) {
  const response = await person.go(path, status);
  const policy = response.headers()['content-security-policy'] ?? '';
  assert.equal(policy.replace(/'nonce-[\w+/=-]{16,}'/, "'nonce-N'"), POLICY, `policy of ${path}`);
  const html = await response.text();
  assert.doesNotMatch(html, /<[^>]*\sstyle=|<[^>]*\son[a-z]+=|<script(?![^>]*\ssrc=)/i, `inline code in ${path}`);
  if (response.status() === 200) await person.expectCalm();
  await expectUsable(person);
  visited.push(path.split('?')[0], new URL(response.url()).pathname);
}

async function expectUsable(person) {
  await person.expectAccessible();
  await person.expectNoSidewaysScroll();
  await person.expectPanesScroll();
  await person.expectFingersReach();
}

for (const [words, role, addresses] of TABLES) {
  journey(`a_02_a_08_d_03_d_04_${words.replaceAll(' ', '_')}_are_sound_for_the_${role}`, { role, limit: LIMIT_MS }, async (person) => {
    // A step that is not possible in the state of the record says so.
    person.expectFault(/status of 409/);
    for (const path of await addresses(person)) await expectSound(person, path, [200, 409]);
  });
}

test('no page was left out', () => assert.deepEqual(unvisited(visited), []));

/** Sends the form at `action` with these values, whatever the browser thinks of them. */
async function sendAnyway(person, action, values = {}) {
  const form = person.page.locator(`form[action="${action}"]`).first();
  for (const [name, value] of Object.entries(values)) await form.locator(`[name="${name}"]`).first().fill(value);
  const answer = person.page.waitForResponse((response) => response.request().method() === 'POST');
  await form.evaluate((form) => {
    form.noValidate = true;
    form.requestSubmit();
  });
  const status = (await answer).status();
  await person.page.locator('.error-summary').first().waitFor();
  return status;
}

const REFUSED = [
  ['agent', '/incidents/new', '/incidents/new'],
  ['requester', '/portal/report/incidents', '/portal/report/incidents'],
  ['requester', '/me/security', '/me/password'],
  ['requester', '/me/security', '/me/codes'],
  ['admin', '/admin/people/new', '/admin/people/new'],
  ['admin', '/admin/calendars/new', '/admin/calendars/new'],
  ['admin', '/admin/service-levels/new', '/admin/service-levels/new'],
];

for (const [role, path, action] of REFUSED) {
  journey(`what ${action} refuses is told in a sound page`, { role }, async (person) => {
    person.expectFault(/status of 422/);
    await person.go(path);
    assert.equal(await sendAnyway(person, action), 422);
    await expectUsable(person);
  });
}

journey('what is not there and what is not allowed are sound pages', { role: 'agent' }, async (agent, open) => {
  agent.expectFault(/status of 40[34]/);
  await expectSound(agent, '/nowhere', 404);
  await expectSound(agent, '/incidents/INC-999999', 404);
  await expectSound(agent, '/admin/audit', 403);
  const stranger = await open({});
  stranger.expectFault(/status of 404/);
  await expectSound(stranger, '/set-up/nonsense', 404);
});

journey('the ways in are sound', { role: 'admin' }, async (admin, open) => {
  const stranger = await open({});
  stranger.expectFault(/status of 40[14]/);
  await expectSound(stranger, SIGN_IN_PATH);
  const wrong = { email: 'nobody@demo.example', password: 'guess' };
  assert.equal(await sendAnyway(stranger, SIGN_IN_PATH, wrong), 401);
  await expectUsable(stranger);
  for (const mailbox of ['requester@demo.example', null]) {
    await expectSound(stranger, new URL(await link(admin, mailbox)).pathname);
  }
  await expectSound(stranger, '/invitation/used-up', 404);
});

/** The address that an administrator gives somebody, or a person who was just made. */
async function link(admin, mailbox) {
  const { request } = admin.context;
  const listed = await (await request.get('/api/v1/people?limit=200')).json();
  let id = listed.items.find((each) => each.email === mailbox)?.id;
  if (!id) {
    const data = { name: 'New Person', email: 'new.person@demo.example', organisation: listed.items[0].organisation.id ?? listed.items[0].organisation };
    const made = await request.post('/api/v1/people', { data, headers: { origin: new URL(admin.page.url()).origin } });
    assert.equal(made.status(), 201, await made.text());
    id = (await made.json()).id;
  }
  await admin.go(`/admin/access/${id}`);
  await admin.page.locator(`form[action="/admin/access/${id}/link"] button`).click();
  const field = admin.page.locator('#link');
  await field.waitFor();
  await expectUsable(admin);
  return field.inputValue();
}

journey('the page that makes the first administrator is sound', {}, async (_, open) => {
  const server = open.ends(await startEmptyServer());
  const first = await open({ url: server.url });
  await expectSound(first, server.setUp);
  const person = { name: 'Ada', email: 'ada@demo.example', password: 'plum otter brass' };
  for (const [name, value] of Object.entries(person)) await first.page.locator(`[name="${name}"]`).fill(value);
  await first.page.getByRole('button', { name: 'Begin' }).click();
  await first.page.waitForURL((url) => url.pathname === '/admin/start');
  await expectUsable(first);
  first.expectFault(/status of 404/);
  await first.go(server.setUp, 404);
});
