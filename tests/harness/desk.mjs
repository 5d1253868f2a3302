// What people do at the desk, for journeys that are about what comes of it.
import assert from 'node:assert/strict';

export const SOON = { timeout: 8_000 };

/** The person's API, with the session of the browser. */
export async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, `GET /api/v1/${path}`);
  return answer.json();
}

/** Sends something to the person's API. */
export async function sent(person, method, path, data, more = {}) {
  const headers = { origin: new URL(person.page.url()).origin, ...more };
  const answer = await person.context.request.fetch(`/api/v1/${path}`, { method, data, headers });
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
}

/** A record in the given state that the person sees, as its number. */
export async function oneIn(person, state) {
  const { items } = await asked(person, `incidents?filter=${encodeURIComponent(`state = "${state}"`)}&limit=1`);
  return items[0].number;
}

/** Fills the fields of the page's form by name: text, choices by value or by their words, boxes. */
export async function fill(page, values) {
  for (const [name, value] of Object.entries(values)) {
    const control = page.locator(`main [name="${name}"]:not([type="hidden"])`).first();
    const kind = await control.evaluate((each) => (['radio', 'checkbox'].includes(each.type) ? each.type : each.tagName.toLowerCase()));
    if (kind === 'radio') await page.locator(`main [name="${name}"][value="${value}"]`).check();
    else if (kind === 'checkbox') await control.check();
    else if (kind === 'select') await control.selectOption(value);
    else await control.fill(value);
  }
}

/** Opens a record by the form that everybody has; answers its number. */
export async function opened(person, title, more = {}) {
  await person.go('/incidents/new');
  await fill(person.page, { title, ...more });
  await person.page.locator('main form button.btn-primary').last().click();
  await person.page.waitForURL(/INC-\d+/);
  return person.page.url().match(/INC-\d+/)[0];
}

/** What a record needs before somebody may take it. */
export const SORTED = { team: { label: 'Service Desk' }, category: { label: 'Software' }, impact: 'low', urgency: 'low' };

/** Opens a record and takes it by the button in its head. */
export async function begun(person, title, more = {}) {
  const number = await opened(person, title, { ...SORTED, ...more });
  await person.page.locator('.record-head').getByRole('button', { name: 'Take', exact: true }).click();
  await person.page.locator('.record-marks').getByText('In progress').waitFor(SOON);
  return number;
}

/** Sends the form of the step that is open, whatever the browser thinks of it. */
export async function sendAnyway(person) {
  await person.page.locator('main form.form[method="post"]').first().evaluate((form) => {
    form.noValidate = true;
    form.requestSubmit();
  });
  await person.page.locator('.error-summary').first().waitFor(SOON);
}

/** Answers what the form of an open step asks, takes the step, and comes back to the record. */
export async function take(person, values) {
  await fill(person.page, values);
  await person.page.locator('main form.form button.btn-primary').last().click();
  await person.page.locator('#toasts .toast').first().waitFor(SOON);
}

/** Chooses a line of one of the record's menus. */
export async function fromMenu(person, menu, name) {
  await person.page.locator(`[popovertarget="${menu}"]`).click();
  const line = person.page.locator(`#${menu}`).getByText(name);
  await line.click();
}

/** Opens a property in the rail and chooses an option; waits until it is kept. */
export async function choose(person, key, value) {
  const kept = person.page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().includes('/edit'));
  await person.page.locator(`.rail #property-${key} button.property`).click();
  await person.page.locator(`#edit-${key} select`).selectOption(value);
  assert.ok((await kept).status() < 400, `${key} is kept`);
}

/** How a record was solved, as the form asks. */
export const SOLVED = { resolution_code: 'fixed', resolution: 'A fuse was changed.', closing_category: { label: 'Software' }, restored: '2025-06-02T09:00' };

/** Takes the record to resolved by its form. */
export async function solved(person, number) {
  await person.go(`/incidents/${number}/resolve`);
  await take(person, SOLVED);
  await person.page.locator('.record-marks').getByText('Resolved').waitFor(SOON);
}
