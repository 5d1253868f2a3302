// What no single page can be trusted with: the record on paper, fingers instead of a mouse, letters twice as large.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

/** A record that somebody works on, as its number. */
async function busy(person) {
  const answer = await person.context.request.get('/api/v1/incidents?filter=state = "in_progress"&limit=1');
  return (await answer.json()).items[0].number;
}

journey('a record on paper is title, facts and conversation, without controls', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  await agent.go(`/incidents/${await busy(agent)}`);
  await page.setViewportSize({ width: 700, height: 1000 });
  await page.emulateMedia({ media: 'print' });
  const top = async (selector) => (await page.locator(selector).first().boundingBox()).y;
  assert.ok((await top('h1')) < (await top('.rail .properties')), 'the title stands first');
  assert.ok((await top('.rail .properties')) < (await top('.timeline')), 'the facts come before the conversation');
  for (const control of ['.side', '.list-pane', '.composer', '.tabs', '.bottom', '.btn', '.icon-btn', 'textarea']) {
    assert.equal(await page.locator(control).filter({ visible: true }).count(), 0, `${control} is printed`);
  }
});

const PORTAL = ['/portal', '/portal/report/incidents', '/portal/requests', '/portal/notices', '/me', '/me/security'];

journey('buttons of the portal are large enough for a finger', { role: 'requester', touch: true, size: 'phone' }, async (requester) => {
  for (const path of PORTAL) {
    await requester.go(path);
    await requester.expectTouchable('button, .btn', 44);
    await requester.expectTouchable('a:not(.prose a, p a, .name, .link), input:not([type=hidden]), select, summary', 24);
  }
});

const DESK = ['/incidents', '/incidents?show=table', '/incidents/new', '/incidents/filter', '/reports', '/me'];

journey('letters of twice the size keep every page in its window', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  const places = [...DESK, '/reports/incidents/volume', `/incidents/${await busy(manager)}`];
  for (const path of places) {
    await manager.go(path);
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    const { wide, cut } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - window.innerWidth,
      cut: [...document.querySelectorAll('.btn, .pill, .nav-item, .segment, .tab')]
        .filter((each) => each.clientHeight > 0 && each.scrollHeight > each.clientHeight + 2)
        .map((each) => each.outerHTML.slice(0, 160)),
    }));
    assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
    assert.deepEqual(cut, [], `words leave their control on ${path}`);
  }
});

journey('the facts of a record can be reached in a window of any width', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  await agent.go(`/incidents/${await busy(agent)}`);
  for (const width of [390, 800, 1180, 1181, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    const rail = await page.locator('.rail').isVisible();
    const tab = await page.locator('.tab', { hasText: 'Details' }).isVisible();
    assert.notEqual(rail, tab, `at ${width} px either the rail or its tab is there`);
  }
});
