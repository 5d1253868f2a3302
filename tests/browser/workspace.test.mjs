// The agent's workspace by keyboard and by finger: what stands still, where the focus goes, what leads on from a record.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';
import { asked, begun, fill, opened, sent, SOON } from '../harness/desk.mjs';

const palette = (page) => page.locator('command-palette dialog');

/** Opens the palette with what it offers here. */
async function openPalette(page) {
  await page.keyboard.press('Control+k');
  await palette(page).getByRole('option').first().waitFor(SOON);
}

/** What has the focus, in a word. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.id || element?.getAttribute('popovertarget') || element?.localName || '';
  });

const focusIs = (page, wanted) =>
  page.waitForFunction((wanted) => [document.activeElement?.id, document.activeElement?.localName].includes(wanted), wanted, SOON);

/** An item of the demo on which a service stands that is not its own, with that service. */
async function carrying(person) {
  const { items } = await asked(person, 'configuration-items?limit=100');
  for (const { number } of items) {
    const { services } = await asked(person, `configuration-items/${number}/impact`);
    const other = services.find((service) => service.number !== number);
    if (other) return { item: number, service: other };
  }
  throw new Error('the demo has no item that carries a service');
}

journey('b_02_late_records_join_the_palette_without_moving_what_is_chosen', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await opened(agent, 'Inbox of the till printer is full');
  await agent.go('/reports');
  let release;
  const held = new Promise((done) => (release = done));
  await page.route('**/palette/records*', async (route) => {
    await held;
    await route.continue();
  });
  await openPalette(page);
  await palette(page).getByRole('combobox').fill('inbox');
  const chosen = palette(page).locator('[aria-selected="true"]');
  await chosen.filter({ hasText: /^Inbox/ }).waitFor(SOON);
  const [words, box] = [await chosen.innerText(), await chosen.boundingBox()];
  release();
  const found = palette(page).getByRole('option').filter({ hasText: number });
  await found.waitFor(SOON);
  assert.deepEqual([await chosen.innerText(), await chosen.boundingBox()], [words, box]);
  assert.ok((await found.boundingBox()).y > box.y, 'records stand behind it');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/inbox$/);
});

journey('b_02_the_palette_knows_ways_on_from_a_record_and_what_oversees', { role: 'admin' }, async (admin) => {
  const { page } = admin;
  const number = await opened(admin, 'Palette: leads on');
  await openPalette(page);
  const line = (name) => palette(page).getByRole('option', { name });
  for (const [typed, name] of [['problem from', 'Open a problem from it'], ['change from', 'Open a change from it'], ['permissions', 'Permissions'], ['audit log', 'Audit'], ['exports', 'Regular exports']]) {
    await palette(page).getByRole('combobox').fill(typed);
    await line(name).first().waitFor(SOON);
  }
  await palette(page).getByRole('combobox').fill('link to');
  await line('Link to a record').waitFor(SOON);
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`${number}/related`));
  await focusIs(page, 'field-to');
});

journey('gen_07_words_that_name_nothing_are_refused_and_a_reference_elsewhere_can_be_removed', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  agent.expectFault(/422/);
  const number = await opened(agent, 'Link: to nothing');
  await agent.go(`/incidents/${number}/related`);
  await page.locator('#field-to').fill('the printer on floor 3');
  await page.locator('#add-link button.btn-primary').click();
  await page.locator('.error-summary').getByText('names no record').waitFor(SOON);
  await agent.expectAccessible();
  await page.locator('#field-to').fill('');
  await page.locator('#field-reference').fill('JIRA-12');
  await page.locator('#add-link button.btn-primary').click();
  const reference = page.locator('section.card').filter({ hasText: 'In other systems' });
  await reference.getByText('JIRA-12').waitFor(SOON);
  await reference.getByRole('button', { name: 'Remove the link to JIRA-12' }).click();
  await reference.waitFor({ state: 'detached', ...SOON });
});

journey('a_05_menus_walk_by_arrows_and_close_behind_whoever_leaves', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await opened(agent, 'Menus: by arrows');
  await agent.go(`/incidents/${number}`);
  const button = page.locator('[popovertarget="more"]');
  const menu = page.locator('#more:popover-open');
  const line = () => page.evaluate(() => document.activeElement?.closest('#more') && document.activeElement.innerText.trim());
  const lines = await page.locator('#more .menu-item').allTextContents().then((all) => all.map((each) => each.trim()));
  await button.focus();
  await page.keyboard.press('ArrowDown');
  await menu.waitFor(SOON);
  assert.equal(await line(), lines[0]);
  for (const [key, wanted] of [['ArrowDown', lines[1]], ['End', lines.at(-1)], ['ArrowDown', lines[0]], ['ArrowUp', lines.at(-1)], ['Home', lines[0]]]) {
    await page.keyboard.press(key);
    assert.equal(await line(), wanted, key);
  }
  await page.keyboard.press('Escape');
  await menu.waitFor({ state: 'detached', ...SOON });
  assert.equal(await focused(page), 'more', 'Escape gives the focus back');
  await page.keyboard.press('ArrowUp');
  await menu.waitFor(SOON);
  assert.equal(await line(), lines.at(-1));
  await page.keyboard.press('Tab');
  await menu.waitFor({ state: 'detached', ...SOON });
  assert.notEqual(await focused(page), 'body', 'the focus went on');
});

journey('a_05_a_followed_link_is_read_from_the_heading_of_its_page', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  await agent.go('/incidents');
  for (const [place, name] of [['#navigation a[href="/reports"]', /\/reports$/], ['main a[href^="/reports/"]', /\/reports\/.+/], ['#navigation a[href="/inbox"]', /\/inbox$/]]) {
    await page.locator(place).first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(name);
    await focusIs(page, 'h1');
  }
});

journey('a_05_sign_in_begins_in_its_first_field', {}, async (agent) => {
  await agent.go('/sign-in');
  await focusIs(agent.page, 'field-email');
});

journey('inc_05_closing_begins_with_the_category_that_it_has_and_required_answers_have_no_none', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await begun(agent, 'Closing: which category?');
  await agent.go(`/incidents/${number}/resolve`);
  const words = (name) => page.locator(`main [name="${name}"] option:checked`).innerText();
  assert.equal(await words('closing_category'), 'Software');
  assert.equal(await words('resolution_code'), 'Choose');
  const empty = page.locator('main [name="resolution_code"] option[value=""], main [name="closing_category"] option[value=""]');
  for (const option of await empty.all()) assert.ok(await option.isDisabled(), 'nothing is no answer');
});

journey('a_02_a_record_has_one_row_of_number_and_menu_on_a_phone', { role: 'agent', size: 'phone', touch: true }, async (agent) => {
  const { page } = agent;
  await agent.go('/incidents');
  const { items } = await asked(agent, 'incidents?limit=1&filter=state%20%3D%20%22in_progress%22');
  await agent.go(`/incidents/${items[0].number}`);
  const head = page.locator('.record-head .crumbs');
  const middle = async (place) => {
    const box = await head.locator(place).first().boundingBox();
    return box.y + box.height / 2;
  };
  const [number, menu] = [await middle('a.number'), await middle('[popovertarget="more"]')];
  assert.ok(Math.abs(number - menu) < 12, `number at ${number}, menu at ${menu}`);
  assert.ok((await head.boundingBox()).height < 64, 'one row');
  await agent.expectFingersReach();
  await page.locator('[popovertarget="more"]').tap();
  await page.locator('#more').getByText(/Watch|Stop watching/).waitFor(SOON);
});

journey('inc_21_a_problem_from_an_incident_is_prefilled_and_the_incident_waits_by_choice', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  const title = `Leads on ${Date.now()}`;
  const number = await begun(manager, title);
  await page.locator('[popovertarget="more"]').click();
  await page.locator('#more').getByText('Open a problem from it').click();
  await page.waitForURL(/\/problems\/new/);
  assert.equal(await page.locator('[name="title"]').inputValue(), title);
  const waits = page.locator(`input[name="waits"][value="${number}"]`);
  assert.equal(await waits.isChecked(), false, 'it goes on as it did unless somebody says so');
  await manager.expectAccessible();
  await waits.check();
  await page.locator('main form button.btn-primary').last().click();
  await page.waitForURL(/\/problems\/PRB-\d+/);
  const incident = await asked(manager, `incidents/${number}`);
  assert.deepEqual([incident.state, incident.hold_reason], ['on_hold', 'problem']);
  await manager.go(`/incidents/${number}/related`);
  await page.locator('section.card[aria-label="Caused by"]').getByText(title).waitFor(SOON);
});

journey('inc_04_an_item_offers_the_service_it_carries_on_the_form_and_on_the_record', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  // The page of the form comes anew with the service in it, and is no success.
  manager.expectFault(/422/);
  await manager.go('/incidents/new');
  const { item, service } = await carrying(manager);
  await fill(page, { title: 'Something beneath a service is slow' });
  await page.locator('#field-item\\.0').fill(item);
  await page.locator('#field-item\\.0').press('Tab');
  const set = page.getByRole('button', { name: `Set the service to ${service.name}` });
  await set.waitFor(SOON);
  await manager.expectAccessible();
  // What somebody chose before gives way to what they press.
  const other = await page.locator(`#field-service option:not([value=""], [value="${service.id}"])`).first().getAttribute('value');
  await page.locator('#field-service').selectOption(other);
  await set.click();
  await set.waitFor({ state: 'detached', ...SOON });
  await focusIs(page, 'field-service');
  assert.equal(await page.locator('#field-service').inputValue(), String(service.id));
  assert.equal(await page.locator('main [name="title"]').inputValue(), 'Something beneath a service is slow');
  await page.locator('main form button.btn-primary').last().click();
  await page.waitForURL(/INC-\d+/);
  const number = page.url().match(/INC-\d+/)[0];
  assert.equal((await asked(manager, `incidents/${number}`)).service.id, service.id);
  // The same on a record that names the item later.
  const later = await opened(manager, 'Named later');
  await sent(manager, 'POST', `incidents/${later}/links`, { relation: 'affects', to: item });
  await manager.go(`/incidents/${later}`);
  await page.locator('#suggestions').getByRole('button', { name: `Set the service to ${service.name}` }).click();
  await page.locator('#toasts').getByText(service.name).waitFor(SOON);
  assert.equal((await asked(manager, `incidents/${later}`)).service.id, service.id);
});
