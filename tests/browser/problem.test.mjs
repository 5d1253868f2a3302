// A problem from the incidents that it is found behind to its end, by forms alone.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

async function made(person, path, data) {
  const headers = { origin: new URL(person.page.url()).origin };
  const answer = await person.context.request.post(`/api/v1/${path}`, { data, headers });
  assert.ok(answer.ok(), `${path}: ${await answer.text()}`);
  return answer.json();
}

/** An incident that somebody works on. */
async function incident(person, title) {
  const [team, category] = await Promise.all(['teams', 'categories'].map((register) => asked(person, `${register}?limit=1`)));
  const classes = { team: team.items[0].id, category: category.items[0].id, impact: 'low', urgency: 'low' };
  const { number } = await made(person, 'incidents', { title, symptoms: title, ...classes });
  await made(person, `incidents/${number}/take`, {});
  return number;
}

/** Sends the form of the page that holds a field. */
async function send(page, field) {
  const form = page.locator('main form.form').filter({ has: page.locator(`[name="${field}"]`) }).first();
  await form.locator('.form-foot button').first().click();
}

journey('prb_01_prb_02_prb_11_a_problem_is_opened_from_incidents_and_they_end_with_it', { role: 'manager', limit: 180_000 }, async (manager) => {
  const { page } = manager;
  await manager.go('/incidents');
  const title = `Tills freeze ${Date.now()}`;
  const [one, other] = [await incident(manager, title), await incident(manager, `${title} too`)];
  // From the record, by its menu.
  await manager.go(`/incidents/${one}`);
  await page.locator('[popovertarget="more"]').click();
  await page.locator('#more').getByText('Open a problem from it').click();
  await page.waitForURL(/\/problems\/new/);
  assert.equal(await page.locator('[name="title"]').inputValue(), title, 'it says what the incident says');
  assert.ok((await page.locator('main').innerText()).includes(`Opened from ${one}`));
  await manager.expectAccessible();
  await send(page, 'title');
  await page.waitForURL(/\/problems\/PRB-\d+/);
  const problem = page.url().match(/PRB-\d+/)[0];
  await made(manager, `incidents/${other}/links`, { relation: 'caused_by', to: problem });
  for (const number of [one, other]) await made(manager, `incidents/${number}/hold`, { hold_reason: 'problem' });
  // Looked for, with a log of what was found.
  const { items } = await asked(manager, 'people?limit=1');
  await made(manager, `problems/${problem}/assess`, { owner: items[0].id });
  await made(manager, `problems/${problem}/investigate`, {});
  await manager.go(`/problems/${problem}/log`);
  await page.locator('[name="hypothesis"]').fill('The tills wait for a printer that is gone.');
  await page.locator('[name="outcome"]').selectOption('confirmed');
  await send(page, 'hypothesis');
  await page.waitForURL(new RegExp(`/problems/${problem}$`));
  await manager.go(`/problems/${problem}/investigation`);
  assert.ok((await page.locator('#findings').innerText()).includes('printer that is gone'));
  await manager.expectAccessible();
  // It ends, and of those that wait for it the chosen one.
  await manager.go(`/problems/${problem}/resolve`);
  const box = (number) => page.locator(`input[name="follower"][value="${number}"]`);
  assert.ok((await box(one).isChecked()) && (await box(other).isChecked()), 'all of them, until somebody chooses');
  await box(other).uncheck();
  await page.locator('[name="closure_code"]').selectOption('fixed');
  await page.locator('[name="resolution"]').fill('The printer is out of the list.');
  await page.locator('[name="root_cause"]').fill('A printer that is gone.');
  await page.locator('[name="fix_verified"]').check();
  await manager.expectAccessible();
  await send(page, 'closure_code');
  await page.waitForURL(new RegExp(`/problems/${problem}$`));
  assert.equal((await asked(manager, `incidents/${one}`)).state, 'resolved');
  assert.equal((await asked(manager, `incidents/${other}`)).state, 'on_hold', 'by choice');
});

journey('tables_that_a_section_pictures_stand_there_and_not_in_the_rail_too', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  await manager.go('/problems');
  const { number } = await made(manager, 'problems', {
    title: `Pictured once ${Date.now()}`,
    whys: [{ answer: 'The queue was full.' }],
    causes: [{ bone: 'machine', cause: 'The disk is old.', verdict: 'open' }],
  });
  await manager.go(`/problems/${number}`);
  assert.equal(await page.locator('.rail').getByText('The queue was full.').count(), 0);
  await page.locator('.rail .card-rows').waitFor({ state: 'detached' });
  await manager.go(`/problems/${number}/investigation`);
  assert.equal(await page.getByText('The queue was full.').count(), 1);
  await manager.go(`/problems/${number}/edit`);
  await page.locator('[name="whys.0.answer"]').waitFor();
});
