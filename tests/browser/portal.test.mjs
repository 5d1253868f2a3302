// The portal in a browser: for people who know nothing of IT, on a narrow phone, with a finger, by keyboard, with and
// without scripts.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';
import { SIGN_IN_PATH } from '../harness/demo.mjs';

const FORM = '/portal/report/incidents';

/** Fills what the step in hand asks, by name. */
async function fill(page, values) {
  for (const [name, value] of Object.entries(values)) {
    // The address of a step is there before its questions are.
    await page.locator(`main [name="${name}"]:not([type="hidden"])`).first().waitFor({ state: 'attached' });
    const radio = page.locator(`main input[type="radio"][name="${name}"][value="${value}"]`);
    if (await radio.count()) await radio.check();
    else await page.locator(`main [name="${name}"]:not([type="hidden"])`).first().fill(value);
  }
}

/** Presses the button of the step and waits for what it leads to. */
async function press(page, name, place) {
  await page.locator('main').getByRole('button', { name, exact: true }).click();
  await page.waitForURL(place);
}

const WORDS = { title: 'I cannot pay', symptoms: 'The till says no since lunch.' };
const ANSWERS = { 'answer.urgency': 'high', 'answer.impact': 'low' };

/** Reports in three steps and answers the number. */
async function report(person, words = WORDS) {
  await person.go(FORM);
  await fill(person.page, words);
  await press(person.page, 'Continue', /step=2/);
  await fill(person.page, ANSWERS);
  await press(person.page, 'Continue', /step=3/);
  await press(person.page, 'Send', /\/sent$/);
  return person.page.url().match(/INC-\d+/)[0];
}

/** The server lets this person be asked on every closing; answers what takes it back. */
async function askAlways(admin) {
  const { request } = admin.context;
  const headers = { origin: new URL(admin.page.url()).origin };
  const { items } = await (await request.get('/api/v1/process-settings')).json();
  const own = items.find(({ process }) => process === 'incident');
  const path = `/api/v1/process-settings/${own.id}`;
  const set = async (policies) => {
    const { version } = await (await request.get(path)).json();
    const answer = await request.patch(path, { data: { policies }, headers: { ...headers, 'if-match': `"${version}"` } });
    assert.equal(answer.status(), 200, await answer.text());
  };
  const kept = own.policies ?? [];
  const rest = { policy: 'survey_rest_days', value: 0 };
  await set([...kept.filter(({ policy }) => policy !== rest.policy), rest]);
  return () => set(kept);
}

/** Staff take a request through to resolved, over the API. */
async function resolve(manager, number) {
  const { request } = manager.context;
  const headers = { origin: new URL(manager.page.url()).origin };
  const first = async (register) => (await (await request.get(`/api/v1/${register}?limit=1`)).json()).items[0].id;
  const [team, category] = [await first('teams'), await first('categories')];
  const steps = {
    assign: { team, category },
    take: {},
    resolve: { resolution_code: 'fixed', resolution: 'A fuse was changed.', closing_category: category, restored: '2025-06-02T09:00:00Z' },
  };
  for (const [verb, data] of Object.entries(steps)) {
    const answer = await request.post(`/api/v1/incidents/${number}/${verb}`, { data, headers });
    assert.equal(answer.status(), 200, `${verb}: ${await answer.text()}`);
  }
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with scripts' : 'a_06 without scripts';
  journey(`gen_13 inc_08 inc_19 inc_24 ${how} from three plain steps to how it went`, { role: 'requester', javaScript, size: 'phone', limit: 240_000 }, async (person, open) => {
    const admin = await open({ role: 'admin' });
    await admin.go('/admin');
    const back = await askAlways(admin);
    try {
      const number = await report(person);
      const page = person.page;
      await page.getByText('What happens next').waitFor();
      if (javaScript) await person.expectAccessible();
      await page.locator('main').getByRole('link', { name: 'Look at it' }).click();
      await page.waitForURL(new RegExp(`${number}$`));
      await page.locator('main [name="body"]').fill('It smells burnt, too.');
      await page.locator('main').getByRole('button', { name: 'Send', exact: true }).click();
      await page.locator('main').getByText('It smells burnt, too.').waitFor();
      await resolve(admin, number);
      await person.go(`/portal/requests/${number}`);
      await page.locator('main').getByRole('button', { name: 'Yes, it works again' }).click();
      await page.locator('main').getByText('How did we do?').waitFor();
      if (javaScript) await person.expectAccessible();
      await page.locator('main').getByRole('button', { name: 'Very good' }).click();
      await page.locator('main').getByText('You said: Very good').waitFor();
      await page.locator('main [name="satisfaction_words"]').fill('Friendly people.');
      // The page says the same before and after: what tells them apart is that the words have left.
      const sent = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/rate'));
      await page.locator('main').getByRole('button', { name: 'Send words' }).click();
      await sent;
      await page.locator('main').getByText('You said: Very good').waitFor();
      const record = await (await admin.context.request.get(`/api/v1/incidents/${number}`)).json();
      assert.deepEqual([record.satisfaction, record.satisfaction_words, record.urgency, record.impact], [5, 'Friendly people.', 'high', 'low']);
    } finally {
      await back();
    }
  });
}

/** Files as a device hands them over; a photo is small here. */
const photo = (name) => ({ name, mimeType: 'image/png', buffer: Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082', 'hex') });
const paper = (name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(`This is ${name}`) });

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with scripts' : 'a_06 without scripts';
  journey(`gen_13 inc_19 ${how} files and a photo go along with a report and an answer and can be taken out`, { role: 'requester', javaScript, size: 'phone', touch: true }, async (person, open) => {
    const { page } = person;
    await person.go(FORM);
    const begun = page.getByRole('button', { name: 'Throw it away' });
    if (await begun.count()) {
      await press(page, 'Throw it away', /\/portal$/);
      await person.go(FORM);
    }
    await fill(page, { title: `Files from a phone ${how}`, symptoms: 'Look at the picture.' });
    await press(page, 'Continue', /step=2/);
    await fill(page, ANSWERS);
    await press(page, 'Continue', /step=3/);
    const kept = page.locator('.kept-files li');
    await page.locator('input[type="file"]:not([capture])').setInputFiles([paper('receipt.txt'), paper('wrong.txt')]);
    await page.locator('input[type="file"][capture]').setInputFiles(photo('till.png'));
    // Going back and forth keeps them.
    await press(page, 'Back', /step=2/);
    await press(page, 'Continue', /step=3/);
    await kept.nth(2).waitFor();
    assert.deepEqual((await kept.locator('.grow').allInnerTexts()).sort(), ['receipt.txt', 'till.png', 'wrong.txt']);
    if (javaScript) await person.expectAccessibleHere('files on the form');
    await kept.filter({ hasText: 'wrong.txt' }).getByRole('button').click();
    await kept.filter({ hasText: 'wrong.txt' }).waitFor({ state: 'detached' });
    assert.equal(await kept.count(), 2);
    await press(page, 'Send', /\/sent$/);
    const number = page.url().match(/INC-\d+/)[0];
    await person.go(`/portal/requests/${number}`);
    for (const name of ['receipt.txt', 'till.png']) await page.locator('main').getByText(name).first().waitFor();
    assert.equal(await page.locator('main').getByText('wrong.txt').count(), 0);
    // One more with an answer.
    await page.locator('main [name="body"]').fill('And one more.');
    await page.locator('main form input[type="file"]').first().setInputFiles(paper('late.txt'));
    await page.locator('main').getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('main').getByText('And one more.').first().waitFor();
    await page.locator('main').getByText('late.txt').first().waitFor();
    const href = await page.locator('main a[href^="/files/"]', { hasText: 'receipt.txt' }).first().getAttribute('href');
    assert.equal(await (await person.context.request.get(href)).text(), 'This is receipt.txt');
    const agent = await open({ role: 'agent' });
    await agent.go(`/incidents/${number}/related`);
    for (const name of ['receipt.txt', 'till.png', 'late.txt']) await agent.page.locator('main').getByText(name).first().waitFor();
  });
}

journey('gen_13 what is typed is kept while it is typed and over the way back', { role: 'approver' }, async (person) => {
  const { page } = person;
  await person.go(FORM);
  const kept = page.waitForResponse((response) => response.url().endsWith('/keep'));
  await fill(page, { title: 'The lift hums', symptoms: 'Since Monday' });
  assert.equal((await kept).status(), 204);
  await page.getByText('Kept for you').waitFor();
  await person.go('/portal');
  await page.getByRole('link', { name: /You have not sent this yet: The lift hums/ }).click();
  await page.waitForURL(new RegExp(FORM));
  assert.equal(await page.locator('[name="title"]').inputValue(), 'The lift hums');
  await press(page, 'Continue', /step=2/);
  const late = page.waitForResponse((response) => response.url().endsWith('/keep'));
  await page.locator('input[name="answer.urgency"][value="low"]').check();
  await page.goBack();
  await late;
  await page.locator('[name="title"]').waitFor();
  assert.equal(await page.locator('[name="title"]').inputValue(), 'The lift hums');
  await person.go(`${FORM}?step=2`);
  await page.locator('input[name="answer.urgency"][value="low"]:checked').waitFor();
  await press(page, 'Throw it away', /\/portal$/);
});

journey('a_05 gen_13 a report is written and sent by keyboard alone', { role: 'auditor' }, async (person) => {
  const { page } = person;
  await person.go(FORM);
  const tabTo = async (what) => {
    for (let presses = 0; presses < 60; presses += 1) {
      if (await page.evaluate((what) => document.activeElement?.matches(what), what)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`no way to ${what} by keyboard`);
  };
  await tabTo('[name="title"]');
  await page.keyboard.type('By keyboard alone');
  await page.keyboard.press('Enter');
  await page.waitForURL(/step=2/);
  for (const name of ['answer.urgency', 'answer.impact']) {
    await tabTo(`[name="${name}"]`);
    await page.keyboard.press('Space');
  }
  await tabTo('button[value="next"]');
  await page.keyboard.press('Enter');
  await page.waitForURL(/step=3/);
  await tabTo('button[value="next"]');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/sent$/);
});

/** Every page of the portal that a requester comes to, with a report half written. */
async function rooms(person) {
  await person.go(FORM);
  await fill(person.page, WORDS);
  await press(person.page, 'Continue', /step=2/);
  await fill(person.page, ANSWERS);
  await press(person.page, 'Continue', /step=3/);
  const answer = await person.context.request.get('/api/v1/incidents?limit=1');
  const { number } = (await answer.json()).items[0];
  const request = `/portal/requests/${number}`;
  return ['/portal', FORM, `${FORM}?step=2`, `${FORM}?step=3`, '/portal/requests', request, `${request}/sent`, '/portal/notices', '/portal/search?q=printer'];
}

journey('a_02 a_03 every room of the portal fits a narrow phone and shows where the keyboard is', { role: 'requester' }, async (person) => {
  for (const path of await rooms(person)) {
    await person.go(path);
    await person.expectNoSidewaysScroll();
    await person.page.keyboard.press('Tab');
    const first = await person.page.evaluate(() => document.activeElement?.textContent?.trim());
    assert.equal(first, 'Skip to content', path);
  }
  await person.go('/portal');
  await person.page.locator('main a').first().focus();
  const outline = await person.page.locator('main a').first().evaluate((el) => parseFloat(getComputedStyle(el).outlineWidth));
  assert.ok(outline >= 2, `outline of ${outline}`);
});

for (const role of ['requester', 'customer']) {
  journey(`every room of the portal is sound for the ${role} in both themes and sizes`, { role, limit: 240_000 }, async (person) => {
    for (const path of await rooms(person)) {
      await person.go(path);
      await person.expectAccessible();
    }
  });
}

/** The rooms of those who work or decide from the portal: the list of what is theirs, and the first thing in it. */
const OF_OTHERS = {
  vendor: { list: '/portal/requests?which=work', more: ['/portal', '/portal/requests?which=worked', '/portal/notices'], first: '.request a.name' },
  approver: { list: '/approvals', more: ['/portal', '/me/deputy', '/portal/notices'], first: '.work-line' },
};

for (const [role, { list, more, first }] of Object.entries(OF_OTHERS)) {
  journey(`gen_14 gen_16 every room of the ${role} is sound in both themes and sizes and fits a narrow phone`, { role, limit: 240_000 }, async (person) => {
    await person.go(list);
    const record = await person.page.locator('main').locator(first).first().getAttribute('href');
    for (const path of [list, record, ...more]) {
      await person.go(path);
      await person.expectAccessible();
      await person.expectNoSidewaysScroll();
    }
  });
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with scripts' : 'a_06 without scripts';
  journey(`gen_14 ${how} a vendor sees the work of its team at once and says that a task is done`, { role: 'vendor', javaScript, size: 'phone', touch: true }, async (person, open) => {
    const agent = await open({ role: 'agent' });
    await agent.go('/');
    const { request } = agent.context;
    const headers = { origin: new URL(agent.page.url()).origin };
    const post = async (path, data) => {
      const answer = await request.post(`/api/v1/${path}`, { data, headers });
      assert.ok(answer.ok(), await answer.text());
      return answer.json();
    };
    const { items } = await (await request.get('/api/v1/teams?limit=100')).json();
    const team = items.find(({ key }) => key === 'netco-field-operations').id;
    const { number } = await post('incidents', { title: `A line for the vendor ${how}` });
    await post(`incidents/${number}/tasks`, { title: 'Measure it', team });
    await person.go('/portal');
    await person.page.getByRole('heading', { name: 'Work for your team' }).waitFor();
    // The address that somebody at the desk sends along leads to the vendor's page of the same record.
    await person.page.goto(`/incidents/${number}`);
    assert.equal(new URL(person.page.url()).pathname, `/portal/requests/${number}`);
    const main = person.page.locator('main');
    await main.getByRole('button', { name: /^Done/ }).click();
    await main.getByRole('button', { name: /^Open again/ }).waitFor();
    await person.go('/portal/requests?which=worked');
    await main.getByRole('link', { name: `A line for the vendor ${how}` }).waitFor();
  });
}

journey('gen_16 an approver is led by the menu to what waits, by keyboard too', { role: 'approver' }, async (person) => {
  await person.go('/portal');
  const entry = person.page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: /^Approvals/ });
  await entry.focus();
  await person.page.keyboard.press('Enter');
  await person.page.waitForURL(/\/approvals$/);
  await person.go('/me/deputy');
  assert.ok((await person.page.locator('main [name="deputy"]').count()) > 0, 'there is somebody to choose');
});

journey('a_04 buttons of the portal are large enough for a finger', { role: 'requester', touch: true, size: 'phone' }, async (person) => {
  for (const path of await rooms(person)) {
    await person.go(path);
    const small = await person.page.locator('main').evaluate((main) => {
      const all = [...main.querySelectorAll('button, a.btn, a.start, a.service, input[type="submit"], label.option, .chip')];
      const seen = all.filter((el) => el.checkVisibility() && !el.matches('.sr'));
      return seen.filter((el) => el.getBoundingClientRect().height < 43.5).map((el) => `${el.textContent.trim()}: ${el.getBoundingClientRect().height}`);
    });
    assert.deepEqual(small, [], path);
  }
});

journey('d_01 the portal comes in 86 KB, below its 90', {}, async (person) => {
  const requester = person;
  await requester.signIn('requester');
  const session = await requester.context.newCDPSession(requester.page);
  await session.send('Network.enable');
  const sizes = new Map();
  const addresses = new Map();
  session.on('Network.requestWillBeSent', ({ requestId, request }) => addresses.set(requestId, request.url));
  // What is fetched anew because something happens meanwhile is not what it takes to open the page.
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const address = addresses.get(requestId);
    if (!sizes.has(address)) sizes.set(address, encodedDataLength);
  });
  for (const path of ['/portal', FORM]) {
    // As for who comes for the first time; what the page itself uses twice is fetched once.
    await session.send('Network.clearBrowserCache');
    sizes.clear();
    // The stream of live updates stays open, so that the network is never idle.
    await requester.page.goto(path, { waitUntil: 'load' });
    await requester.page.evaluate(() => document.fonts.ready);
    await requester.page.waitForTimeout(1000);
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0) / 1024;
    assert.ok(total <= 86, `${path}: ${total.toFixed(1)} KB in ${sizes.size} requests`);
    assert.ok(sizes.size <= 12, `${path}: ${sizes.size} requests`);
  }
  assert.notEqual(new URL(requester.page.url()).pathname, SIGN_IN_PATH);
});
