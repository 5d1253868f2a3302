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
  const map = page.locator('.map-wide svg.map');
  await page.locator('.map-wide .map-zoom').waitFor();
  await agent.expectAccessible();
  // Every box stands in the tables, and every item of the tables has a box or is counted.
  const drawn = await map.locator('[data-node]').evaluateAll((all) => all.map((one) => new URL(one.getAttribute('href'), location.href).searchParams.get('chosen')));
  const told = await page.locator('#impacted-items + * tbody a, #foundations + * tbody a').evaluateAll((all) => all.map((one) => one.textContent));
  assert.deepEqual(drawn.filter((one) => one !== number && !told.includes(one)), []);
  const rest = await map.locator('.map-rest-words').count();
  if (rest === 0) assert.equal(new Set(told).size, drawn.length - 1);
  // From the item up along a line, and down again; Enter tells of a box beside the drawing, where it is opened.
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
  const name = await map.locator(`[data-node="${above}"] title`).textContent();
  await page.keyboard.press('Enter');
  await page.waitForURL(/chosen=CI-/);
  const panel = page.getByRole('region', { name: 'Chosen item' });
  await panel.getByRole('heading', { name: name.split(',')[0], exact: true }).waitFor();
  assert.equal(await focused(), above, 'the focus stays where it was');
  assert.equal(await map.locator('[aria-current]').getAttribute('data-node'), above);
  // The view moves by key, too, and what it leaves out is seen small.
  const mini = page.locator('.map-wide .map-mini');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await mini.waitFor();
  const shown = await seen();
  await page.keyboard.press('Shift+ArrowRight');
  assert.notEqual(await seen(), shown);
  await page.keyboard.press('0');
  await mini.waitFor({ state: 'hidden' });
  // Space lets it fail beside the item, and work again.
  await page.keyboard.press('Space');
  await page.getByRole('heading', { name: 'If they fail' }).waitFor();
  assert.equal(await map.locator('.map-fails').count(), 2);
  assert.equal(await focused(), above);
  await agent.expectAccessible();
  // It was judged on a phone's window, too, where this drawing has no focus to keep.
  await map.locator(`[data-node="${above}"]`).focus();
  await page.keyboard.press('Space');
  await page.getByRole('heading', { name: 'If it fails' }).waitFor();
  await panel.getByRole('link', { name: /^Open CI-/ }).click();
  await page.waitForURL(/configuration-items\/CI-\d+$/);
});

journey('sac_06_the_map_on_a_phone_is_a_drawing_of_its_own_above_a_sheet_and_is_narrowed_and_saved', { role: 'agent', size: 'phone' }, async (agent) => {
  const { page } = agent;
  const number = await numberOf(agent, 'san-lon-01');
  await agent.go(`/configuration-items/${number}/map`);
  const box = (selector) => page.locator(selector).boundingBox();
  const [drawing, panel, tables] = [await box('.map-narrow'), await box('.map-panel'), await box('.map-tables')];
  assert.ok(drawing.y < panel.y && panel.y < tables.y && panel.y < drawing.y + drawing.height, 'the sheet covers the edge');
  assert.equal(await page.locator('.map-wide').isVisible(), false);
  // As wide as the window, with boxes that a finger hits.
  const map = page.locator('.map-narrow svg.map');
  const first = await map.locator('.map-box').first().boundingBox();
  assert.ok(first.width >= 90 && first.height >= 40 && first.x >= 0, JSON.stringify(first));
  const hit = map.locator('.map-hit:not(.map-root)[data-node]').first();
  const name = (await hit.locator('title').textContent()).split(',')[0];
  // The key leads there where the view shows another part.
  await hit.focus();
  await hit.click();
  await page.getByRole('region', { name: 'Chosen item' }).getByRole('heading', { name, exact: true }).waitFor();
  await agent.expectAccessible();
  await page.getByRole('navigation', { name: 'Direction' }).getByRole('link', { name: 'Impact' }).click();
  await page.waitForURL(/way=impact/);
  await page.getByLabel('Steps').selectOption('1');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL(/depth=1(&|$)/);
  const lanes = await page.locator('.map-wide .map-lane').evaluateAll((all) => all.map((one) => one.textContent).filter(Boolean));
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

/** Items of the tables by title, with what happens to each. */
function hits(page) {
  const rows = page.locator('#impacted-items + * tbody tr');
  return rows.evaluateAll((all) => Object.fromEntries(all.map((row) => [[...row.cells[0].querySelectorAll('bdi')].at(-1).textContent, row.cells[1].textContent.trim()])));
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with scripts' : 'without scripts';
  journey(`sac_06 an outage is simulated on any item of the map, several at once, ${how}`, { role: 'agent', javaScript }, async (agent) => {
    const { page } = agent;
    const number = await numberOf(agent, 'Mail store');
    await agent.go(`/configuration-items/${number}/map?depth=3`);
    const map = page.locator('.map-wide svg.map');
    const panel = page.getByRole('region', { name: 'Chosen item' });
    const node = (title) => map.locator('a[data-node]').filter({ has: page.locator('title', { hasText: new RegExp(`^${title},`) }) });
    const nodes = await map.locator('a[data-node] title').evaluateAll((all) => all.map((one) => one.textContent.split(',')[0]));
    const [one, other] = nodes.filter((title) => /^mail-db-[a-z]+$/.test(title)).sort();
    assert.ok(other, nodes.join());

    // Nothing fails; then one of both: the cluster can do without it.
    await page.getByRole('switch', { name: 'Simulate outage' }).click();
    await page.getByRole('heading', { name: 'Nothing fails' }).waitFor();
    assert.equal(await map.locator('.map-hit, .map-risk').count(), 0);
    await node(one).click();
    await panel.getByRole('heading', { name: one, exact: true }).waitFor();
    const fails = panel.getByRole('switch', { name: 'It fails' });
    assert.equal(await fails.getAttribute('aria-checked'), 'false');
    await fails.click();
    await page.waitForURL(/fails=CI-\d+&/);
    await page.getByRole('heading', { name: 'If they fail' }).waitFor();
    assert.equal((await hits(page))['Mail store'], 'At risk');
    assert.match(await node('Mail store').locator('title').textContent(), /At risk/);
    // Both: it fails, and the page says what the API says.
    await node(other).click();
    await panel.getByRole('heading', { name: other, exact: true }).waitFor();
    await panel.getByRole('switch', { name: 'It fails' }).click();
    await page.waitForURL(/fails=CI-\d+(%2C|,)CI-\d+/);
    await panel.getByText('Works again').nth(1).waitFor();
    const told = await hits(page);
    assert.deepEqual([told['Mail store'], told[one], told[other]], ['Impacted', 'Fails', 'Fails']);
    const both = new URL(page.url()).searchParams.get('fails');
    const answer = await asked(agent, `configuration-items/${number}/impact?depth=3&limit=200&fails=${both}`);
    const words = { impacted: 'Impacted', at_risk: 'At risk' };
    const expected = answer.items.map((item) => [item.title, item.hops === 0 ? 'Fails' : words[item.hit]]);
    assert.deepEqual(told, Object.fromEntries(expected));
    const drawn = await agent.context.request.get(await page.getByRole('link', { name: 'Save the map as SVG' }).getAttribute('href'));
    assert.ok((await drawn.text()).includes('Simulated outage: '));
    if (javaScript) await agent.expectAccessible();
    // One of them works again, from the list of what fails.
    await panel.getByRole('link', { name: `${one} works again` }).click();
    await page.waitForURL(/fails=CI-\d+&/);
    await page.getByRole('cell', { name: 'At risk' }).first().waitFor();
    assert.equal((await hits(page))['Mail store'], 'At risk');
  });
}

journey('sac_06_the_panel_tells_of_the_chosen_item_without_scripts_too', { role: 'agent', javaScript: false, size: 'phone' }, async (agent) => {
  const { page } = agent;
  const number = await numberOf(agent, 'Mail store');
  await agent.go(`/configuration-items/${number}/map`);
  const panel = page.getByRole('region', { name: 'Chosen item' });
  const told = await panel.innerText();
  for (const words of ['Mail store', 'Cluster', 'Production', 'What it can do without', 'Relations', 'Open a record about it']) assert.ok(told.includes(words), `${words} in ${told}`);
  // A relation leads to its other end, and the page to the panel.
  await page.locator('.map-narrow svg.map a[data-node]').filter({ has: page.locator('title', { hasText: /^mail-db-lon,/ }) }).click();
  await page.waitForURL(/chosen=CI-\d+#map-chosen$/);
  await panel.getByRole('heading', { name: 'mail-db-lon', exact: true }).waitFor();
  // Only what is of another environment is left out.
  await page.getByLabel('Environment').selectOption('test');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL(/environment=test/);
  assert.equal(await page.locator('.map-narrow svg.map a[data-node]').count(), 1);
  // A record about it is opened with the item filled in.
  await panel.getByRole('button', { name: 'Change', exact: true }).click();
  await page.waitForURL('**/changes/new');
  const { items } = await asked(agent, `configuration-items?filter=${encodeURIComponent('title = "mail-db-lon"')}&limit=1`);
  assert.equal(await page.locator('[name="item.0"]').inputValue(), items[0].number);
});
