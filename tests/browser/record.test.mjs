// A record in the hands of an agent: properties changed in their place and taken back, files brought along, duplicates
// merged after a look, and all of it on paper.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';
import { textOf } from '../harness/pdf.mjs';

const SOON = { timeout: 8_000 };

async function opened(person, title, more = {}) {
  await person.go('/incidents/new');
  await person.page.locator('main [name="title"]').fill(title);
  for (const [name, value] of Object.entries(more)) await person.page.locator(`main [name="${name}"]`).selectOption(value);
  await person.page.locator('main form button.btn-primary').click();
  await person.page.waitForURL(/INC-\d+/);
  return person.page.url().match(/INC-\d+/)[0];
}

async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

/** Opens a property and chooses an option. */
async function choose(person, key, value) {
  await person.page.locator(`.rail #property-${key} button.property`).click();
  await person.page.locator(`#edit-${key} select`).selectOption(value);
}

journey('b_07_inline_edit_moves_the_target_in_place_and_is_taken_back', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await opened(agent, 'Inline: the till is slow', { impact: 'low', urgency: 'low' });
  const chip = page.locator('.rail .card').first();
  const before = await chip.innerText();
  await page.evaluate(() => (window.stayed = true));
  await choose(agent, 'urgency', 'high');
  const toast = page.locator('#toasts .toast');
  await toast.getByText('Urgency set to').waitFor(SOON);
  assert.equal(await page.evaluate(() => window.stayed), true, 'the page was not loaded anew');
  assert.notEqual(await chip.innerText(), before, 'the target follows');
  assert.match(await page.locator('.rail #property-urgency').innerText(), /High/);
  await agent.expectAccessible();
  await toast.getByRole('button', { name: 'Undo' }).click();
  await toast.getByText('Taken back.').waitFor(SOON);
  assert.match(await page.locator('.rail #property-urgency').innerText(), /Low/);
  assert.equal((await asked(agent, `incidents/${number}`)).urgency, 'low');
  const log = await asked(agent, `incidents/${number}/history`);
  const verbs = log.items.map((event) => event.verb);
  assert.ok(verbs.includes('updated') && verbs.includes('undone'), verbs.join());
});

journey('b_07_an_edit_that_somebody_overtook_shows_both_values_on_the_field', { role: 'agent' }, async (agent, open) => {
  const { page } = agent;
  const number = await opened(agent, 'Inline: two at once', { impact: 'low', urgency: 'low' });
  const manager = await open({ role: 'manager' });
  // The agent's page does not hear of it: it is in the middle of choosing.
  await page.locator('.rail #property-urgency button.property').click();
  await manager.go(`/incidents/${number}`);
  await choose(manager, 'urgency', 'medium');
  await manager.page.locator('#toasts .toast').getByText('Urgency set to').waitFor(SOON);
  agent.expectFault(/status of 409/);
  await page.locator('#edit-urgency select').selectOption('high');
  const clash = page.locator('.rail #property-urgency .clash');
  await clash.waitFor(SOON);
  assert.match(await clash.innerText(), /has changed Urgency meanwhile/);
  assert.match(await clash.innerText(), /Keep Medium/);
  await agent.expectAccessible();
  await clash.getByRole('button', { name: 'Set High' }).click();
  await page.locator('#toasts .toast').getByText('Urgency set to High').waitFor(SOON);
  assert.equal((await asked(agent, `incidents/${number}`)).urgency, 'high');
  // Another field that somebody changed is no conflict.
  await page.locator('.rail #property-impact button.property').click();
  manager.expectFault(/status of 409/);
  await choose(manager, 'urgency', 'low').catch(() => {});
  await page.locator('#edit-impact select').selectOption('medium');
  await page.locator('#toasts .toast').getByText('Impact set to').waitFor(SOON);
});

/** Files as a browser hands them over in an event of this kind. */
function bring(page, kind, files) {
  return page.evaluate(
    ([kind, files]) => {
      const data = new DataTransfer();
      for (const { name, type, size } of files) data.items.add(new File([new Uint8Array(size).fill(65)], name, { type }));
      const target = document.querySelector(kind === 'paste' ? '#composer-body' : '#timeline, .details');
      const options = { bubbles: true, cancelable: true };
      if (kind === 'paste') target.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }));
      else for (const step of ['dragover', 'drop']) target.dispatchEvent(new DragEvent(step, { ...options, dataTransfer: data }));
    },
    [kind, files],
  );
}

journey('b_09_a_picture_pasted_and_a_file_dropped_wait_with_the_draft_and_go_with_it', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await opened(agent, 'Files: the screen is black');
  await page.locator('#composer input[value="note"]').check({ force: true });
  await bring(page, 'paste', [{ name: 'screen.png', type: 'image/png', size: 4_000 }]);
  await bring(page, 'drop', [{ name: 'trace.log', type: 'text/plain', size: 2_000 }]);
  const tiles = page.locator('#composer-files .file-tile:visible');
  await tiles.locator('[data-unstage]').nth(1).waitFor(SOON);
  assert.equal(await tiles.count(), 2);
  await bring(page, 'drop', [{ name: 'film.mp4', type: 'video/mp4', size: 25_000_001 }]);
  const alert = page.locator('#composer-files [role="alert"]');
  await alert.waitFor(SOON);
  assert.match(await alert.innerText(), /film\.mp4 is larger than 25 MB/);
  await agent.expectAccessible();
  await page.locator('#composer-body').fill('It stays black.');
  await page.reload();
  await page.locator('#composer input[value="note"]').check({ force: true });
  assert.equal(await tiles.count(), 2, 'the files wait with the draft');
  await tiles.filter({ hasText: 'trace.log' }).locator('[data-unstage]').click();
  await page.locator('#composer-body').fill('It stays black.');
  await page.locator('#composer .split > button[type="submit"]').click();
  await page.locator('#timeline').getByText('screen.png').waitFor(SOON);
  const { items } = await asked(agent, `incidents/${number}/attachments`);
  assert.deepEqual(items.map((file) => [file.name, file.internal]), [['screen.png', true]]);
  assert.equal(await page.locator('#composer-files .file-tile').count(), 0);
});

journey('b_09_what_is_sent_at_once_goes_with_the_file_that_is_still_on_its_way', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await opened(agent, 'Files: sent in a hurry');
  await page.route('**/drafts/files', async (route) => {
    await new Promise((done) => setTimeout(done, 1_500));
    await route.continue();
  });
  await page.locator('#composer input[value="note"]').check({ force: true });
  await page.locator('#composer-body').fill('Here is the trace.');
  await page.locator('#composer input[type="file"]').first().setInputFiles({ name: 'trace.log', mimeType: 'text/plain', buffer: Buffer.from('trace') });
  await page.locator('#composer-files progress').waitFor(SOON);
  await page.locator('#composer .split > button[type="submit"]').click();
  await page.locator('#timeline').getByText('trace.log').waitFor(SOON);
  const { items } = await asked(agent, `incidents/${number}/attachments`);
  assert.deepEqual(items.map(({ name }) => name), ['trace.log']);
  assert.equal((await asked(agent, `incidents/${number}/comments`)).items.length, 1, 'once');
});

journey('b_09_a_file_on_its_way_says_how_far_it_is', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  await opened(agent, 'Files: a slow line');
  const line = await agent.context.newCDPSession(page);
  const slow = { offline: false, latency: 20, downloadThroughput: -1, uploadThroughput: 400_000 };
  await line.send('Network.emulateNetworkConditions', slow);
  const buffer = Buffer.alloc(1_200_000, 65);
  await page.locator('#composer input[type="file"]').setInputFiles({ name: 'trace.log', mimeType: 'text/plain', buffer });
  const progress = page.locator('#composer-files progress');
  await progress.waitFor(SOON);
  const on = (least) => page.waitForFunction((least) => document.querySelector('#composer-files progress')?.value > least, least, SOON);
  await on(0);
  const first = await progress.evaluate((bar) => bar.value);
  assert.ok(first > 0 && first < 100, `${first} %`);
  assert.equal(await progress.getAttribute('aria-label'), 'trace.log');
  await on(first);
  await line.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });
  await page.locator('#composer-files [data-unstage]').waitFor({ timeout: 15_000 });
  assert.equal(await progress.count(), 0);
});

journey('b_09_a_file_dropped_on_any_section_goes_to_the_composer', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await opened(agent, 'Files: dropped elsewhere');
  for (const [at, section] of ['tasks', 'related', 'details', 'similar', 'history'].entries()) {
    await agent.go(`/incidents/${number}/${section}`);
    await bring(page, 'drop', [{ name: `${section}.log`, type: 'text/plain', size: 2_000 + at }]);
    await page.waitForURL((url) => url.pathname === `/incidents/${number}`, SOON);
    const tiles = page.locator('#composer-files .file-tile:visible');
    await tiles.filter({ hasText: `${section}.log` }).waitFor(SOON);
    assert.equal(await tiles.count(), at + 1, 'they wait together');
  }
});

journey('d_01_rich_text_is_loaded_when_somebody_wants_it_and_stays_markdown', { role: 'agent' }, async (agent, open) => {
  const { page } = agent;
  const number = await opened(agent, 'Words: with an editor');
  const loaded = [];
  page.on('request', (request) => loaded.push(request.url()));
  const chunks = () => loaded.filter((url) => url.includes('/assets/editor'));
  await page.locator('#composer input[value="note"]').check({ force: true });
  await page.locator('#composer-body').fill('Some **bold** words\n\n- one\n- two');
  assert.deepEqual(chunks(), [], 'nobody asked for it');
  await page.locator('[data-rich-toggle]').click();
  const editor = page.locator('#composer .rich [role="textbox"]');
  await editor.waitFor(SOON);
  assert.equal(chunks().length, 1);
  assert.equal(await editor.locator('strong').innerText(), 'bold');
  await agent.expectAccessible();
  await editor.press('Control+End');
  await editor.pressSequentially(' and more');
  assert.match(await page.locator('#composer-body').inputValue(), /\*\*bold\*\*[\s\S]*- two[\s\S]*and more/);
  await editor.press('Control+Enter');
  await page.locator('#timeline').getByText('and more').waitFor(SOON);
  const { items } = await asked(agent, `incidents/${number}/comments`);
  assert.match(items.at(-1).body, /\*\*bold\*\*/);
  // It is remembered on every device, and loaded only when somebody begins to write.
  const elsewhere = await open({ role: 'agent' });
  await elsewhere.go(`/incidents/${number}`);
  await elsewhere.page.locator('#composer-body').focus();
  await elsewhere.page.locator('#composer .rich [role="textbox"]').waitFor(SOON);
  await page.reload();
  await page.locator('#composer-body').focus();
  await editor.waitFor(SOON);
  const kept = page.waitForResponse('**/me/writing');
  await page.locator('[data-rich-toggle]').click();
  await page.locator('#composer-body:focus').waitFor(SOON);
  assert.equal((await kept).status(), 204);
  await page.reload();
  assert.equal(await page.locator('#composer[data-rich]').count(), 0);
});

journey('b_13_a_merge_is_looked_at_taken_and_taken_back', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const say = async (words) => {
    await page.locator('#composer input[value="note"]').check({ force: true });
    await page.locator('#composer-body').fill(words);
    await page.locator('#composer .split > button[type="submit"]').click();
    await page.locator('#timeline').getByText(words).waitFor(SOON);
  };
  const survivor = await opened(agent, 'Merge: the printer is dead');
  await say('First said on the survivor');
  const duplicate = await opened(agent, 'Merge: no paper comes out');
  await say('Then said on the duplicate');
  await agent.go(`/incidents/${duplicate}/merge`);
  const confirm = page.locator('main form[method="post"] button.btn-primary');
  assert.equal(await confirm.count(), 0, 'first it is looked at');
  await page.locator('#field-with').fill('INC-9999999');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('There is no record of this number').first().waitFor(SOON);
  await agent.expectAccessible();
  // Found by words of its title.
  const offered = page.waitForResponse(/\/pick\/records/);
  await page.locator('#field-with').fill('Merge: the printer');
  assert.deepEqual((await (await offered).json()).map(({ value }) => value), [survivor]);
  await page.locator('#field-with').fill(survivor);
  await page.getByRole('button', { name: 'Preview' }).click();
  const preview = page.locator('#merged');
  await preview.waitFor(SOON);
  assert.equal(await confirm.innerText(), `Merge into ${survivor}`);
  const text = await preview.innerText();
  assert.ok(text.indexOf('First said') >= 0 && text.indexOf('First said') < text.indexOf('Then said'), text);
  await agent.expectAccessible();
  await confirm.click();
  const toast = page.locator('#toasts .toast');
  await toast.getByRole('button', { name: 'Undo' }).waitFor(SOON);
  const words = async (number) => JSON.stringify((await asked(agent, `incidents/${number}/comments`)).items);
  assert.match(await words(survivor), /Then said on the duplicate/);
  await toast.getByRole('button', { name: 'Undo' }).click();
  await toast.getByText('Taken back.').waitFor(SOON);
  assert.doesNotMatch(await words(survivor), /Then said/);
  assert.notEqual((await asked(agent, `incidents/${duplicate}`)).state, 'cancelled');
});

journey('c_12_a_record_on_paper_has_title_properties_thread_and_page_numbers', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const list = await asked(agent, 'incidents?filter=state = "in_progress"&limit=1');
  const { number, title } = list.items[0];
  await agent.go(`/incidents/${number}`);
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.printToPDF', { preferCSSPageSize: true, generateTaggedPDF: true });
  const text = textOf(Buffer.from(data, 'base64'));
  const bare = (words) => words.replace(/\s+/g, '');
  for (const expected of [title, number.replace(/^[A-Z]+/, ''), 'Assignee', 'Urgency']) {
    assert.ok(text.includes(bare(expected)), `${expected} in ${text.slice(0, 800)}`);
  }
  const { items } = await asked(agent, `incidents/${number}/comments`);
  for (const { body } of items.slice(0, 2)) assert.ok(text.includes(bare(body.split(/[\n*_`[]/)[0]).slice(0, 30)), body);
  assert.match(text, /1\/[1-9]/, 'pages are numbered');
  for (const beside of ['Search or run', 'Profile and looks', 'Attach files']) assert.ok(!text.includes(bare(beside)), beside);
});
