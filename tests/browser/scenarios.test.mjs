// Whole ways through several processes at the pages, each on a server of its own, so that nobody else's plans stand in them.
import assert from 'node:assert/strict';
import { PASSWORD, PEOPLE, SIGN_IN_PATH } from '../harness/demo.mjs';
import { journey } from '../harness/journey.mjs';
import { startServer } from '../harness/server.mjs';

const LIMIT_MS = 400_000;
/** Until what may have one cause was looked for the first time. */
const LOOKED_MS = 200_000;

async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

async function sent(person, method, path, data) {
  const headers = { origin: new URL(person.page.url()).origin };
  if (method === 'PATCH') headers['if-match'] = (await person.context.request.get(`/api/v1/${path}`)).headers().etag;
  const answer = await person.context.request.fetch(`/api/v1/${path}`, { method, data, headers });
  assert.ok(answer.ok(), `${path}: ${await answer.text()}`);
  return answer.json();
}

/** A server with demo data and people of it, each in a window of their own; the freezes of the demo are over, so that any day is as good. */
async function house(open, roles) {
  const server = open.ends(await startServer());
  const people = [];
  for (const role of roles) {
    const person = await open({ url: server.url });
    await person.page.goto(SIGN_IN_PATH);
    await person.page.locator('input[autocomplete~="username"]').fill(PEOPLE[role]);
    await person.page.locator('input[autocomplete="current-password"]').fill(PASSWORD);
    await person.page.locator('input[autocomplete="current-password"]').press('Enter');
    await person.page.waitForURL((url) => url.pathname !== SIGN_IN_PATH);
    people.push(person);
  }
  const [admin] = people;
  for (const { id } of (await asked(admin, 'windows?limit=100')).items) await sent(admin, 'PATCH', `windows/${id}`, { active: false });
  return people;
}

/** A time so many minutes from now as a form of this person takes it. */
async function local(person, minutes) {
  const zone = (await asked(person, 'me')).time_zone ?? 'UTC';
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return shown.format(Date.now() + minutes * 60_000).replace(' ', 'T');
}

/** Fills what a form of the page asks for and sends it; says what the page says then. */
async function fill(person, values) {
  const { page } = person;
  const form = page.locator('main form.form').first();
  for (const [name, value] of Object.entries(values)) {
    const control = form.locator(`[name="${name}"]:not([type="hidden"])`).first();
    const kind = await control.evaluate((each) => (each.tagName === 'SELECT' ? 'select' : each.type));
    if (kind === 'checkbox') await control.setChecked(value);
    else if (kind === 'select') await control.selectOption(String(value));
    else await control.fill(String(value));
  }
  const answer = page.waitForResponse((response) => response.request().method() === 'POST');
  await form.locator('.form-foot button').first().click();
  const status = (await answer).status();
  await page.waitForLoadState();
  return status;
}

/** Takes a step of a record at its page. */
async function step(person, record, verb, values = {}) {
  await person.go(`${record}/${verb}`);
  assert.ok([200, 303].includes(await fill(person, values)), `${verb}: ${await person.page.locator('main').innerText()}`);
  await person.page.waitForURL((url) => url.pathname === record);
}

/** A step that is refused, with words about why; nothing of what was typed is lost. */
async function refused(person, record, verb, values, words) {
  await person.go(`${record}/${verb}`);
  person.expectFault(/status of 4(09|22)/);
  assert.ok((await fill(person, values)) >= 400);
  assert.match(await person.page.locator('.error-summary, .notice, [role="alert"]').first().innerText(), words);
  await person.expectAccessible();
}

const ASSESSED = {
  benefit: 'Fewer calls.', risks: 'None known.', consequences: 'Ten minutes without it.', effort: 4, feasibility: 'Tried.', cost: 0, capacity: 'None',
  availability: 'Ten minutes', continuity: 'None', security: 'None', other_changes: 'None', plan: 'Swap the boxes.', test_plan: 'Connect once.',
  back_out: 'Swap them back.', point_of_no_return: 'None', back_out_tested: true,
};

/** A minor change that was asked for and is assessed. */
async function change(agent, manager, title, from = {}) {
  const [{ id: service }] = (await asked(agent, 'services?limit=1')).items;
  const owner = (await asked(agent, 'me')).id;
  const { number } = await sent(agent, 'POST', 'changes', { title, type: 'minor', ...from });
  const record = `/changes/${number}`;
  await step(agent, record, 'submit', { why: 'It drops.', service, impact: 'low', urgency: 'low', owner });
  await step(manager, record, 'assess');
  await manager.go(`${record}/risk`);
  for (const answer of ['A few times', 'Yes, and that was tested', 'Some people']) await manager.page.getByLabel(answer, { exact: true }).check();
  await manager.page.getByRole('button', { name: 'Save the answers' }).click();
  await manager.page.waitForLoadState();
  return record;
}

/** Approved by those who are asked. */
async function approved(record, people) {
  const number = record.split('/').at(-1);
  for (const person of people) {
    const answer = await person.page.goto(`/approvals/${number}`);
    const button = person.page.getByRole('button', { name: 'Approve', exact: true });
    if (answer.status() !== 200 || (await button.count()) === 0) continue;
    await button.click();
    await person.page.waitForURL(/\/approvals$/);
  }
}

/** The state of a record as the interface of programs says it. */
async function state(person, record) {
  return (await asked(person, record.slice(1))).state;
}

/** Carried out, backed out again and closed with the review that is owed then. */
async function backedOut(agent, manager, record) {
  await step(agent, record, 'start');
  await step(agent, record, 'back_out', { reason: 'The new box is dead.' });
  const failed = { outcome: 'backed_out', map: 'no_effect' };
  await refused(manager, record, 'close_failed', failed, /review|objective/i);
  const review = { objective_met: 'not', side_effects: 'Nobody could pay.', against_plan: 'An hour longer.', lessons: 'Test at night.', actions_to_follow: 'Order a second box.' };
  await step(manager, record, 'close_failed', { ...failed, ...review });
}

journey('chg_14_chg_15_chg_17_chg_18_two_changes_meet_a_freeze_and_little_is_disturbed', { limit: LIMIT_MS }, async (_, open) => {
  const [admin, agent, manager] = await house(open, ['admin', 'agent', 'manager']);
  const { page } = manager;
  const at = (minutes) => new Date(Math.floor(Date.now() / 60_000 + minutes) * 60_000).toISOString();
  const peak = { name: 'Month-end peak', kind: 'freeze', repeats: 'once', zone: 'Europe/London', from: at(24 * 60), until: at(36 * 60) };
  await sent(admin, 'POST', 'windows', peak);
  const [one, other] = [await change(agent, manager, 'First new gateway'), await change(agent, manager, 'Second new gateway')];
  for (const record of [one, other]) await sent(manager, 'PATCH', record.slice(1), { planned_start: at(30 * 60), planned_end: at(31 * 60) });

  // Each other and the peak stand in the way, and the freeze refuses.
  await manager.go(`${other}/conflicts`);
  const found = await page.locator('main').innerText();
  assert.ok(found.includes('Month-end peak') && found.includes(one.split('/').at(-1)), found);
  await manager.expectAccessible();
  await refused(manager, other, 'request_approval', ASSESSED, /Month-end peak/);

  // It moves to where nothing is.
  await manager.go(`${other}/move`);
  await page.getByLabel('Planned start').fill(await local(manager, -1));
  await page.getByLabel('Planned end').fill(await local(manager, 120));
  await page.keyboard.press('Enter');
  await page.getByText('Nothing stands in its way.').waitFor();
  await step(manager, other, 'request_approval', ASSESSED);
  await approved(other, [manager]);
  await step(manager, other, 'schedule');

  // Another plan is another matter, and is approved anew.
  await manager.go(`${other}/edit`);
  await fill(manager, { plan: 'Swap one box only.' });
  await page.waitForURL((url) => url.pathname === other);
  assert.equal(await state(manager, other), 'authorisation');
  await manager.go(`${other}/approvals`);
  assert.ok((await page.locator('main').innerText()).includes('Void'));
  await approved(other, [manager]);
  await step(manager, other, 'schedule');
  await backedOut(agent, manager, other);
  assert.equal(await state(manager, other), 'closed');
  await manager.go(other);
  await manager.expectAccessible();
});

journey('prb_03_prb_05_prb_08_chg_21_repeated_incidents_lead_to_a_fix_that_holds', { limit: LIMIT_MS }, async (_, open) => {
  const [, agent, manager, requester] = await house(open, ['admin', 'agent', 'manager', 'requester']);
  const again = { title: 'The zeppelin dock drops its signal', symptoms: 'The dock goes dark every twenty minutes.' };
  const { id: who } = await asked(requester, 'me');
  const [{ id: service }, { id: category }] = await Promise.all(['services', 'categories'].map(async (register) => (await asked(agent, `${register}?limit=1`)).items[0]));
  // The first over the form of the portal, the others at the desk.
  const numbers = [];
  for (let nth = 0; nth < 5; nth += 1) numbers.push((await sent(agent, 'POST', 'incidents', { ...again, service, category, requester: who })).number);

  // After a while somebody is told that they may have one cause, and one click makes the problem.
  const { page } = manager;
  const card = page.locator('main article, main .card').filter({ hasText: again.title }).first();
  for (const end = Date.now() + LOOKED_MS; Date.now() < end && (await card.count()) === 0; await page.waitForTimeout(5_000)) await manager.go('/problems/candidates');
  await manager.expectAccessible();
  await card.getByRole('button', { name: /Open a problem/ }).click();
  await page.waitForURL(/\/problems\/PRB-\d+/);
  const problem = new URL(page.url()).pathname;

  // Its workaround reaches whoever reported them.
  const owner = (await asked(agent, 'me')).id;
  await step(manager, problem, 'assess', { category, impact: 'high', urgency: 'low', owner });
  await step(agent, problem, 'investigate');
  await step(agent, problem, 'document', { root_cause: 'A full table of sessions.', workaround: 'Connect again.' });
  await requester.go(`/portal/requests/${numbers[0]}`);
  await requester.page.getByText('Connect again.').first().waitFor();
  await requester.expectAccessible();

  // The first change fails and returns the problem; the second one works.
  agent.expectFault(/status of 409/);
  await agent.go(`${problem}/fix`, 409);
  assert.match(await agent.page.locator('main').innerText(), /change/i);
  const fixed = { closure_code: 'fixed', resolution: 'The table is larger now.', fix_verified: true };
  for (const works of [false, true]) {
    const record = await change(agent, manager, `A larger table, ${works ? 'tested' : 'at once'}`, { from: [problem.split('/').at(-1)] });
    await step(agent, problem, 'fix');
    const times = { planned_start: await local(manager, -1), planned_end: await local(manager, 60) };
    await step(manager, record, 'request_approval', { ...ASSESSED, ...times });
    await approved(record, [manager]);
    await step(manager, record, 'schedule');
    if (works) {
      await step(agent, record, 'start');
      await step(agent, record, 'implement');
      await step(manager, record, 'close', { outcome: 'successful', map: 'no_effect' });
    } else {
      await backedOut(agent, manager, record);
      assert.equal(await state(agent, problem), 'known_error');
    }
  }
  await step(agent, problem, 'resolve', fixed);
  // It is watched for its time before it ends.
  await agent.go(`${problem}/close`, 409);
  assert.match(await agent.page.locator('main').innerText(), /observ|watch/i);
});
