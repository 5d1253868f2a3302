// An incident from its report to its closing, as the four people who have a part in it, by forms alone.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

/** Fills the fields of the page's form by name: text, choices, radios. */
async function fill(page, values) {
  for (const [name, value] of Object.entries(values)) {
    const control = page.locator(`main [name="${name}"]:not([type="hidden"])`).first();
    const kind = await control.evaluate((el) => (el.type === 'radio' ? 'radio' : el.tagName.toLowerCase()));
    if (kind === 'radio') await page.locator(`main [name="${name}"][value="${value}"]`).check();
    else if (kind === 'select') await control.selectOption(value);
    else await control.fill(value);
  }
}

/** Sends the form that holds a field. */
async function send(page, field) {
  const form = page.locator('main form').filter({ has: page.locator(`[name="${field}"]`) }).first();
  await form.locator('button[type="submit"], button:not([type])').last().click();
  await page.waitForLoadState('load');
}

async function report(requester, title) {
  await requester.go('/portal/report/incidents');
  const next = async (name, place) => {
    await requester.page.locator('main').getByRole('button', { name, exact: true }).click();
    await requester.page.waitForURL(place);
  };
  await fill(requester.page, { title, symptoms: 'It stopped after lunch & nobody knows <why>.' });
  await next('Continue', /step=2/);
  await fill(requester.page, { 'answer.urgency': 'high', 'answer.impact': 'medium' });
  await next('Continue', /step=3/);
  await next('Send', /INC-\d+/);
  return requester.page.url().match(/INC-\d+/)[0];
}

/** Opens a step's form, fills it and takes the step. */
async function step(person, number, verb, values, field) {
  await person.go(`/incidents/${number}/${verb}`);
  await fill(person.page, values);
  await send(person.page, field ?? Object.keys(values)[0]);
  await person.page.waitForURL((url) => url.pathname === `/incidents/${number}`);
}

async function state(person, number) {
  await person.go(`/incidents/${number}`);
  return person.page.locator('main').innerText();
}

/** Says something on a record as staff: an answer to the requester, or a note for colleagues. */
async function say(person, number, kind, words) {
  await person.go(`/incidents/${number}`);
  await person.page.locator(`main input[name="kind"][value="${kind}"]`).check({ force: true });
  await fill(person.page, { body: words });
  await person.page.locator('main form button.btn-primary[type="submit"]').first().click();
  await person.page.locator('main').getByText(words).first().waitFor();
  await person.page.waitForURL((url) => url.pathname === `/incidents/${number}`);
}

async function expectSeen(person, path, { there = [], absent = [] }) {
  await person.go(path);
  const text = await person.page.locator('main').innerText();
  for (const words of there) assert.match(text, words, path);
  for (const words of absent) assert.doesNotMatch(text, words, path);
  // What judges a page is a script too.
  if (person.runsScripts) await person.expectAccessible();
}

const NOTE = /Third fuse this month/;

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with scripts' : 'without scripts';
  journey(`inc_10 inc_15 inc_17 inc_19 from report to close by four people ${how}`, { role: 'requester', javaScript, limit: 240_000 }, async (requester, open) => {
    const manager = await open({ role: 'manager', javaScript });
    const agent = await open({ role: 'agent', javaScript });
    const auditor = await open({ role: 'auditor', javaScript });
    const number = await report(requester, `The till is dead (${how})`);
    const [record, request] = [`/incidents/${number}`, `/portal/requests/${number}`];
    await expectSeen(requester, request, { there: [/We have received it/] });

    // The manager triages, the agent takes it.
    await manager.go(`${record}/assign`);
    const options = (name) => manager.page.locator(`main select[name="${name}"] option`).evaluateAll((all) => all.map((o) => o.value).filter(Boolean));
    const [team] = await options('team');
    const [category] = await options('category');
    await step(manager, number, 'assign', { team, category }, 'team');
    await step(agent, number, 'take', {}, 'version');
    await expectSeen(agent, record, { there: [/In progress/] });
    await say(agent, number, 'note', 'Third fuse this month.');

    await step(agent, number, 'hold', { hold_reason: 'requester', comment: 'Which till is it?' });
    await expectSeen(requester, request, { there: [/Which till is it\?/], absent: [NOTE] });
    await fill(requester.page, { body: 'The one by the door.' });
    await send(requester.page, 'body');
    await requester.page.locator('#timeline').getByText('The one by the door.').waitFor();
    await expectSeen(agent, record, { there: [/In progress/, /The one by the door\./, NOTE] });

    const restored = { resolution_code: 'fixed', resolution: 'A fuse was changed.', closing_category: category, restored: '2025-06-02T09:00' };
    await step(agent, number, 'resolve', restored, 'resolution');
    await expectSeen(manager, record, { there: [/Resolved/] });

    await requester.go(`${request}/steps/reopen`);
    await fill(requester.page, { reason: 'It went off again' });
    await send(requester.page, 'reason');
    await expectSeen(agent, record, { there: [/In progress/] });
    await step(agent, number, 'resolve', restored, 'resolution');
    await requester.go(request);
    await requester.page.locator('main').getByRole('button', { name: 'Yes, it works again' }).first().click();
    await requester.page.locator('main').getByText('It is finished').first().waitFor();

    // The auditor reads all of it, notes and history too, and has nothing to change it with.
    await expectSeen(auditor, record, { there: [/Closed/, NOTE, /The one by the door\./] });
    assert.equal(await auditor.page.locator('main form[method="post"]:not([action*="watch"])').count(), 0, 'an auditor only reads');
    await expectSeen(auditor, `${record}/history`, { there: [/Jonas Weber/, /Amara Okafor/] });
    auditor.expectFault(/status of 403/);
    await auditor.go(`${record}/edit`, 403);

    // A customer of another organisation is told of no such record.
    const customer = await open({ role: 'customer', javaScript });
    customer.expectFault(/status of 404/);
    await customer.go(request, 404);
    await expectSeen(customer, '/portal/requests', { absent: [new RegExp(number)] });
  });
}
