// The desk's lists: many records at once, views, headings, the record beside its list.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

/** The person's API, with the session of the browser. */
async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

/** Numbers of records under a condition. */
async function numbers(person, filter, limit) {
  const { items } = await asked(person, `incidents?sort=number&limit=${limit}&filter=${encodeURIComponent(filter)}`);
  return items.map(({ number }) => number);
}

/** A list of just these. */
function listOf(all) {
  return `/incidents?sort=number&filter=${encodeURIComponent(`number in (${all.map((n) => `"${n}"`).join(', ')})`)}`;
}

const rows = (person) => person.page.locator('.ticket-line');
const bar = (person) => person.page.locator('#bulk');

journey('b_08_in_a_table_each_box_is_beside_its_row', { role: 'agent' }, async (agent) => {
  await agent.go('/incidents?show=table');
  const boxes = agent.page.locator('.table .pick');
  const seen = await boxes.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().y));
  assert.equal(new Set(seen).size, seen.length, 'no box lies on another');
  for (const at of [3, 1]) {
    const row = agent.page.locator('.table tbody tr').nth(at);
    const { x, y, width, height } = await row.locator('.pick').boundingBox();
    await agent.page.mouse.click(x + width / 2, y + height / 2);
    assert.equal(await row.locator('.pick input').isChecked(), true, `row ${at} is ticked by its own box`);
  }
  assert.match(await bar(agent).innerText(), /2 selected/);
});

journey('b_08_bulk_on_twenty_five_with_two_forbidden_lists_both_and_undo_restores', { role: 'agent' }, async (agent) => {
  await agent.go('/incidents');
  for (let n = 0; n < 5; n += 1) {
    const data = { title: `One of many ${n}`, impact: 'low', urgency: 'medium' };
    const headers = { origin: new URL(agent.page.url()).origin };
    const made = await agent.context.request.post('/api/v1/incidents', { data, headers });
    assert.equal(made.status(), 201, await made.text());
  }
  const open = await numbers(agent, 'phase in (0, 1) and urgency is not empty', 23);
  const closed = await numbers(agent, 'phase = 3', 2);
  const all = [...open, ...closed];
  assert.equal(all.length, 25);
  const urgencies = async () => (await asked(agent, `incidents?fields=number,urgency&sort=number&limit=50&filter=${encodeURIComponent(`number in (${all.map((n) => `"${n}"`).join(', ')})`)}`)).items;
  const before = await urgencies();
  await agent.go(listOf(all));
  assert.equal(await bar(agent).isVisible(), false);

  // One by its box, the rest by a range.
  await rows(agent).first().hover();
  await rows(agent).first().locator('.pick').click();
  await bar(agent).waitFor();
  assert.match(await bar(agent).innerText(), /1 selected/);
  await rows(agent).last().locator('.pick').click({ modifiers: ['Shift'] });
  assert.match(await bar(agent).innerText(), /25 selected/);
  await agent.expectAccessible();
  await bar(agent).getByRole('button', { name: 'Set' }).click();
  await agent.page.locator('#bulk-field').getByRole('button', { name: 'Urgency', exact: true }).click();
  await agent.page.waitForURL(/\/bulk\?/);

  agent.expectFault(/422/);
  await agent.page.locator('main [name="urgency"]').selectOption('low');
  await agent.page.getByRole('button', { name: 'Check' }).click();
  await agent.page.getByText('23 of 25 can change').waitFor();
  for (const number of closed) await agent.page.locator(`#skipped-${number}`).waitFor();
  await agent.expectAccessible();
  await agent.page.getByRole('button', { name: 'Change 23' }).click();
  await agent.page.getByText('23 changed, 2 skipped').waitFor();
  for (const number of all) await agent.page.locator('main').getByRole('link', { name: number, exact: true }).waitFor();
  assert.ok((await urgencies()).filter(({ urgency }) => urgency === 'low').length >= 23);
  await agent.page.getByRole('button', { name: 'Undo' }).click();
  await agent.page.waitForURL(/incidents\?/);
  await agent.page.getByText('23 incidents taken back.').waitFor();
  assert.deepEqual((await urgencies()).map(({ urgency }) => urgency), before.map(({ urgency }) => urgency));
});

journey('a_06_b_08_bulk_works_without_a_script', { role: 'agent', javaScript: false }, async (agent) => {
  const all = await numbers(agent, 'phase in (0, 1)', 2);
  await agent.go(listOf(all));
  for (const number of all) await agent.page.locator(`input[value="${number}"]`).check({ force: true });
  await bar(agent).getByRole('button', { name: 'Watch' }).click();
  await agent.page.getByText('2 of 2 can change').waitFor();
  await agent.page.getByRole('button', { name: 'Change 2' }).click();
  await agent.page.getByText('Watch: 2 incidents changed.').waitFor();
  await agent.page.getByRole('button', { name: 'Undo' }).click();
  await agent.page.getByText('2 incidents taken back.').waitFor();
});

journey('b_10_a_view_is_built_in_sentences_and_holds_its_looks', { role: 'agent' }, async (agent) => {
  await agent.go('/incidents/filter');
  const field = (n) => agent.page.locator(`[name="f.${n}"]`);
  await field(0).selectOption('phase');
  await agent.page.locator('[name="v.0"][value="0"]').check();
  await agent.page.getByRole('button', { name: 'Add a group' }).click();
  await field(1).selectOption('assignee');
  await agent.page.locator('[name="v.1"][value="me"]').check();
  await agent.page.locator('#add-1').click();
  await field(2).selectOption('priority');
  await agent.page.locator('[name="v.2"][value="1"]').check();
  await agent.page.locator('[name="v.2"][value="2"]').check();
  assert.ok(await agent.page.locator('[name="v.0"][value="0"]').isChecked(), 'nothing is lost on the way');
  await agent.expectAccessible();
  await agent.expectNoSidewaysScroll();
  await agent.page.getByRole('button', { name: 'Show', exact: true }).last().click();
  await agent.page.waitForURL(/\/incidents\?filter=/);
  const chips = agent.page.locator('.filters .tone-accent');
  assert.equal(await chips.count(), 2);
  assert.match(await chips.last().getAttribute('title'), /Assignee: me or Priority: 1, 2/);

  await agent.page.getByRole('button', { name: 'Display options' }).click();
  await agent.page.locator('#display [name="group"]').selectOption('state');
  await agent.page.locator('#display [name="sort"]').selectOption('-opened');
  await agent.page.getByRole('button', { name: 'Apply' }).click();
  await agent.page.waitForURL(/group=state/);
  assert.match(agent.page.url(), /sort=-opened/);
  await agent.page.locator('.group-head').first().waitFor();

  await agent.page.getByRole('link', { name: 'Save view…' }).click();
  const name = `Built ${Date.now()}`;
  await agent.page.locator('main [name="name"]').fill(name);
  await agent.expectAccessible();
  await agent.page.getByRole('button', { name: 'Save view' }).click();
  await agent.page.waitForURL(/view=\d+$/);
  await agent.page.locator('.group-head').first().waitFor();
  const entry = agent.page.locator('.side .nav-item', { hasText: name });
  const shown = await rows(agent).count();
  assert.ok(shown > 0 && shown < 50);
  assert.equal(await entry.locator('.count').innerText(), String(shown), 'the number is that of the rows');
});

journey('a_06_b_10_sentences_work_without_a_script', { role: 'agent', javaScript: false }, async (agent) => {
  await agent.go('/incidents/filter');
  await agent.page.locator('[name="f.0"]').selectOption('title');
  await agent.page.getByRole('button', { name: 'Update form' }).click();
  await agent.page.locator('[name="v.0"]').fill('printer');
  await agent.page.getByRole('button', { name: 'Show', exact: true }).last().click();
  await agent.page.waitForURL(/\/incidents\?filter=/);
  assert.match(await agent.page.locator('.filters .tone-accent').last().innerText(), /Title contains “printer”/);
});

journey('c_10_empty_filtered_forbidden_and_failed_say_different_things_and_lead_on', { role: 'agent' }, async (agent, open) => {
  const state = (person) => person.page.locator('main .state');
  await agent.go(`/incidents?filter=${encodeURIComponent('title = "no such words"')}`);
  const words = [await state(agent).locator('h2').innerText()];
  await state(agent).getByRole('link', { name: 'Clear filters' }).waitFor();
  const auditor = await open({ role: 'auditor' });
  auditor.expectFault(/40[34]/);
  const [number] = await numbers(agent, 'phase in (0, 1)', 1);
  await auditor.go(`/incidents/${number}/edit`, 403);
  words.push(await auditor.page.locator('main h1, main h2').first().innerText());
  assert.ok((await auditor.page.locator('main a, main button').count()) > 0);
  await auditor.go('/incidents/INC-9999999', 404);
  words.push(await auditor.page.locator('main h1, main h2').first().innerText());
  assert.ok((await auditor.page.locator('main a').count()) > 0);
  agent.expectFault(/422/);
  await agent.go(`/incidents?filter=${encodeURIComponent('nonsense (')}`, 422);
  words.push(await agent.page.locator('main h1, main h2').first().innerText());
  assert.ok((await agent.page.locator('main a').count()) > 0);
  assert.equal(new Set(words).size, words.length, words.join(' | '));
});

journey('split_the_list_stays_beside_the_record_with_its_place', { role: 'agent' }, async (agent) => {
  await agent.go('/incidents?filter=&sort=-number');
  const list = agent.page.locator('#rows');
  await rows(agent).nth(20).locator('a.ticket').scrollIntoViewIfNeeded();
  const scroll = await list.evaluate((pane) => pane.scrollTop);
  assert.ok(scroll > 0);
  await rows(agent).nth(20).locator('a.ticket').click();
  await agent.page.waitForURL(/INC-\d+\?/);
  assert.match(await agent.page.locator('.crumbs').innerText(), /21 of \d+/);
  assert.equal(await list.evaluate((pane) => pane.scrollTop), scroll, 'the list stays where it was');
  assert.equal(await agent.page.locator('.ticket[aria-current]').count(), 1);
  await agent.page.locator('.crumbs a[rel="next"]').click();
  await agent.page.waitForFunction(() => /22 of \d+/.test(document.querySelector('.crumbs').innerText));
  for (let step = 0; step < 5; step += 1) {
    const here = agent.page.url();
    await agent.page.locator('.crumbs a[rel="next"]').click();
    await agent.page.waitForURL((url) => url.href !== here);
  }
  const seen = await agent.page.evaluate(() => {
    const [row, pane] = ['.ticket[aria-current]', '#rows'].map((s) => document.querySelector(s).getBoundingClientRect());
    return row.top >= pane.top && row.bottom <= pane.bottom + 1;
  });
  assert.ok(seen, 'the open row is in sight');
  // The address is the record's, with its list: shared or loaded again it is the same.
  await agent.page.reload();
  assert.match(await agent.page.locator('.crumbs').innerText(), /27 of \d+/);
  await agent.page.setViewportSize({ width: 390, height: 844 });
  assert.equal(await list.isVisible(), false, 'a phone shows the record alone');
  await agent.page.locator('.crumbs a').first().waitFor();
});

journey('a_table_with_its_usual_columns_fits_on_a_desk', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  assert.equal(page.viewportSize().width, 1440);
  for (const place of ['/incidents?show=table', '/incidents?show=table&sort=number', '/problems?show=table']) {
    await agent.go(place);
    const [inside, whole] = await page.locator('.table-box').evaluate((box) => [box.clientWidth, box.scrollWidth]);
    assert.ok(whole <= inside, `${place} is ${whole - inside} px wider than its pane`);
  }
});

journey('a_report_of_words_keeps_its_columns_wide_enough_to_read', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  const days = [-80, 0].map((days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10));
  for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(size);
    await manager.go(`/reports/incidents/breaches?from=${days[0]}&until=${days[1]}`);
    const table = page.locator('.table-box', { has: page.locator('tbody tr') }).first();
    const squeezed = await table.locator('tbody :is(th, td)').evaluateAll((cells) =>
      cells.filter((cell) => cell.innerText.trim().length > 6 && cell.getBoundingClientRect().width < 78).map((cell) => cell.innerText),
    );
    assert.deepEqual(squeezed, [], `${size.width} px`);
    const [inside, whole] = await table.evaluate((box) => [box.clientWidth, box.scrollWidth]);
    assert.ok(whole <= inside, `${whole - inside} px too wide in ${size.width}`);
    const tallest = await table.locator('tbody tr').evaluateAll((rows) => Math.max(...rows.map((row) => row.getBoundingClientRect().height)));
    assert.ok(size.width < 500 || tallest < 120, `a line is ${tallest} px high`);
  }
});

journey('on_a_phone_what_can_be_done_stands_behind_what_it_is_done_with', { role: 'agent', size: 'phone', touch: true }, async (agent) => {
  const { page } = agent;
  const send = async (path, data) => {
    const answer = await agent.context.request.post(`/api/v1/${path}`, { data, headers: { origin: new URL(page.url()).origin } });
    assert.ok(answer.ok(), `${path}: ${await answer.text()}`);
    return answer.json();
  };
  await agent.go('/incidents');
  const { number } = await send('incidents', { title: 'Two things to do' });
  for (const title of ['Swap the power supply on site', 'Tell the store manager about it']) await send(`incidents/${number}/tasks`, { title, due: '2030-01-01T09:00:00Z' });
  await send('export-schedules', { process: 'incident', name: 'Open work of the till team', format: 'csv', every: 'monday', time: '07:30', filter: 'phase = 0' });
  for (const [place, line] of [[`/incidents/${number}/tasks`, '[id^="task-"]'], ['/me/exports', '[id^="schedule-"]']]) {
    await agent.go(place);
    const all = await page.locator(`main ${line}`).evaluateAll((lines) =>
      lines.map((each) => {
        const words = each.querySelector('.with-deeds > :first-child').getBoundingClientRect();
        const buttons = [...each.querySelectorAll('button, a.icon-btn')].map((button) => button.getBoundingClientRect().top);
        return Math.min(...buttons) - words.bottom;
      }),
    );
    assert.ok(all.length > 0 && all.every((gap) => gap >= 0), `${place}: ${all}`);
    await agent.expectNoSidewaysScroll();
    await agent.expectAccessibleInBothThemes();
  }
});
