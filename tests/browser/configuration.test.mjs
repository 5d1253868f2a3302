// Configuration items on their pages: what fails with one, and how one stood.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

/** The number of an item of the demo's estate. */
async function numberOf(person, title) {
  const { items } = await asked(person, `configuration-items?filter=${encodeURIComponent(`title = "${title}"`)}&limit=1`);
  return items[0].number;
}

async function send(page, field) {
  const form = page.locator('main form.form').filter({ has: page.locator(`[name="${field}"]`) }).first();
  await form.locator('.form-foot button').first().click();
}

journey('sac_06_what_fails_with_an_item_is_read_on_its_page', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await numberOf(agent, 'san-lon-01');
  await agent.go(`/configuration-items/${number}`);
  await page.getByRole('link', { name: 'Impact' }).click();
  await page.waitForURL(/\/map/);
  const items = page.getByRole('region', { name: 'Items that are hit' });
  await items.waitFor();
  assert.match(await page.locator('#if-it-fails + p').innerText(), /fail with it/);
  // The table says what the API says.
  const { items: hit } = await asked(agent, `configuration-items/${number}/impact?limit=200`);
  assert.equal(await items.locator('tbody tr').count(), hit.length - 1);
  const services = page.getByRole('region', { name: 'Services' });
  assert.ok((await services.innerText()).includes('Payments'));
  await agent.expectAccessible();
});

journey('sac_05_a_record_as_it_stood_is_one_form_away', { role: 'agent', size: 'phone' }, async (agent) => {
  const { page } = agent;
  const number = await numberOf(agent, 'vpn-gw-lon-01');
  await agent.go(`/configuration-items/${number}/history`);
  await send(page, 'at');
  await page.waitForURL(/\/as-of\?at=/);
  const then = await page.locator('section[aria-labelledby="as-of"]').innerText();
  assert.ok(then.includes('FortiGate 200F'), then);
  await agent.expectAccessible();
});
