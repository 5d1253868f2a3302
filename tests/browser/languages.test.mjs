// Pages in other languages: German, and the pseudo-locale that is a third longer and runs from right to left.
import assert from 'node:assert/strict';
import { TABLES } from '../harness/addresses.mjs';
import { Written, english } from '../harness/english.mjs';
import { journey } from '../harness/journey.mjs';
import { SIZES } from '../harness/visitor.mjs';

const LIMIT_MS = 480_000;

/** What is wider than the window, unless it scrolls in a region of its own. */
function tooWide() {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const outside = [...document.querySelectorAll('body *')].filter((each) => {
    const { left, right } = each.getBoundingClientRect();
    return left < -1 || right > clientWidth + 1;
  });
  return outside.slice(0, 5).map((each) => each.outerHTML.slice(0, 160));
}

async function expectRoom(person, path) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await person.page.setViewportSize(viewport);
    assert.deepEqual(await person.page.evaluate(tooWide), [], `${path} on a ${size}`);
  }
  await person.page.setViewportSize(SIZES.desktop);
}

/** Buttons whose words are cut off. */
function cutOff() {
  const all = [...document.querySelectorAll('.btn, .tab, .chip, .field-label')].filter((each) => each.offsetParent);
  return all.filter((each) => each.scrollWidth > each.clientWidth + 2).map((each) => each.outerHTML.slice(0, 160));
}

for (const [words, role, addresses] of TABLES) {
  journey(`a_09_${words} have room, run from right to left and leave no English`, { role, locale: 'ar-XB', limit: LIMIT_MS }, async (person, open) => {
    const all = await addresses(person);
    // A step that is not possible in the state of the record says so.
    person.expectFault(/status of 409/);
    const written = new Written(await open({ role: 'admin' }));
    for (const path of all) {
      await person.go(path, [200, 409]);
      const root = person.page.locator('html');
      assert.deepEqual([await root.getAttribute('lang'), await root.getAttribute('dir')], ['ar-XB', 'rtl'], path);
      await expectRoom(person, path);
      assert.deepEqual(await person.page.evaluate(cutOff), [], path);
      assert.deepEqual(await english(person, written, path), [], path);
    }
  });
}

journey('a_09_the sidebar is on the right and numbers stay as they are', { role: 'agent', locale: 'ar-XB' }, async (agent) => {
  await agent.go('/');
  const side = await agent.page.locator('#navigation').boundingBox();
  assert.ok(side.x > SIZES.desktop.width / 2, `the sidebar begins at ${side.x}`);
  const number = agent.page.locator('.ticket bdi').first();
  await number.waitFor();
  assert.match(await number.innerText(), /^[A-Z]+-\d+$/);
  assert.equal(await number.evaluate((each) => getComputedStyle(each).unicodeBidi), 'isolate');
  await agent.page.locator('a.ticket').first().click();
  await agent.page.locator('h1').waitFor();
  const rail = await agent.page.locator('aside.rail').boundingBox();
  assert.ok(rail.x < SIZES.desktop.width / 2, `the rail begins at ${rail.x}`);
  await agent.expectAccessible();
});

journey('a_09_german pages have room', { role: 'agent', locale: 'de-DE' }, async (agent, open) => {
  const requester = await open({ role: 'requester', locale: 'de-DE' });
  for (const path of ['/', '/incidents?show=table', '/incidents/new', '/reports', '/me', '/search?q=drucker']) {
    await agent.go(path);
    await expectRoom(agent, path);
  }
  for (const path of ['/portal', '/portal/requests', '/portal/report/incidents', '/me/security']) {
    await requester.go(path);
    await expectRoom(requester, path);
  }
  await requester.go('/portal');
  await requester.page.getByRole('link', { name: 'Ein Problem melden' }).first().waitFor();
  await requester.expectAccessible();
});

journey('a_09_a person chooses a language and scripts speak it too', { role: 'auditor' }, async (person) => {
  await person.go('/me');
  await person.page.getByLabel('Language').selectOption({ label: 'Deutsch' });
  await person.page.getByRole('button', { name: 'Save language' }).click();
  await person.page.getByText('Die Seiten sprechen jetzt Ihre Sprache.').waitFor();
  const words = await person.page.locator('meta[name="words"]').getAttribute('content');
  assert.equal(JSON.parse(words)['New messages ↓'], 'Neue Nachrichten ↓');
  await person.page.getByLabel('Sprache').selectOption({ index: 0 });
  await person.page.getByRole('button', { name: 'Sprache speichern' }).click();
  await person.page.getByText('Pages speak your language now.').waitFor();
});
