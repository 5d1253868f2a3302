// Setting an installation up and changing it, as its administrator does.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';
import { startEmptyServer } from '../harness/server.mjs';

const LIMIT_MS = 300_000;

/** Runs a story on an installation that was just made, with its first administrator signed in. */
async function anew(open, story) {
  const server = open.ends(await startEmptyServer());
  const first = await open({ url: server.url });
  await first.go(server.setUp);
  const person = { name: 'Ada Lovelace', email: 'ada@example.org', password: 'plum otter brass' };
  for (const [name, value] of Object.entries(person)) await first.page.locator(`[name="${name}"]`).fill(value);
  await first.page.getByRole('button', { name: 'Begin' }).click();
  await first.page.waitForURL((url) => url.pathname === '/admin/start');
  await story(first, server);
}

/** The addresses of the sidebar’s entries that lead to records, with the number beside each. */
async function queues(person) {
  const all = await person.page.locator('nav a[href^="/incidents"]').evaluateAll((links) =>
    links.map((link) => ({ href: link.getAttribute('href'), words: link.textContent })),
  );
  const lists = all.filter(({ href }) => !/\/(new|filter)\b/.test(href));
  return [...new Map(lists.map((each) => [each.href, each])).values()];
}

/** Entries of the sidebar that are no lists of records, and what stands for a record there. */
const OTHER_ENTRIES = { '/inbox': '.notice-line', '/my-work': '[id^="row-"]', '/today': 'a.stat .stat-value', '/reports': 'main a[href*="/records?"]' };

journey('c_11_demo_data_fills_every_entry_and_leaves_without_a_trace', { limit: LIMIT_MS }, async (_, open) => {
  await anew(open, async (ada) => {
    await ada.expectAccessible();
    await ada.page.getByRole('button', { name: 'Begin with demo data' }).click();
    await ada.page.getByRole('heading', { name: 'Make it yours' }).waitFor({ timeout: 120_000 });
    await ada.go('/incidents');
    const all = await queues(ada);
    assert.ok(all.length >= 7, JSON.stringify(all));
    for (const { href, words } of all) {
      await ada.go(href);
      assert.ok((await ada.page.locator('[id^="row-"]').count()) > 0, `${words} (${href}) shows a record`);
      assert.ok((await ada.page.locator('[id^="row-"] .demo-badge, .demo-badge').count()) > 0, `${words} is badged`);
    }
    // What the others of the sidebar show, she has a part in.
    const entries = await ada.page.locator('nav.side a.nav-item').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    for (const [href, shows] of Object.entries(OTHER_ENTRIES)) {
      assert.ok(entries.includes(href), `${href} stands in the sidebar: ${entries}`);
      await ada.go(href);
      assert.ok((await ada.page.locator(shows).filter({ hasText: /[1-9]/ }).count()) > 0, `${href} shows a record`);
    }
    await ada.go('/incidents');
    await ada.page.locator('a[id^="row-"]').first().click();
    await ada.page.locator('.record-head .demo-badge').waitFor();
    await ada.go('/admin/people');
    assert.ok((await ada.page.locator('tbody .demo-badge').count()) > 20, 'people are badged');
    await ada.go('/admin/demo');
    await ada.expectAccessible();
    await ada.expectNoSidewaysScroll();
    await ada.page.getByRole('button', { name: 'Remove demo data' }).click();
    await ada.page.getByRole('heading', { name: 'No demo data' }).waitFor({ timeout: 60_000 });
    for (const { href, words } of await queues(ada)) {
      await ada.go(href);
      assert.equal(await ada.page.locator('[id^="row-"]').count(), 0, `${words} is empty`);
    }
    await ada.go('/admin/people');
    assert.equal(await ada.page.locator('tbody tr').count(), 1, 'nobody but Ada is left');
    assert.equal(await ada.page.locator('.demo-badge').count(), 0);
    const { items } = await (await ada.context.request.get('/api/v1/teams')).json();
    assert.deepEqual(items.map(({ key }) => key), ['cab', 'ecab', 'portfolio'], 'the boards and the authority that are shipped');
  });
});

journey('c_11_the_first_steps_can_be_left_and_tick_themselves', { limit: LIMIT_MS }, async (_, open) => {
  await anew(open, async (ada) => {
    await ada.page.getByRole('button', { name: 'Begin empty' }).click();
    await ada.page.getByRole('heading', { name: 'Make it yours' }).waitFor();
    await ada.expectAccessible();
    await ada.expectNoSidewaysScroll();
    assert.equal(await ada.page.locator('.start-task.done').count(), 0);
    await ada.page.getByRole('link', { name: 'Add a team' }).click();
    await ada.page.locator('[name="name"]').fill('Service Desk');
    await ada.page.getByRole('button', { name: 'Create' }).last().click();
    await ada.page.waitForURL(/\/admin\/teams\/\d+/);
    await ada.go('/admin');
    await ada.page.getByRole('link', { name: /Getting started/ }).click();
    await ada.page.getByRole('heading', { name: 'Make it yours' }).waitFor();
    assert.equal(await ada.page.locator('.start-task.done').count(), 1);
    await ada.page.locator('.start-task.done', { hasText: 'Make teams' }).waitFor();
  });
});

/** Makes a field of the organisation’s own through the pages. */
async function makeField(admin, values) {
  await admin.go('/admin/custom-fields/new');
  await admin.page.getByText('In words of your own').click();
  for (const [name, value] of Object.entries(values)) {
    const control = admin.page.locator(`[name="${name}"]`).first();
    if (value === true) await control.check();
    else if ((await control.evaluate((each) => each.tagName)) === 'SELECT') await control.selectOption(value);
    else await control.fill(value);
  }
  await admin.page.getByRole('button', { name: 'Create' }).last().click();
  await admin.page.waitForURL(/\/admin\/custom-fields\/\d+/);
}

journey('c_07_a_new_field_with_a_condition_is_everywhere_at_once', { role: 'admin' }, async (admin, open) => {
  const agent = await open({ role: 'agent' });
  await makeField(admin, {
    name: 'Asset tag', process: 'incident', field: 'asset_tag', kind: 'text', condition: 'source = "phone"', in_list: true,
  });
  // Form: only where the condition holds.
  await agent.go('/incidents/new');
  assert.equal(await agent.page.locator('[name="asset_tag"]').count(), 0);
  await agent.page.locator('[name="title"]').fill('The laptop does not start');
  await agent.page.locator('[name="source"]').selectOption('phone');
  await agent.page.locator('[name="asset_tag"]').fill('LT-0815');
  await agent.page.getByRole('button', { name: 'Open incident' }).last().click();
  await agent.page.waitForURL(/\/incidents\/INC-\d+/);
  const number = new URL(agent.page.url()).pathname.split('/').at(-1);
  await agent.page.getByText('LT-0815').first().waitFor();
  // List column, filter.
  const filter = encodeURIComponent('asset_tag = "LT-0815"');
  await agent.go(`/incidents?show=table&filter=${filter}`);
  await agent.page.getByRole('columnheader', { name: 'Asset tag' }).waitFor();
  await agent.page.getByText('LT-0815').first().waitFor();
  assert.equal(await agent.page.locator('tbody tr').count(), 1);
  // API, export.
  const record = await (await agent.context.request.get(`/api/v1/incidents/${number}`)).json();
  assert.equal(record.asset_tag, 'LT-0815');
  const sheet = await (await agent.context.request.get(`/incidents/export?format=csv&filter=${filter}`)).text();
  assert.match(sheet, /LT-0815/);
  // History; and where the condition no longer holds, the value is gone and that is kept too.
  await agent.go(`/incidents/${number}/history`);
  await agent.page.getByText('LT-0815').first().waitFor();
  await agent.go(`/incidents/${number}/edit`);
  await agent.page.locator('[name="source"]').selectOption('email');
  await agent.page.locator('[name="asset_tag"]').waitFor({ state: 'detached' });
  await agent.page.getByRole('button', { name: 'Save' }).last().click();
  await agent.page.waitForURL((url) => url.pathname === `/incidents/${number}`);
  const after = await (await agent.context.request.get(`/api/v1/incidents/${number}`)).json();
  assert.equal(after.asset_tag ?? null, null);
});

journey('c_02_a_conditional_field_comes_and_goes_and_all_else_keeps_value_and_focus', { role: 'admin' }, async (admin, open) => {
  await makeField(admin, {
    name: 'Extension', process: 'incident', field: 'extension', kind: 'text', condition: 'source = "phone"',
  });
  const agent = await open({ role: 'agent' });
  await agent.go('/incidents/new');
  const { page } = agent;
  await page.locator('[name="title"]').fill('Half a title');
  await page.locator('[name="symptoms"]').first().fill('Typed and not sent');
  const source = page.locator('[name="source"]');
  await source.focus();
  await source.selectOption('phone');
  const extension = page.locator('[name="extension"]');
  await extension.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'source', 'focus stays');
  assert.equal(await page.locator('[name="title"]').inputValue(), 'Half a title');
  assert.equal(await page.locator('[name="symptoms"]').first().inputValue(), 'Typed and not sent');
  await extension.fill('4711');
  await agent.expectAccessible();
  await source.selectOption('email');
  await extension.waitFor({ state: 'detached' });
  assert.equal(await page.locator('[name="title"]').inputValue(), 'Half a title');
  await page.getByRole('button', { name: 'Open incident' }).last().click();
  await page.waitForURL(/\/incidents\/INC-\d+/);
  const number = new URL(page.url()).pathname.split('/').at(-1);
  const record = await (await agent.context.request.get(`/api/v1/incidents/${number}`)).json();
  assert.equal(record.extension ?? null, null, 'what is hidden is not stored');

  // Without scripts a button asks for the form again.
  const plain = await open({ role: 'agent', javaScript: false });
  await plain.go('/incidents/new');
  await plain.page.locator('[name="title"]').fill('By hand');
  await plain.page.locator('[name="source"]').selectOption('phone');
  await plain.page.getByRole('button', { name: 'Update form' }).click();
  await plain.page.locator('[name="extension"]').fill('0815');
  assert.equal(await plain.page.locator('[name="title"]').inputValue(), 'By hand');
  await plain.page.getByRole('button', { name: 'Open incident' }).last().click();
  await plain.page.waitForURL(/\/incidents\/INC-\d+/);
});

journey('gen_05_gen_06_a_field_with_a_condition_in_sentences_is_seen_as_it_is_made', { role: 'admin' }, async (admin) => {
  await admin.go('/admin/custom-fields/new');
  const { page } = admin;
  admin.expectFault(/422/);
  const name = `Till ${Date.now()}`;
  await page.locator('[name="process"]').selectOption('incident');
  await page.locator('[name="name"]').fill(name);
  await page.locator('[name="field"]').fill(`till_${Date.now()}`);
  const preview = page.locator('section', { has: page.locator('#preview') });
  await page.locator('[name="kind"]').selectOption('bool');
  await preview.locator('.field-preview').getByText(name).waitFor();
  await page.locator('[name="help"]').fill('Which of the tills');
  await page.locator('[name="kind"]').selectOption('text');
  await preview.locator('.field-preview').getByText('Which of the tills').waitFor();
  const ofKinds = () => page.locator('#asked :is(legend, label)').filter({ hasText: /^(Choices|Columns|Currency|Links to)/ }).allInnerTexts();
  assert.deepEqual(await ofKinds(), [], 'a line of text has no choices, no columns, no currency');
  await page.locator('[name="kind"]').selectOption('choice');
  await preview.locator('select:disabled').waitFor();
  assert.match((await ofKinds()).join(), /^Choices/);
  assert.equal((await ofKinds()).length, 1);
  await page.locator('[name="kind"]').selectOption('text');
  await preview.locator('select:disabled').waitFor({ state: 'detached' });
  assert.deepEqual(await ofKinds(), []);
  await page.locator('[name="condition.f.0"]').selectOption('title');
  await page.locator('[name="condition.o.0"]').selectOption('contains');
  await page.locator('[name="condition.v.0"]').fill('till');
  await page.getByRole('button', { name: 'Add a condition', exact: true }).click();
  await page.locator('[name="condition.f.1"]').selectOption('priority');
  await page.locator('[name="condition.v.1"][value="1"]').check();
  assert.equal(await page.locator('[name="condition.v.0"]').inputValue(), 'till', 'nothing is lost on the way');
  await page.locator('[name="_role"]').selectOption({ label: 'Requester' });
  await preview.getByText('is not asked for it').waitFor();
  await admin.expectAccessible();
  await admin.expectNoSidewaysScroll();
  await page.getByRole('button', { name: 'Create' }).last().click();
  await page.waitForURL(/custom-fields\/\d+$/);
  const id = page.url().split('/').pop();
  const made = await (await admin.context.request.get(`/api/v1/custom-fields/${id}`)).json();
  assert.equal(made.condition, 'title contains "till" and priority = 1');
  assert.equal(await page.locator('[name="condition.v.0"]').inputValue(), 'till', 'sentences again');
  await page.getByRole('button', { name: 'Retire' }).click();
  await page.getByRole('button', { name: 'Restore' }).waitFor();
});

journey('a_06_gen_05_conditions_of_rules_work_without_a_script', { role: 'admin', javaScript: false }, async (admin) => {
  admin.expectFault(/422/);
  await admin.go('/admin/assignment-rules/new');
  const { page } = admin;
  await page.locator('[name="condition.f.0"]').selectOption('title');
  await page.getByRole('button', { name: 'Update form' }).click();
  await page.locator('[name="condition.v.0"]').fill('till');
  await page.getByRole('button', { name: 'Add a condition', exact: true }).click();
  assert.equal(await page.locator('[name="condition.v.0"]').inputValue(), 'till');
  await page.locator('[name="condition.f.1"]').waitFor();
});

journey('gen_05_a_guard_is_stated_in_sentences', { role: 'admin' }, async (admin) => {
  admin.expectFault(/422/);
  const { page } = admin;
  const { items } = await (await admin.context.request.get('/api/v1/process-settings')).json();
  await admin.go(`/admin/process-settings/${items.find(({ process }) => process === 'incident').id}`);
  const guards = page.getByRole('group', { name: 'Guards' });
  await guards.getByRole('button', { name: 'Add row' }).click();
  await page.locator('[name="guards.0.step"]').selectOption({ label: 'Cancel' });
  await page.locator('[name="guards.0.condition.f.0"]').selectOption('title');
  await page.locator('[name="guards.0.condition.o.0"]').selectOption('contains');
  await page.locator('[name="guards.0.condition.v.0"]').fill('till');
  await guards.getByRole('button', { name: 'Add a condition', exact: true }).click();
  await page.locator('[name="guards.0.condition.f.1"]').selectOption('priority');
  await page.locator('[name="guards.0.condition.v.1"][value="5"]').check();
  assert.equal(await page.locator('[name="guards.0.condition.v.0"]').inputValue(), 'till', 'nothing is lost on the way');
  await admin.expectAccessible();
  await admin.expectNoSidewaysScroll();
  await guards.getByRole('button', { name: 'Remove row 1' }).click();
  await page.locator('[name="guards.0.step"]').waitFor({ state: 'detached' });
});

journey('two_entries_become_one_person_after_a_look_at_what_moves', { role: 'admin' }, async (admin, open) => {
  const { page } = admin;
  const stamp = Date.now();
  const post = async (path, data) => {
    const headers = { origin: new URL(page.url()).origin };
    const answer = await admin.context.request.post(`/api/v1/${path}`, { data, headers });
    assert.ok(answer.ok(), await answer.text());
    return answer.json();
  };
  const asked = async (path) => (await admin.context.request.get(`/api/v1/${path}`)).json();
  await admin.go('/admin/people');
  const kept = await post('people', { name: `Ines Twice ${stamp}`, email: `ines.${stamp}@example.org` });
  const other = await post('people', { name: `Ines Twice ${stamp}`, email: `i.twice.${stamp}@example.org`, phone: '0800' });
  const { number } = await post('incidents', { title: 'Reported under the other address', requester: other.id });

  await admin.go(`/admin/people/${kept.id}`);
  await page.getByRole('link', { name: 'Merge with…' }).click();
  await page.getByRole('heading', { name: 'The same name' }).waitFor();
  await admin.expectAccessible();
  await admin.expectNoSidewaysScroll();
  await page.getByRole('link', { name: `Ines Twice ${stamp}` }).filter({ hasNotText: '@' }).last().click();
  await page.getByRole('heading', { name: 'What moves' }).waitFor();
  await page.getByRole('row', { name: 'Records: requester 1' }).waitFor();
  await page.getByText('also gains: Phone').waitFor();
  await admin.expectAccessible();
  await admin.expectNoSidewaysScroll();
  // Which of the two stays is turned round and back by one link each.
  await page.getByRole('link', { name: /^Keep Ines/ }).click();
  await page.waitForURL(new RegExp(`/admin/merge/${other.id}`));
  await page.getByRole('link', { name: /^Keep Ines/ }).click();
  await page.waitForURL(new RegExp(`/admin/merge/${kept.id}`));
  await page.locator('[name="reason"]').fill('Two addresses');
  await page.getByRole('button', { name: /^Merge into/ }).click();
  await page.waitForURL(new RegExp(`/admin/people/${kept.id}$`));
  await page.getByText('is merged into').waitFor();
  await page.getByRole('heading', { name: 'Merged into this person' }).waitFor();
  assert.equal((await asked(`incidents/${number}`)).requester.id, kept.id);

  // The old page leads to the new one, and an agent is offered one of them only.
  await page.goto(`/admin/people/${other.id}`);
  assert.equal(new URL(page.url()).pathname, `/admin/people/${kept.id}`);
  const agent = await open({ role: 'agent' });
  await agent.go(`/incidents/${number}/history`);
  await agent.page.getByText('Merged two people into one').waitFor();
  const found = await (await agent.context.request.get(`/api/v1/people?name=${encodeURIComponent(`Twice ${stamp}`)}`)).json();
  assert.deepEqual(found.items.map(({ id }) => id), [kept.id]);
});

journey('c_10_an_agent_who_follows_a_number_that_is_none_is_led_on', { role: 'agent' }, async (agent) => {
  agent.expectFault(/404/);
  const { page } = agent;
  await agent.go('/incidents/INC-99999999', 404);
  await page.getByRole('heading', { name: 'Nothing here' }).last().waitFor();
  await agent.expectAccessible();
  await agent.expectNoSidewaysScroll();
  await page.getByRole('link', { name: 'Search for it' }).click();
  await page.waitForURL(/\/search\?q=INC-99999999/);
  await page.goBack();
  await page.locator('main').getByRole('link', { name: 'Incidents' }).click();
  await page.waitForURL(/\/incidents$/);
});

journey('permissions are read in words, found by them, and their headings stay in sight', { role: 'admin' }, async (admin) => {
  const { page } = admin;
  await admin.go('/admin/permissions');
  const heading = page.locator('#area-incident thead th', { hasText: 'Agent' });
  const last = page.locator('#area-incident tbody tr').last();
  await last.scrollIntoViewIfNeeded();
  await page.locator('#area-incident .table-matrix').evaluate((box) => box.scrollIntoView({ block: 'nearest' }));
  const top = (await heading.boundingBox()).y;
  assert.ok(top >= 0 && top < (await last.boundingBox()).y, 'who a tick is for can be seen beside the last one');
  await page.getByRole('searchbox', { name: 'Find a permission' }).fill('internal notes');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=internal/);
  const area = page.locator('#area-incident');
  await area.locator('tbody tr').getByText('Read and write internal notes').waitFor();
  assert.equal(await area.locator('tbody tr').count(), 1);
  const agent = area.getByRole('checkbox', { name: 'Agent, Incidents: Read and write internal notes' });
  const held = async () => {
    const { items } = await (await admin.context.request.get('/api/v1/roles?limit=200')).json();
    return items.find((role) => role.name === 'Agent').permissions.toSorted();
  };
  const before = await held();
  await agent.uncheck();
  await area.getByRole('button', { name: 'Save' }).click();
  await page.locator('#toasts').getByText('1 role saved').waitFor();
  assert.deepEqual(await held(), before.filter((each) => each !== 'incident.note'), 'what was not shown stays ticked');
  await agent.check();
  await area.getByRole('button', { name: 'Save' }).click();
  await page.locator('#toasts .toast').last().waitFor();
  await admin.go('/admin/permissions?q=nothing+is+called+so');
  await page.getByText('No permission and no role is called so').waitFor();
  await admin.expectAccessible();
});

journey('per_cents_and_networks_have_a_control_each', { role: 'admin' }, async (admin) => {
  const { page } = admin;
  admin.expectFault(/422/);
  const items = async (register) => (await (await admin.context.request.get(`/api/v1/${register}`)).json()).items;
  const [level] = await items('service-levels');
  await admin.go(`/admin/service-levels/${level.id}`);
  const warnings = page.getByRole('group', { name: /^Warn at per cent/ }).getByRole('spinbutton');
  assert.deepEqual(await warnings.first().evaluate(({ type, min, max, step }) => [type, min, max, step]), ['number', '1', '99', '1']);
  for (const each of await warnings.all()) await each.fill('');
  await warnings.nth(0).fill('40');
  await warnings.nth(1).fill('85');
  await admin.expectAccessible();
  await admin.expectNoSidewaysScroll();
  await page.getByRole('button', { name: 'Save' }).last().click();
  await page.locator('#toasts').getByText('saved').waitFor();
  assert.deepEqual((await items('service-levels')).find(({ id }) => id === level.id).warn_at, ['40', '85']);
  assert.deepEqual(await warnings.evaluateAll((all) => all.map(({ value }) => value)), ['40', '85', '']);
  for (const each of await warnings.all()) await each.fill('');
  await page.getByRole('button', { name: 'Save' }).last().click();
  await page.waitForFunction(() => [...document.querySelectorAll('[name="warn_at"]')].every(({ value }) => value === ''));

  await admin.go('/admin/sign-in-rules/new');
  await page.locator('[name="name"]').fill('Only from the house');
  const networks = page.getByRole('group', { name: /^Only from/ }).getByRole('textbox');
  await networks.nth(0).fill('everywhere');
  await page.getByRole('button', { name: 'Create' }).last().click();
  await page.locator('.error-summary').getByText('everywhere is no address or network').waitFor();
  assert.equal(await networks.nth(0).inputValue(), 'everywhere');
});
