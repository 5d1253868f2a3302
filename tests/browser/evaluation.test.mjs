// Evaluations: predicted and actual values on a desk and on a phone, and what a change says of it.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

/** The evaluation of the demo whose values were measured. */
async function measured(person) {
  const filter = encodeURIComponent('state = "finished"');
  const { items } = await asked(person, `evaluations?filter=${filter}&limit=5`);
  return items.find((each) => each.title.includes('online banking')).number;
}

for (const size of ['desk', 'phone']) {
  journey(`eva_04_predicted_and_actual_values_are_read_on_a_${size}`, { role: 'manager', ...(size === 'phone' && { size }) }, async (manager) => {
    const { page } = manager;
    const number = await measured(manager);
    await manager.go(`/evaluations/${number}`);
    await page.getByRole('link', { name: 'Measures' }).click();
    await page.waitForURL(/\/measures$/);
    const row = page.locator('.measures > li').filter({ hasText: 'Time to answer' });
    const text = await row.innerText();
    assert.ok(text.includes('+30 %, outside limit 20 %') && text.includes('260 ms') && text.includes('200 ms'), text);
    assert.equal(await page.locator('.measures > li').count(), 4);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, 'nothing is wider than the window');
    for (const theme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: theme });
      await manager.expectAccessible();
    }
  });
}

journey('a_change_says_whether_it_is_evaluated', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  const filter = encodeURIComponent('state = "scheduled" and evaluated is not empty');
  const { items } = await asked(manager, `changes?filter=${filter}&limit=1`);
  const number = items[0].number;
  await manager.go(`/changes/${number}/details`);
  const text = await page.locator('main').innerText();
  assert.ok(text.includes('Formal evaluation needed') && text.includes('Advice before building'), text);
  const made = async (path, data) => {
    const headers = { origin: new URL(page.url()).origin };
    const answer = await page.context().request.post(`/api/v1/${path}`, { data, headers });
    assert.ok(answer.ok(), await answer.text());
    return answer.json();
  };
  const [service] = (await asked(manager, 'services?limit=1')).items;
  const [owner] = (await asked(manager, 'people?limit=1')).items;
  const kind = async (type) => {
    const change = await made('changes', { title: `Move the ${type} store ${Date.now()}`, type });
    await made(`changes/${change.number}/submit`, { why: 'It is full.', service: service.id, impact: 'low', urgency: 'low', owner: owner.id });
    return change.number;
  };
  const weighty = await kind('major');
  await manager.go(`/changes/${weighty}/details`);
  assert.ok((await page.locator('main').innerText()).includes('Formal evaluation needed'));
  await manager.expectAccessible();
  assert.ok(!(await asked(manager, `changes/${await kind('minor')}`)).evaluated, 'a small one is not evaluated');
});
