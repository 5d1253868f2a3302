// What items were at an instant, beside what they are now.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

async function compared(person, themes) {
  const { page } = person;
  const answer = await person.context.request.get('/api/v1/baselines?limit=200');
  assert.equal(answer.status(), 200);
  const baseline = (await answer.json()).items.find(({ title }) => title === 'Core switches before EOS 4.32');
  await person.go(`/baselines/${baseline.number}/items`);
  await page.getByRole('heading', { name: /As they stood on/ }).waitFor();
  await person.expectAccessible();
  await person.go(`/baselines/${baseline.number}/comparison`);
  await page.getByRole('heading', { name: /to the present/ }).waitFor();
  const shown = await page.locator('main').innerText();
  assert.match(shown, /London DC1, cage 3/);
  assert.match(shown, /Its uplinks were doubled/);
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme });
    await person.expectAccessible();
  }
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save the differences as CSV' }).click();
  assert.equal((await saved).suggestedFilename(), `comparison-${baseline.number}.csv`);
}

journey('sac_07_differences_from_a_baseline_are_read_at_a_desk', { role: 'manager' }, (manager) => compared(manager, ['light', 'dark']));

journey('sac_07_differences_from_a_baseline_are_read_on_a_phone', { role: 'manager', size: 'phone' }, (manager) => compared(manager, ['light', 'dark']));
