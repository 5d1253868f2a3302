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

journey('sac_09_a_row_that_fits_nothing_waits_until_somebody_says_what_it_is', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  await manager.go('/configuration-items');
  const headers = { origin: new URL(page.url()).origin };
  const feed = async (rows) => {
    const answer = await manager.context.request.post('/api/v1/configuration-items/feed', { data: { source: 'netbox', rows }, headers });
    assert.equal(answer.status(), 200, await answer.text());
    return (await answer.json()).rows;
  };
  const row = (id, display, serial) => ({ id, display, serial, role: { slug: 'switch' }, site: { name: 'Leeds' } });
  const rows = [row('edge-1', 'leeds-edge-1', 'JRN-0001'), row('edge-2', 'leeds-edge-2', 'JRN-0002')];
  assert.deepEqual((await feed(rows)).map(({ code }) => code), ['unmatched', 'unmatched']);

  await page.getByRole('link', { name: 'Sources of configuration items' }).click();
  await page.waitForURL('**/configuration-items/sources');
  await manager.expectAccessible();
  const card = (title) => page.getByRole('article', { name: title });
  await card('leeds-edge-1').getByRole('button', { name: 'Make a configuration item of it' }).click();
  await card('leeds-edge-1').waitFor({ state: 'detached' });
  await card('leeds-edge-2').getByText('Leave it aside').first().click();
  await card('leeds-edge-2').getByLabel('Why it is none of ours').fill('Sold last year');
  await card('leeds-edge-2').getByRole('button', { name: 'Leave it aside' }).click();
  await card('leeds-edge-2').waitFor({ state: 'detached' });
  await page.locator('summary', { hasText: 'left aside' }).click();
  await page.getByText('Sold last year').waitFor();
  await manager.expectAccessible();

  // From then on the source speaks of its item, and the item says whose word stands.
  const [known, aside] = await feed(rows);
  assert.deepEqual([known.outcome, aside.outcome], ['unchanged', 'unchanged']);
  await manager.go(`/configuration-items/${known.number}`);
  await page.getByRole('link', { name: 'Sources', exact: true }).click();
  await page.waitForURL(/\/sources/);
  const told = page.getByRole('region', { name: 'NetBox' });
  assert.match(await told.innerText(), /JRN-0001/);
  await manager.expectAccessible();
});

journey('sac_11_what_is_found_otherwise_is_settled_on_its_page', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  await manager.go('/configuration-items/discrepancies');
  const headers = { origin: new URL(page.url()).origin };
  const post = async (path, data) => {
    const answer = await manager.context.request.post(`/api/v1/${path}`, { data, headers });
    assert.ok(answer.ok(), `${path}: ${await answer.text()}`);
    return answer.json();
  };
  const made = await post('item-classes', { name: 'Bound to its place', controlled: [{ field: 'location' }] });
  const { id: owner } = await asked(manager, 'me');
  const values = { title: 'leeds-safe-1', class: made.id, serial_number: 'JRN-0003', location: 'York', owner };
  const { number } = await post('configuration-items', values);
  for (const verb of ['receive', 'test', 'go_live']) await post(`configuration-items/${number}/${verb}`, {});
  const row = { id: 'safe-1', display: 'leeds-safe-1', serial: 'JRN-0003', site: { name: 'Leeds' } };
  await post('configuration-items/feed', { source: 'netbox', rows: [row] });

  await manager.go('/configuration-items');
  await page.getByRole('link', { name: 'Discrepancies' }).click();
  await page.waitForURL('**/configuration-items/discrepancies');
  const card = page.getByRole('article', { name: /leeds-safe-1/ });
  const said = await card.innerText();
  assert.ok(said.includes('York') && said.includes('Leeds') && said.includes('No change explains it.'), said);
  await card.getByText('Settle it').click();
  await manager.expectAccessible();
  await card.getByLabel('Reason').fill('It was never in York');
  await card.getByRole('button', { name: 'Write what was found' }).click();
  await card.waitFor({ state: 'detached' });
  assert.equal((await asked(manager, `configuration-items/${number}`)).location, 'Leeds');
});

journey('sac_06_the_map_is_walked_along_its_lines_by_key', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await numberOf(agent, 'san-lon-01');
  await agent.go(`/configuration-items/${number}/map`);
  const map = page.locator('svg.map');
  const tools = page.locator('[data-map-tools]');
  await tools.waitFor();
  await agent.expectAccessible();
  // Every box stands in the tables, and every item of the tables has a box or is counted.
  const drawn = await map.locator('[data-node]').evaluateAll((all) => all.map((one) => one.getAttribute('href').split('/').pop()));
  const told = await page.locator('#impacted-items + * tbody a, #foundations + * tbody a').evaluateAll((all) => all.map((one) => one.textContent));
  assert.deepEqual(drawn.filter((one) => one !== number && !told.includes(one)), []);
  const rest = await map.locator('.map-rest-words').count();
  if (rest === 0) assert.equal(new Set(told).size, drawn.length - 1);
  // From the item up along a line, and down again; Enter opens.
  const root = map.locator('.map-root');
  await root.focus();
  await page.keyboard.press('ArrowUp');
  const focused = () => page.evaluate(() => document.activeElement.getAttribute('data-node'));
  const above = await focused();
  const id = await root.getAttribute('data-node');
  assert.notEqual(above, id);
  assert.equal(await map.locator(`[data-needed="${id}"][data-dependent="${above}"]`).count(), 1);
  await page.keyboard.press('ArrowDown');
  const below = await focused();
  assert.ok((await map.locator(`[data-needed="${below}"][data-dependent="${above}"]`).count()) > 0);
  await page.keyboard.press('Home');
  assert.equal(await focused(), id);
  // Closer, and all of it again.
  const seen = () => map.getAttribute('viewBox');
  const before = await seen();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  assert.notEqual(await seen(), before);
  await page.getByRole('button', { name: 'Show all of it' }).click();
  assert.match(await seen(), /^0 0 /);
  await root.focus();
  await page.keyboard.press('ArrowUp');
  const opened = await map.locator(`[data-node="${above}"]`).getAttribute('href');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${opened}`);
});

journey('sac_06_the_map_is_narrowed_and_saved_and_comes_after_its_tables_on_a_phone', { role: 'agent', size: 'phone' }, async (agent) => {
  const { page } = agent;
  const number = await numberOf(agent, 'san-lon-01');
  await agent.go(`/configuration-items/${number}/map`);
  const top = async (selector) => (await page.locator(selector).boundingBox()).y;
  assert.ok((await top('.map-tables')) < (await top('.map-part')));
  await agent.expectAccessible();
  await page.getByLabel('Direction').selectOption('impact');
  await page.getByLabel('Steps').selectOption('1');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL(/depth=1/);
  const lanes = await page.locator('.map-lane').evaluateAll((all) => all.map((one) => one.textContent).filter(Boolean));
  assert.deepEqual(lanes, ['1 step up']);
  const href = await page.getByRole('link', { name: 'Save the map as SVG' }).getAttribute('href');
  const file = await agent.context.request.get(href);
  assert.equal(file.headers()['content-type'], 'image/svg+xml');
  const text = await file.text();
  assert.ok(text.includes('1 step up') && !text.includes('2 steps up'), text);
});

journey('sac_05_the_slider_shows_the_map_as_it_was', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await numberOf(agent, 'vpn-gw-lon-01');
  await agent.go(`/configuration-items/${number}/map`);
  const slider = page.getByRole('slider', { name: 'Point in time' });
  await slider.focus();
  const now = await slider.getAttribute('aria-valuetext');
  await page.keyboard.press('PageDown');
  assert.notEqual(await slider.getAttribute('aria-valuetext'), now);
  await page.waitForURL(/moment=\d+/);
  await page.getByRole('heading', { name: /^Map as it was on/ }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.type), 'range', 'the slider keeps the focus');
  await agent.expectAccessible();
  // The field says the same instant, and takes another without the slider.
  const field = page.locator('main [name="at"]');
  assert.notEqual(await field.inputValue(), '');
  await page.getByRole('link', { name: 'As it is now' }).click();
  await page.getByRole('heading', { name: 'Map', exact: true }).waitFor();
});
