// Two people on one record, and one with many tabs: what changes comes in by itself and takes nothing out of anybody's
// hands.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';
import { startPostgres } from '../harness/postgres.mjs';
import { BINARY, startEmptyServer, startServer } from '../harness/server.mjs';

/** What somebody did is seen by the others within this. */
const LIVE = { timeout: 2_000 };
/** What a person waits for on their own page, with room for a busy machine. */
const SOON = { timeout: 4_000 };

/** The person's API, with the session of the browser. */
async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

/** Opens a record as the person, by the form that everybody has. */
async function opened(person, title, requester) {
  await person.go('/incidents/new');
  if (requester) await person.page.locator('main [name="requester"]').selectOption({ label: requester });
  await person.page.locator('main [name="title"]').fill(title);
  await person.page.locator('main form button.btn-primary').click();
  await person.page.waitForURL(/INC-\d+/);
  return person.page.url().match(/INC-\d+/)[0];
}

/** Two agents beside each other on one record. */
async function together(first, open, title) {
  return beside(first, await open({ role: 'manager' }), title);
}

async function beside(first, second, title) {
  const number = await opened(first, title);
  await first.go(`/incidents/${number}`);
  await second.go(`/incidents/${number}`);
  return { number, second };
}

const composer = (person) => person.page.locator('#composer-body');

async function say(person, words, kind = 'note') {
  await person.page.locator(`#composer input[value="${kind}"]`).check({ force: true });
  await composer(person).fill(words);
  await person.page.locator('#composer .split > button[type="submit"]').click();
  await person.page.locator('#timeline').getByText(words).waitFor();
}

/** What a live update must leave as it is. */
const held = (person) =>
  person.page.evaluate(() => {
    const text = document.querySelector('#composer-body');
    return {
      draft: text.value,
      caret: [text.selectionStart, text.selectionEnd],
      focus: document.activeElement.id,
      scroll: document.querySelector('#timeline').scrollTop,
      open: [...document.querySelectorAll(':popover-open')].map((each) => each.id),
      folded: [...document.querySelectorAll('details')].map((each) => `${each.id} ${each.open}`),
    };
  });

/** Lets somebody in by an invitation of an administrator, with a password of their own. */
async function invited(administrator, name, person) {
  const { items } = await asked(administrator, `people?name=${encodeURIComponent(name)}`);
  const headers = { origin: new URL(administrator.page.url()).origin };
  const answer = await administrator.context.request.post(`/api/v1/people/${items[0].id}/access/link`, { data: {}, headers });
  assert.ok(answer.ok(), await answer.text());
  await person.go(new URL((await answer.json()).link).pathname);
  for (const field of await person.page.locator('main input[type="password"]').all()) await field.fill('plum otter brass');
  await person.page.locator('main form button.btn-primary').click();
  await person.page.waitForURL((url) => url.pathname === '/sign-in');
  await person.page.locator('input[autocomplete~="username"]').fill(items[0].email);
  await person.page.locator('input[autocomplete="current-password"]').fill('plum otter brass');
  await person.page.locator('input[autocomplete="current-password"]').press('Enter');
  await person.page.waitForURL((url) => url.pathname !== '/sign-in');
  return person;
}

/** Two people see each other on a record, and neither loses anything by what the other does. */
async function seeEachOther(agent, second) {
  await beside(agent, second, 'Live: two on one record');
  const there = second.page.locator('#presence .avatar');
  await there.waitFor(LIVE);
  assert.match(await there.getAttribute('aria-label'), /is viewing$/);

  await composer(agent).pressSequentially('Somebody ');
  await second.page.locator('#presence').getByText('is replying…').waitFor(LIVE);
  await second.page.waitForFunction(() => /is replying…$/.test(document.querySelector('#announcer').textContent));
  await composer(agent).fill('');
  await second.page.locator('#presence').getByText('is replying…').waitFor({ state: 'detached', timeout: 10_000 });

  // The other is in the middle of a sentence when the message comes.
  for (let line = 0; line < 12; line += 1) await say(agent, `Line ${line}\n\nwith more\n\nand more`);
  await second.page.locator('#timeline').getByText('Line 11').waitFor(LIVE);
  await composer(second).fill('Half a sentence');
  await composer(second).evaluate((text) => text.setSelectionRange(4, 6));
  await second.page.locator('#timeline').evaluate((timeline) => (timeline.scrollTop = 40));
  const before = await held(second);
  await say(agent, 'The cable is mended');
  await second.page.locator('#timeline').getByText('The cable is mended').waitFor(LIVE);
  assert.deepEqual(await held(second), before);
  assert.match(await second.page.locator('#unread').innerText(), /^\d+ new$/);
  await second.page.locator('.live-jump').waitFor();

  // An open menu stays open under a change of state.
  await composer(second).fill('');
  const menu = second.page.locator('[popovertarget="more"]');
  await menu.click();
  await agent.page.locator('[popovertarget="assignee"]').click();
  await agent.page.getByRole('button', { name: 'Assign to me' }).click();
  await second.page.locator('.record-marks').getByText('Jonas Weber').waitFor(LIVE);
  assert.deepEqual((await held(second)).open, ['more']);

  await agent.page.close();
  await there.waitFor({ state: 'detached', timeout: 10_000 });
}

journey('b_03_two_people_on_one_record_see_each_other_and_lose_nothing', { role: 'agent' }, async (agent, open) => {
  await seeEachOther(agent, await open({ role: 'manager' }));
});

journey('b_03_two_people_at_two_nodes_on_postgresql_see_each_other_and_lose_nothing', { limit: 300_000 }, async (_, open) => {
  const postgres = open.ends(await startPostgres('128MB'));
  const place = ['--database', postgres.database('live')];
  const first = open.ends(await startEmptyServer(place));
  const other = open.ends(await startServer((data) => [BINARY, 'serve', '--data', data, ...place, '--listen', '127.0.0.1:0']));
  const ada = await open({ url: first.url });
  await ada.go(first.setUp);
  const names = { name: 'Ada Lovelace', email: 'ada@example.org', password: 'plum otter brass' };
  for (const [name, value] of Object.entries(names)) await ada.page.locator(`[name="${name}"]`).fill(value);
  await ada.page.getByRole('button', { name: 'Begin' }).click();
  await ada.page.getByRole('button', { name: 'Begin with demo data' }).click();
  await ada.page.getByRole('heading', { name: 'Make it yours' }).waitFor({ timeout: 120_000 });
  const people = [];
  for (const [name, { url }] of [['Jonas Weber', first], ['Priya Kaur', other]]) {
    people.push(await invited(ada, name, await open({ url })));
  }
  await seeEachOther(...people);
});

journey('a_07_a_live_refresh_moves_no_focus_and_a_navigation_says_its_title', { role: 'agent' }, async (agent, open) => {
  const { number, second } = await together(agent, open, 'Live: focus');
  await agent.page.getByRole('link', { name: 'History', exact: true }).first().click();
  await agent.page.waitForURL(/history/);
  await agent.page.waitForFunction(() => document.querySelector('#announcer').textContent === document.title);
  assert.ok(await agent.page.evaluate(() => document.querySelector('main').contains(document.activeElement)));

  const tab = second.page.getByRole('link', { name: /^Tasks/ }).first();
  await tab.focus();
  await agent.go(`/incidents/${number}`);
  await say(agent, 'Said while the other has the focus elsewhere');
  await second.page.locator('#timeline').getByText('Said while the other').waitFor(SOON);
  assert.ok(await tab.evaluate((tab) => tab === document.activeElement));
  assert.equal(await second.page.locator('#announcer').innerText(), '1 new message');
});

journey('b_12_new_rows_wait_for_a_click_and_move_nothing', { role: 'agent' }, async (agent, open) => {
  const second = await open({ role: 'manager' });
  const number = await opened(second, 'Live: the first row');
  await agent.go('/incidents?sort=-opened');
  const row = agent.page.locator(`#row-${number}`);
  await row.hover();
  const at = await row.boundingBox();
  const titles = ['one more', 'and another'].map((words) => `Live: ${words}`);
  for (const title of titles) await opened(second, title);
  const show = agent.page.getByRole('button', { name: '2 new — show' });
  await show.waitFor(SOON);
  assert.deepEqual(await row.boundingBox(), at);
  assert.equal(await agent.page.getByText(titles[1]).count(), 0);
  await show.click();
  await agent.page.locator('#rows').getByText(titles[1]).waitFor(SOON);
  assert.equal(await show.count(), 0);
  assert.ok((await row.boundingBox()).y > at.y);
  // Beside a record the list waits just so, and the row that is there is kept true.
  await row.click();
  await agent.page.waitForURL(new RegExp(number));
  const third = await opened(second, 'Live: beside a record');
  await agent.page.getByRole('button', { name: '1 new — show' }).waitFor(SOON);
  assert.equal(await agent.page.locator(`#row-${third}`).count(), 0);
});

journey('b_12_the_numbers_in_the_sidebar_follow', { role: 'agent' }, async (agent, open) => {
  await agent.go('/search');
  const count = agent.page.locator('nav.side a.nav-item[href="/incidents"] .count');
  const before = Number.parseInt(await count.innerText(), 10);
  const second = await open({ role: 'manager' });
  await opened(second, 'Live: one more');
  await agent.page.waitForFunction((before) => {
    const text = document.querySelector('nav.side a.nav-item[href="/incidents"] .count').textContent;
    return text === '99+' || Number.parseInt(text, 10) > before;
  }, before, SOON);
});

journey('d_05_eight_tabs_of_one_browser_all_still_navigate', { role: 'agent' }, async (agent, open) => {
  const number = await opened(agent, 'Live: many tabs');
  const pages = [agent.page];
  for (let tab = 1; tab < 8; tab += 1) pages.push(await agent.context.newPage());
  for (const page of pages) await page.goto(`/incidents/${number}`);
  // All of them are open, and each still gets its pages.
  for (const page of pages) {
    const began = Date.now();
    await page.getByRole('link', { name: 'History', exact: true }).first().click();
    await page.waitForURL(/history/);
    assert.ok(Date.now() - began < 5_000, `${Date.now() - began} ms`);
    await page.goto(`/incidents/${number}`);
  }
  const second = await open({ role: 'manager' });
  await second.go(`/incidents/${number}`);
  await say(second, 'Heard in every tab');
  for (const page of pages) await page.locator('#timeline').getByText('Heard in every tab').waitFor(SOON);
});

journey('d_05_a_tab_that_nobody_looks_at_has_no_stream_and_is_told_when_somebody_does', { role: 'agent' }, async (agent, open) => {
  const { second } = await together(agent, open, 'Live: looked away');
  const looks = (seen) =>
    second.page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }, !seen);
  const there = agent.page.locator('#presence .avatar');
  await there.waitFor(LIVE);
  await looks(false);
  await there.waitFor({ state: 'detached', timeout: 10_000 });
  await say(agent, 'Said while nobody looked');
  await second.page.waitForTimeout(LIVE.timeout);
  assert.equal(await second.page.getByText('Said while nobody looked').count(), 0);
  await looks(true);
  await second.page.locator('#timeline').getByText('Said while nobody looked').waitFor(SOON);
  await there.waitFor(SOON);
});

journey('live_updates_reach_the_portal_without_a_word_of_who_is_there', { role: 'requester' }, async (requester, open) => {
  await requester.go('/portal/report/incidents');
  await requester.page.locator('main [name="title"]').fill('Live: in the portal');
  await requester.page.locator('main [name="symptoms"]').fill('It hums.');
  const next = async (name, place) => {
    await requester.page.locator('main').getByRole('button', { name, exact: true }).click();
    await requester.page.waitForURL(place);
  };
  await next('Continue', /step=2/);
  for (const name of ['answer.urgency', 'answer.impact']) await requester.page.locator(`main [name="${name}"]`).first().check();
  await next('Continue', /step=3/);
  await next('Send', /INC-\d+/);
  const number = requester.page.url().match(/INC-\d+/)[0];
  await requester.go(`/portal/requests/${number}`);
  const agent = await open({ role: 'agent' });
  await agent.go(`/incidents/${number}`);
  await say(agent, 'We have heard of it', 'reply');
  // A reply can be taken back for ten seconds; then it comes in, with the page where it was.
  assert.equal(await requester.page.getByText('We have heard of it').count(), 0);
  await requester.page.getByText('We have heard of it').waitFor({ timeout: 14_000 });
  assert.equal(await requester.page.locator('#presence').count(), 0);
  assert.doesNotMatch(await requester.page.content(), /is (viewing|replying|away)/);
  assert.ok((await asked(requester, `incidents/${number}`)).number);
});

journey('b_04_words_that_somebody_overtook_stop_once', { role: 'agent' }, async (agent, open) => {
  const { second } = await together(agent, open, 'Live: overtaken');
  second.expectFault(/status of 409/);
  await composer(second).fill('We order the part');
  await say(agent, 'I have the part already');
  // It comes in while the other writes, and sending stops all the same: it may not have been read.
  await second.page.locator('#timeline').getByText('I have the part already').waitFor(SOON);
  await composer(second).press('Control+Enter');
  const anyway = second.page.getByRole('button', { name: /^Send anyway/ });
  await anyway.waitFor(SOON);
  assert.match(await second.page.locator('#composer-error').innerText(), /wrote while you did/);
  assert.equal(await composer(second).inputValue(), 'We order the part');
  assert.equal(await second.page.locator('#unread').innerText(), '1 new');
  await second.expectAccessible();
  await anyway.click();
  await second.page.locator('#timeline').getByText('We order the part').waitFor(SOON);
  assert.equal(await composer(second).inputValue(), '');
  // Without a script too.
  const plain = await open({ role: 'manager', javaScript: false });
  plain.expectFault(/status of 409/);
  await plain.go(new URL(second.page.url()).pathname);
  await say(agent, 'And a cable');
  await composer(plain).fill('Which cable?');
  await plain.page.locator('#composer .split > button[type="submit"]').click();
  await plain.page.getByRole('button', { name: /^Send anyway/ }).click();
  await plain.page.locator('#timeline').getByText('Which cable?').waitFor();
});

journey('b_05_drafts_wait_apart_and_come_along', { role: 'agent' }, async (agent, open) => {
  const number = await opened(agent, 'Live: drafts', 'Amara Okafor');
  const place = `/incidents/${number}`;
  await agent.go(place);
  const state = agent.page.locator('#composer [data-draft-state]');
  const kind = (person, value) => person.page.locator(`#composer input[value="${value}"]`).check({ force: true });
  await composer(agent).pressSequentially('To the requester');
  await state.waitFor({ timeout: 1_600 });
  await kind(agent, 'note');
  assert.equal(await composer(agent).inputValue(), '', 'a note begins with nothing of the reply');
  await composer(agent).pressSequentially('Among us');
  await state.waitFor({ timeout: 1_600 });
  await kind(agent, 'reply');
  assert.equal(await composer(agent).inputValue(), 'To the requester');
  await agent.page.reload();
  assert.equal(await composer(agent).inputValue(), 'Among us', 'what was touched last is at hand');
  await kind(agent, 'reply');
  assert.equal(await composer(agent).inputValue(), 'To the requester');
  // Another device has them too.
  const device = await open({ role: 'agent' });
  await device.go(place);
  assert.equal(await composer(device).inputValue(), 'Among us');
  // Sent is gone, the other waits on; and a reply can be taken back.
  await composer(agent).press('Control+Enter');
  await agent.page.locator('#timeline').getByText('To the requester').waitFor(SOON);
  assert.equal(await composer(agent).inputValue(), 'Among us');
  await agent.page.locator('#toasts').getByRole('button', { name: 'Undo' }).click();
  await agent.page.locator('#toasts').getByText('Taken back').waitFor(SOON);
  assert.equal(await agent.page.locator('#timeline').getByText('To the requester').count(), 0);
  assert.equal(await composer(agent).inputValue(), 'To the requester');
  await composer(agent).press('Control+Enter');
  await agent.page.locator('#timeline').getByText('Leaves in a moment').waitFor(SOON);
  await agent.page.locator('#timeline').getByText('Leaves in a moment').waitFor({ state: 'detached', timeout: 15_000 });
  assert.equal(await agent.page.locator('#timeline').getByText('To the requester').count(), 1);
  // A new record that was begun is there again, until it is opened or begun anew.
  await agent.go('/incidents/new');
  await agent.page.locator('main [name="title"]').pressSequentially('Half a title');
  await agent.page.locator('main [data-draft-state]').waitFor({ timeout: 1_600 });
  await agent.go('/incidents/new');
  assert.equal(await agent.page.locator('main [name="title"]').inputValue(), 'Half a title');
  await agent.expectAccessible();
  await agent.page.getByRole('button', { name: 'Begin anew' }).click();
  await agent.page.waitForFunction(() => document.querySelector('main [name="title"]').value === '');
});
