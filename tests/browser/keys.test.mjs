// The desk by keyboard: single keys, the palette, the inbox, and a whole day without a pointer.
import assert from 'node:assert/strict';
import { PASSWORD, PEOPLE } from '../harness/demo.mjs';
import { journey } from '../harness/journey.mjs';

const SOON = { timeout: 4_000 };

const focus = (person) => person.page.evaluate(() => document.activeElement?.closest('[id]')?.id ?? '');

async function asked(person, path, body) {
  const answer = body
    ? await person.context.request.post(`/api/v1/${path}`, { data: body, headers: { origin: new URL(person.page.url()).origin } })
    : await person.context.request.get(`/api/v1/${path}`);
  assert.ok(answer.ok(), `${path}: ${answer.status()}`);
  return answer.json();
}

/** Opens a record by its form, for somebody, and answers its number. */
async function opened(person, title) {
  await person.go('/incidents/new');
  await person.page.locator('main [name="title"]').fill(title);
  await person.page.locator('main form button.btn-primary').click();
  await person.page.waitForURL(/INC-\d+/);
  return person.page.url().match(/INC-\d+/)[0];
}

/** Presses keys until what is wanted is so: the first key of a page brings the script that hears it. */
async function press(person, ...keys) {
  for (const key of keys) await person.page.keyboard.press(key);
}

async function used(person, how) {
  await person.go('/me/shortcuts');
  await person.page.locator(`input[name="use"][value="${how}"]`).check();
  await person.page.getByRole('button', { name: 'Save shortcuts' }).click();
  await person.page.getByText('Your shortcuts are saved.').waitFor();
}

const onRow = (person) => person.page.waitForFunction(() => document.activeElement?.closest('[id^="row-"]') !== null);

journey('b_01_brackets_fold_the_panes_beside_a_record_and_the_browser_keeps_that', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  await agent.go('/incidents?sort=number');
  await page.locator('a.ticket').first().click();
  await page.waitForURL(/INC-\d+/);
  const [list, rail] = [page.locator('.list-pane:not(main)'), page.locator('.rail')];
  const seen = async () => [await list.isVisible(), await rail.isVisible()];
  /** Presses a key, and waits until the server has kept what came of it. */
  const fold = async (key) => {
    const kept = page.waitForResponse('**/me/panes');
    await press(agent, key);
    assert.equal((await kept).status(), 204);
  };
  assert.deepEqual(await seen(), [true, true]);
  await list.locator('a.ticket').first().focus();
  await fold('[');
  assert.deepEqual(await seen(), [false, true]);
  assert.equal(await focus(agent), 'main', 'what is folded away keeps no focus');
  await fold(']');
  assert.deepEqual(await seen(), [false, false]);
  await agent.expectAccessibleHere('both panes folded away');
  await page.reload();
  assert.deepEqual(await seen(), [false, false], 'without a flash of what was folded away');
  // Where somebody writes they are letters.
  await page.locator('#composer-body').fill('');
  await page.locator('#composer-body').press(']');
  assert.equal(await page.locator('#composer-body').inputValue(), ']');
  await page.locator('#composer-body').fill('');
  await page.locator('h1').first().focus();
  await fold('[');
  await fold(']');
  assert.deepEqual(await seen(), [true, true]);
});

journey('b_01_single_keys_walk_a_list_and_do_nothing_where_somebody_writes', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  await agent.go('/incidents');
  await press(agent, 'j');
  await onRow(agent);
  const first = await focus(agent);
  await press(agent, 'j');
  const second = await focus(agent);
  assert.notEqual(first, second);
  await press(agent, 'k');
  assert.equal(await focus(agent), first);
  const chosen = () => page.locator('[data-row] input[type="checkbox"]:checked').count();
  await press(agent, 'x');
  assert.equal(await chosen(), 1);
  await press(agent, 'Shift+ArrowDown');
  assert.equal(await chosen(), 2);
  await press(agent, 'x', 'k', 'x');
  assert.equal(await chosen(), 0);
  assert.equal(await focus(agent), first);
  await press(agent, 'Enter');
  await page.waitForURL(/INC-\d+/);
  assert.ok(page.url().includes(first.replace('row-', '')));

  // Where somebody writes the same keys are letters.
  await press(agent, 'r');
  await page.waitForFunction(() => document.activeElement?.id === 'composer-body');
  await page.keyboard.type('jkx/?gi');
  assert.equal(await page.locator('#composer-body').inputValue(), 'jkx/?gi');
  assert.match(page.url(), /INC-\d+/);
  await page.locator('#composer-body').fill('');
  await press(agent, 'Escape');
  assert.notEqual(await focus(agent), 'composer-body');

  await press(agent, 's');
  await page.locator('#status:popover-open').waitFor(SOON);
  await press(agent, 'Escape');
  await page.locator('#status:popover-open').waitFor({ state: 'hidden', ...SOON });

  await press(agent, '?');
  const sheet = page.locator('shortcut-sheet dialog');
  await sheet.waitFor(SOON);
  await sheet.getByText('Write an internal note').waitFor(SOON);
  await agent.expectAccessible();
  await sheet.locator('input').fill('previous');
  assert.deepEqual(await sheet.locator('.shortcut:visible').allInnerTexts().then((all) => all.length), 2);
  await press(agent, 'Escape');
  await sheet.waitFor({ state: 'hidden' });

  await press(agent, 'g', 'i');
  await page.waitForURL(/\/inbox$/);
  await press(agent, '/');
  await page.waitForURL(/\/search/);
});

journey('b_01_whoever_switches_shortcuts_off_has_none', { role: 'agent' }, async (agent) => {
  await used(agent, 'off');
  await agent.go('/incidents');
  await press(agent, 'j', 'g', 'i', '?', 'Control+k');
  await agent.page.waitForTimeout(300);
  assert.equal(new URL(agent.page.url()).pathname, '/incidents');
  assert.equal(await agent.page.locator('dialog[open]').count(), 0);
  assert.ok(!(await focus(agent)).startsWith('row-'));
  await used(agent, 'all');
  await agent.expectAccessible();
});

journey('b_01_a_key_that_somebody_chose_works_and_the_old_one_does_not', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  const key = (value) => page.locator('input[name="list-next"]').fill(value);
  const save = async () => {
    await page.getByRole('button', { name: 'Save shortcuts' }).click();
    await page.getByText('Your shortcuts are saved.').waitFor();
  };
  await manager.go('/me/shortcuts');
  await key('y');
  await save();
  try {
    await manager.go('/incidents');
    await press(manager, 'j');
    await page.waitForTimeout(300);
    assert.ok(!(await focus(manager)).startsWith('row-'), 'the old key is a letter');
    await press(manager, 'y');
    await onRow(manager);
    await press(manager, '?');
    const sheet = page.locator('shortcut-sheet dialog');
    await sheet.waitFor(SOON);
    await sheet.locator('.shortcut .kbd').filter({ hasText: /^y$/i }).first().waitFor(SOON);
    await press(manager, 'Escape');
  } finally {
    await manager.go('/me/shortcuts');
    await key('j');
    await save();
  }
});

journey('b_02_the_palette_opens_at_once_finds_a_record_and_runs_a_step', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await opened(agent, 'Palette: the door that sticks');
  await agent.go(`/incidents/${number}`);
  const dialog = page.locator('command-palette dialog');
  const times = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await page.evaluate(() => {
      window.opened = new Promise((done) => {
        addEventListener('keydown', (event) => {
          if (event.key !== 'k') return;
          const from = performance.now();
          const look = () => (document.querySelector('command-palette dialog[open]') ? done(performance.now() - from) : requestAnimationFrame(look));
          look();
        }, { once: false });
      });
    });
    await press(agent, 'Control+k');
    await dialog.waitFor(SOON);
    times.push(await page.evaluate(() => window.opened));
    await press(agent, 'Escape');
    await dialog.waitFor({ state: 'hidden' });
  }
  assert.ok(Math.min(...times) < 100, `opened in ${times} ms`);

  await press(agent, 'Control+k');
  const options = dialog.getByRole('option');
  await dialog.getByRole('group', { name: 'On this incident' }).waitFor(SOON);
  const input = dialog.getByRole('combobox');
  const active = () => input.getAttribute('aria-activedescendant');
  const before = await active();
  assert.ok(before);
  await press(agent, 'ArrowDown');
  assert.notEqual(await active(), before);
  const { actions } = await asked(agent, `incidents/${number}`);
  const verbs = await dialog.locator('[data-verb]').evaluateAll((all) => all.map((each) => each.dataset.verb));
  assert.deepEqual(verbs.sort(), actions.map(({ verb }) => verb).sort());
  assert.ok((await dialog.getByRole('option', { name: 'Assign to me' }).innerText()).includes('I'));
  await agent.expectAccessible();

  // A step of two parts: which field, then which value.
  await input.fill('urgency');
  await press(agent, 'Enter');
  await options.filter({ hasText: 'High' }).waitFor(SOON);
  await input.fill('high');
  await page.waitForFunction(() => document.querySelectorAll('#palette-list [role=option]').length === 1);
  await press(agent, 'Enter');
  await page.getByText('Urgency set to High.').waitFor(SOON);
  assert.equal((await asked(agent, `incidents/${number}`)).urgency, 'high');

  // A number and Enter, faster than any answer.
  await agent.go('/reports');
  await press(agent, 'Control+k');
  await input.fill(number.toLowerCase());
  await press(agent, 'Enter');
  await page.waitForURL(new RegExp(`/incidents/${number}$`));
  await press(agent, 'Control+k');
  await input.fill('inbox');
  await press(agent, 'Enter');
  await page.waitForURL(/\/inbox$/);
});

journey('a_05_from_sign_in_to_a_reply_by_keyboard_alone', {}, async (agent) => {
  const { page } = agent;
  await agent.go('/sign-in');
  for (let tabs = 0; tabs < 8; tabs += 1) {
    if (await page.evaluate(() => document.activeElement?.matches('input[autocomplete~="username"]'))) break;
    await press(agent, 'Tab');
  }
  await page.keyboard.type(PEOPLE.agent);
  await press(agent, 'Tab');
  await page.keyboard.type(PASSWORD);
  await press(agent, 'Enter');
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  await press(agent, 'j');
  await onRow(agent);
  await press(agent, 'j', 'Enter');
  await page.waitForURL(/\/INC-\d+/);
  await press(agent, 'r');
  await page.waitForFunction(() => document.activeElement?.id === 'composer-body');
  const words = `By keyboard alone ${Date.now()}`;
  await page.keyboard.type(words);
  await press(agent, 'Control+Enter');
  await page.locator('#timeline').getByText(words).waitFor(SOON);

  // What was opened closes by Escape and gives the focus back.
  const link = page.locator('.record-head a.number');
  await link.focus();
  for (const [keys, what] of [[['Control+k'], 'command-palette dialog'], [['?'], 'shortcut-sheet dialog']]) {
    await press(agent, ...keys);
    await page.locator(what).waitFor(SOON);
    await press(agent, 'Escape');
    await page.locator(what).waitFor({ state: 'hidden' });
    assert.ok(await link.evaluate((each) => each === document.activeElement), `${what} gives the focus back`);
  }
  for (const [key, menu] of [['s', 'status'], ['a', 'assignee'], ['p', 'priority']]) {
    // Some records have no such menu for this person, and the key does nothing.
    if ((await page.locator(`[popovertarget="${menu}"], [popovertarget="edit-${menu}"]`).count()) === 0) continue;
    await press(agent, key);
    await page.locator('[popover]:popover-open').waitFor(SOON);
    assert.ok(await page.evaluate(() => document.querySelector('[popover]:popover-open').contains(document.activeElement)));
    await press(agent, 'Escape');
    await page.locator('[popover]:popover-open').waitFor({ state: 'hidden' });
    assert.ok(await page.evaluate(() => document.activeElement?.hasAttribute('popovertarget')), `${key} gives the focus back`);
  }
});

journey('a_notice_drops_into_the_inbox_and_is_done_and_put_off_by_key', { role: 'agent' }, async (agent, open) => {
  const { page } = agent;
  const manager = await open({ role: 'manager' });
  const me = (await asked(agent, 'me')).id;
  const number = await opened(manager, 'Inbox: a record for a colleague');
  await agent.go('/inbox');
  await page.locator('body').press('Shift');
  const { version } = await asked(manager, `incidents/${number}`);
  const given = await manager.context.request.patch(`/api/v1/incidents/${number}`, {
    data: { assignee: me },
    headers: { 'if-match': `"${version}"`, origin: new URL(manager.page.url()).origin },
  });
  assert.ok(given.ok(), String(given.status()));
  // By its address: numbers run into what stands beside them.
  const line = page.locator('.notice-line').filter({ has: page.locator(`a.ticket[href*="/${number}?"]`) });
  await line.waitFor(SOON);
  assert.notEqual(await page.locator('#navigation a[href="/inbox"] .count-new').innerText(), '0');
  await agent.expectAccessible();

  await line.locator('a.ticket').click();
  await page.waitForURL(new RegExp(`${number}\\?inbox=`));
  await page.getByRole('heading', { level: 1, name: 'Inbox: a record for a colleague' }).waitFor();
  await line.locator('[aria-current], a.ticket[aria-current]').first().waitFor();
  await press(agent, 'h');
  await page.locator('#snooze-times:popover-open').waitFor(SOON);
  await page.getByRole('button', { name: 'Tomorrow morning' }).click();
  await page.getByText('Put off. It comes back by itself.').waitFor(SOON);
  await agent.go('/inbox?show=snoozed');
  await line.waitFor();
  await line.hover();
  await line.getByRole('button', { name: 'Back to the inbox' }).click();
  await page.waitForURL(/\/inbox$/);
  await line.locator('a.ticket').focus();
  await press(agent, 'e');
  await page.getByText('Done.').waitFor(SOON);
  await line.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await line.waitFor(SOON);
});

journey('c_09_a_tile_of_my_work_leads_to_as_many_records', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  for (const place of ['/my-work', '/today?team=all']) {
    await agent.go(place);
    await agent.expectAccessible();
    await agent.expectNoSidewaysScroll();
    const tiles = await page.locator('a.stat').evaluateAll((all) =>
      all.map((tile) => [tile.getAttribute('href'), tile.querySelector('.stat-value').textContent]),
    );
    assert.ok(tiles.length >= 7);
    for (const [href, value] of tiles) {
      await agent.go(href);
      assert.equal(await page.locator('.pane-head .digits').first().innerText(), value, href);
      // A page holds fifty; a number that is stopped at its end stands for more.
      const rows = await page.locator('[id^="row-"]').count();
      assert.equal(rows, Math.min(Number.parseInt(value, 10), href.startsWith('/my-work/') ? 200 : 50), href);
    }
  }
});

journey('b_01_a_key_that_cannot_do_it_here_says_why', { role: 'agent' }, async (agent, open) => {
  const { page } = agent;
  const me = (await asked(agent, 'me')).id;
  const number = await opened(agent, 'Keys: whose is it');
  const assignee = async () => (await asked(agent, `incidents/${number}`)).assignee?.id;
  assert.notEqual(await assignee(), me);
  await page.locator('h1').first().focus();
  await press(agent, 'i');
  await page.locator('#toasts').getByText('Assignee set to').waitFor(SOON);
  assert.equal(await assignee(), me, 'the key does what the line of the menu does');
  await press(agent, 'i');
  await page.locator('#toasts').getByText('It is yours already.').waitFor(SOON);
  // What somebody may read and not change says so, too.
  const auditor = await open({ role: 'auditor' });
  await auditor.go(`/incidents/${number}`);
  const said = auditor.page.locator('#toasts');
  await press(auditor, 'i');
  await said.getByText('You cannot take this one').waitFor(SOON);
  await press(auditor, 's');
  await said.getByText('No step of it is yours to take').waitFor(SOON);
  await press(auditor, 'e');
  await said.getByText('Nothing finishes it').waitFor(SOON);
  assert.equal(await assignee(), me);
});
