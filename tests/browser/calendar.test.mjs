// The calendar of changes: conflicts in each form of it, moving by keyboard and by dragging, and a phone.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

async function made(person, path, data) {
  const headers = { origin: new URL(person.page.url()).origin };
  const answer = await person.context.request.post(`/api/v1/${path}`, { data, headers });
  assert.ok(answer.ok(), `${path}: ${await answer.text()}`);
  return answer.json();
}

async function asked(person, path) {
  return (await person.context.request.get(`/api/v1/${path}`)).json();
}

/** Two drafts on one service that meet on a day far from all others; the second begins half an hour later. */
async function two(person, day) {
  await person.go('/changes/calendar');
  const [{ id: service }] = (await asked(person, 'services?limit=1')).items;
  const at = (hour) => `${day}T${hour}:00Z`;
  const plan = (title, from, until) =>
    made(person, 'changes', { title, type: 'minor', service, planned_start: at(from), planned_end: at(until) });
  const [one, other] = [await plan(`First ${day}`, '10:00', '12:00'), await plan(`Second ${day}`, '10:30', '12:30')];
  // What has left its draft has to be looked at by whoever meets it.
  const owner = (await asked(person, 'me')).id;
  for (const { number } of [one, other]) await made(person, `changes/${number}/submit`, { why: 'It drops.', service, impact: 'low', urgency: 'low', owner });
  return [one.number, other.number];
}

journey('chg_13_chg_14_conflicts_show_in_the_calendar_and_a_move_by_keyboard_clears_them', { role: 'manager', limit: 180_000 }, async (manager) => {
  const [one] = await two(manager, '2031-03-05');
  await manager.go('/changes/calendar?day=2031-03-05&zone=UTC');
  const { page } = manager;
  await page.locator('.cal-grid .cal-conflict', { hasText: 'First' }).waitFor();
  await manager.expectAccessible();
  // Everything by keyboard: the record, the form, another day, and back to the calendar.
  await page.locator('.cal-grid .cal-event', { hasText: 'First' }).focus();
  await page.keyboard.press('Enter');
  const side = page.locator('.cal-side');
  await side.getByText('Both affect the service').waitFor();
  await manager.expectAccessible();
  await side.getByRole('link', { name: 'Move to…' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/move/);
  await manager.expectAccessible();
  await page.getByLabel('Planned start').fill('2031-03-06T14:00');
  await page.getByLabel('Planned end').fill('2031-03-06T16:00');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/changes\/calendar/);
  await page.getByText('Nothing stands in its way.').waitFor();
  assert.equal(await page.locator('.cal-grid .cal-conflict').count(), 0, 'both are free');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.waitForURL(new RegExp(`/changes/${one}`));
  assert.ok((await asked(manager, `changes/${one}`)).planned_start.startsWith('2031-03-05T10:00'), 'taken back');
});

journey('chg_14_what_is_dragged_moves_with_its_length', { role: 'manager', limit: 180_000 }, async (manager) => {
  const [one] = await two(manager, '2031-04-09');
  await manager.go('/changes/calendar?day=2031-04-09&zone=UTC');
  const { page } = manager;
  const from = page.locator('.cal-grid .cal-event', { hasText: 'First' });
  const to = page.locator('.cal-day', { has: page.locator('.cal-date', { hasText: '10' }) }).locator('.cal-slots');
  await from.scrollIntoViewIfNeeded();
  const box = await to.boundingBox();
  await from.dragTo(to, { sourcePosition: { x: 12, y: 6 }, targetPosition: { x: box.width / 2, y: (box.height * 28) / 48 + 6 } });
  await page.getByText('Nothing stands in its way.').waitFor();
  const moved = await asked(manager, `changes/${one}`);
  assert.equal(moved.planned_start.slice(0, 16), '2031-04-10T14:00');
  assert.equal(moved.planned_end.slice(0, 16), '2031-04-10T16:00');
});

journey('chg_13_on_a_phone_the_calendar_is_a_list', { role: 'manager', size: 'phone', limit: 180_000 }, async (manager) => {
  await two(manager, '2031-05-07');
  await manager.go('/changes/calendar?day=2031-05-07&zone=UTC');
  const { page } = manager;
  assert.equal(await page.locator('.cal-grid').isVisible(), false);
  await page.locator('.cal-item', { hasText: 'First 2031-05-07' }).waitFor();
  await manager.expectAccessible();
});
