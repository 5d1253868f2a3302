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
  await fill(requester.page, {
    title,
    symptoms: 'It stopped after lunch & nobody knows <why>.',
    'answer.urgency': 'high',
    'answer.impact': 'medium',
  });
  await send(requester.page, 'title');
  await requester.page.waitForURL(/INC-\d+/);
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

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with scripts' : 'without scripts';
  journey(`inc_10 inc_15 inc_17 inc_19 from report to close ${how}`, { role: 'requester', javaScript }, async (requester, open) => {
    const agent = await open({ role: 'agent', javaScript });
    const manager = await open({ role: 'manager', javaScript });
    const number = await report(requester, `The till is dead (${how})`);
    assert.match(await requester.page.locator('main').innerText(), /We have received it/);

    await agent.go(`/incidents/${number}/assign`);
    const options = await agent.page.locator('main select[name="team"] option').evaluateAll((all) => all.map((o) => o.value).filter(Boolean));
    const categories = await agent.page.locator('main select[name="category"] option').evaluateAll((all) => all.map((o) => o.value).filter(Boolean));
    await step(agent, number, 'assign', { team: options[0], category: categories[0] }, 'team');
    await step(agent, number, 'take', {}, 'version');
    assert.match(await state(agent, number), /In progress/);

    await step(agent, number, 'hold', { hold_reason: 'requester', comment: 'Which till is it?' });
    await requester.go(`/portal/requests/${number}`);
    assert.match(await requester.page.locator('main').innerText(), /Which till is it\?/);
    await fill(requester.page, { body: 'The one by the door.' });
    await send(requester.page, 'body');
    assert.match(await state(agent, number), /In progress/, 'a reply resumes');
    assert.match(await state(agent, number), /The one by the door\./);

    const restored = { resolution_code: 'fixed', resolution: 'A fuse was changed.', closing_category: categories[0], restored: '2025-06-02T09:00' };
    await step(agent, number, 'resolve', restored, 'resolution');
    assert.match(await state(manager, number), /Resolved/);

    await requester.go(`/portal/requests/${number}/steps/reopen`);
    await fill(requester.page, { reason: 'It went off again' });
    await send(requester.page, 'reason');
    assert.match(await state(agent, number), /In progress/, 'rejected');
    await step(agent, number, 'resolve', restored, 'resolution');
    await requester.go(`/portal/requests/${number}`);
    await requester.page.locator('main').getByRole('button', { name: 'Yes, it works again' }).first().click();
    await requester.page.locator('main').getByText('It is finished').first().waitFor();
    assert.match(await state(manager, number), /Closed/);
  });
}
