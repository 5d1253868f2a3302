// What helps while somebody works on a record: others like it in the rail, and what is offered while one writes.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

const SOON = { timeout: 8_000 };

async function sent(person, path, data) {
  const headers = { origin: new URL(person.page.url()).origin };
  const answer = await person.context.request.post(`/api/v1/${path}`, { data, headers });
  assert.ok(answer.ok(), `${path}: ${await answer.text()}`);
  return answer.json();
}

async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

/** Waits until the index has read of a record. */
async function known(person, number, other) {
  for (let left = 40; left > 0; left -= 1) {
    const { items } = await asked(person, `incidents/${number}/similar?limit=20`);
    if (items.some(({ record }) => record.number === other)) return;
    await person.page.waitForTimeout(250);
  }
  assert.fail(`${other} is not like ${number}`);
}

async function alike(person) {
  await person.go('/incidents');
  const open = async (title) => (await sent(person, 'incidents', { title })).number;
  const number = await open('Zeppelin hangar doors jam when it rains');
  const other = await open('Hangar doors of the zeppelin jam again');
  await known(person, number, other);
  return [number, other];
}

journey('similar_records_stand_in_the_rail_and_are_linked_with_one_click', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const [number, other] = await alike(agent);
  await agent.go(`/incidents/${number}`);
  const card = page.locator('.rail #suggestions [aria-labelledby="similar"]');
  await card.getByText(other).waitFor(SOON);
  await agent.expectAccessible();
  await card.getByRole('button', { name: `Link ${other}` }).click();
  const toast = page.locator('#toasts .toast');
  await toast.getByText('Linked.').waitFor(SOON);
  assert.equal(new URL(page.url()).pathname, `/incidents/${number}`, 'one stays where one is');
  await card.getByText(other).waitFor({ state: 'detached', ...SOON });
  assert.equal((await asked(agent, `incidents/${number}/links`)).records.length, 1);
  await toast.getByRole('button', { name: 'Undo' }).click();
  await card.getByText(other).waitFor(SOON);
  assert.equal((await asked(agent, `incidents/${number}/links`)).records.length, 0);
  await page.getByRole('navigation', { name: 'Sections of the record' }).getByRole('link', { name: 'Similar' }).click();
  await page.locator('main .details').getByText(other).waitFor(SOON);
  await agent.expectAccessible();
});

journey('while_one_writes_people_records_and_templates_are_offered', { role: 'admin' }, async (admin) => {
  const { page } = admin;
  const [number, other] = await alike(admin);
  await sent(admin, 'templates', { name: 'Zeppelin greeting', body: 'Dear {first_name}, about {number}.' });
  await admin.go(`/incidents/${number}`);
  await page.locator('#composer input[value="note"]').check({ force: true });
  const text = page.locator('#composer-body');
  const menu = page.locator('#composer .expander');
  const pick = async (typed, words) => {
    await text.focus();
    await page.locator('text-expander[data-ready]').waitFor(SOON);
    await text.pressSequentially(typed, { delay: 20 });
    await menu.getByRole('option', { name: words }).first().waitFor(SOON);
    const out = await menu.evaluate((list) => {
      const { top, right, bottom, left } = list.getBoundingClientRect();
      const { clientWidth, clientHeight } = document.documentElement;
      return Math.max(-top, -left, right - clientWidth, bottom - clientHeight);
    });
    assert.ok(out <= 0, `the list after ${typed} leaves the window by ${out} px`);
  };
  const { items: people } = await asked(admin, `incidents/${number}/mentionable?internal=true`);
  const { items: all } = await asked(admin, 'people?limit=200');
  const outside = all.find(({ id, name, active }) => active !== false && name.length > 4 && !people.some((known) => known.id === id));
  const [colleague] = people;
  await pick(`@${colleague.name.slice(0, 3)}`, colleague.name);
  await admin.expectAccessible();
  await page.keyboard.press('Enter');
  assert.match(await text.inputValue(), new RegExp(`@${colleague.name}`));
  await pick(` #${other}`, other);
  await page.keyboard.press('Enter');
  assert.match(await text.inputValue(), new RegExp(other));
  await pick(' /zepp', 'Zeppelin greeting');
  await page.keyboard.press('Enter');
  assert.match(await text.inputValue(), new RegExp(`about ${number}`));
  // Who may not read it is not offered.
  const answered = page.waitForResponse((answer) => answer.url().includes('/mentionable'));
  await text.pressSequentially(` @${outside.name.slice(0, 5)}`, { delay: 20 });
  const offered = (await (await answered).json()).items.map(({ name }) => name);
  assert.ok(!offered.includes(outside.name), `${outside.name} among ${offered}`);
  assert.equal(await menu.getByRole('option', { name: outside.name }).count(), 0);
});

journey('on_a_phone_a_list_of_suggestions_stays_in_the_window', { role: 'admin', size: 'phone' }, async (admin) => {
  const { page } = admin;
  const [number] = await alike(admin);
  const { items } = await asked(admin, `incidents/${number}/mentionable?internal=true`);
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 700 });
    await admin.go(`/incidents/${number}`);
    await page.locator('#composer input[value="note"]').check({ force: true });
    const text = page.locator('#composer-body');
    await text.focus();
    await page.locator('text-expander[data-ready]').waitFor(SOON);
    // The caret goes from the beginning of a line to its end, where a list has no room beside it.
    for (const before of ['', 'Please look ', 'Please look at this one now ']) {
      await text.fill(before);
      await text.pressSequentially(`@${items[0].name.slice(0, 3)}`, { delay: 20 });
      const list = page.locator('#composer .expander');
      await list.getByRole('option').first().waitFor(SOON);
      const { left, right, wide } = await list.evaluate((each) => ({ ...each.getBoundingClientRect().toJSON(), wide: document.documentElement.scrollWidth }));
      assert.ok(left >= 0 && right <= width, `${width} px: from ${left} to ${right}`);
      assert.ok(wide <= width, `the page is ${wide} px wide in ${width}`);
      await page.keyboard.press('Escape');
    }
    await text.fill('');
  }
});

journey('while_an_incident_is_logged_what_may_be_it_is_offered_and_linked', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const [, other] = await alike(agent);
  await agent.go('/incidents/new');
  const card = page.locator('#alike');
  assert.equal(await card.innerText(), '', 'nothing before anything is typed');
  await page.locator('main [name="title"]').focus();
  await page.keyboard.type('Zeppelin hangar doors jam', { delay: 10 });
  await card.getByText(other).first().waitFor(SOON);
  assert.equal(await page.locator('main [name="title"]').inputValue(), 'Zeppelin hangar doors jam');
  assert.ok(await page.locator('main [name="title"]').evaluate((each) => each === document.activeElement), 'the caret stays');
  await agent.expectAccessible();
  await agent.expectNoSidewaysScroll();
  const box = card.getByRole('checkbox', { name: `Link to ${other}` });
  await box.focus();
  await page.keyboard.press('Space');
  await page.locator('main [name="symptoms"]').fill('It rains.');
  await page.waitForTimeout(1_200);
  assert.ok(await box.isChecked(), 'what is ticked stays so');
  await page.locator('main [name="symptoms"]').press('Control+Enter');
  await page.waitForURL(/INC-\d+$/);
  const number = page.url().match(/INC-\d+/)[0];
  const { records } = await asked(agent, `incidents/${number}/links`);
  assert.deepEqual(records.map((record) => record.number), [other]);
});

journey('a_06_without_a_script_the_button_asks_what_may_be_known_already', { role: 'agent', javaScript: false }, async (agent) => {
  const { page } = agent;
  const [, other] = await alike(agent);
  await agent.go('/incidents/new');
  await page.locator('main [name="title"]').fill('Zeppelin hangar doors jam');
  await page.getByRole('button', { name: 'Update form' }).click();
  await page.locator('#alike').getByText(other).first().waitFor(SOON);
  assert.equal(await page.locator('main [name="title"]').inputValue(), 'Zeppelin hangar doors jam');
});

/** A change that follows a model which is approved in advance, begun just now on a service. */
async function begun(manager, agent, service) {
  const valid_until = new Date(Date.now() + 86_400_000 * 30).toISOString().slice(0, 10);
  const approver = (await asked(manager, 'me')).id;
  const model = await sent(manager, 'models', { name: `Roll out ${Date.now()}`, process: 'change', approver, valid_until });
  const { number } = await sent(agent, 'changes', { title: 'Roll out of dirigible 7', type: 'standard', model: model.id, service });
  const at = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
  await sent(agent, `changes/${number}/schedule_standard`, { planned_start: at(-5), planned_end: at(60) });
  await sent(agent, `changes/${number}/start`, {});
  return number;
}

journey('chg_20_inc_11_known_errors_open_incidents_and_recent_changes_are_offered_while_logging', { role: 'agent', limit: 180_000 }, async (agent, open) => {
  const manager = await open({ role: 'manager' });
  await manager.go('/');
  const { page } = agent;
  await agent.go('/incidents');
  const words = { title: 'Dirigible moors in the wrong place' };
  const known = (await sent(agent, 'problems', words)).number;
  const other = (await sent(agent, 'incidents', words)).number;
  const service = (await asked(agent, 'services?limit=1')).items[0];
  const change = await begun(manager, agent, service.id);
  const probe = (await sent(agent, 'incidents', words)).number;
  await page.waitForTimeout(1_500);
  assert.ok((await asked(agent, `incidents/${probe}/similar?limit=20`)).items.length > 0);
  await agent.go('/incidents/new');
  await page.locator('main [name="title"]').fill('Dirigible moors in the wrong place');
  await page.locator('main [name="service"]').selectOption(String(service.id));
  const card = page.locator('#alike');
  for (const hint of [known, other, change]) await card.getByText(hint).first().waitFor(SOON);
  await agent.expectAccessible();
  await card.getByRole('checkbox', { name: `Caused by ${change}` }).check();
  await page.getByRole('button', { name: 'Open incident' }).last().click();
  await page.waitForURL(/INC-\d+$/);
  const number = page.url().match(/INC-\d+/)[0];
  const { records } = await asked(agent, `incidents/${number}/links`);
  assert.deepEqual(records.map((record) => [record.relation, record.number]), [['caused_by', change]]);
  // On a record that is there already it is one click.
  const headers = { origin: new URL(page.url()).origin, 'if-match': `"${(await asked(agent, `incidents/${probe}`)).version}"` };
  const edited = await agent.context.request.patch(`/api/v1/incidents/${probe}`, { data: { service: service.id }, headers });
  assert.equal(edited.status(), 200, await edited.text());
  await agent.go(`/incidents/${probe}`);
  await page.getByRole('button', { name: `Caused by ${change}` }).click();
  await page.locator('#toasts .toast').getByText('Linked.').waitFor(SOON);
  const after = await asked(agent, `incidents/${probe}/links`);
  assert.ok(after.records.some(({ relation, number: to }) => relation === 'caused_by' && to === change));
});
