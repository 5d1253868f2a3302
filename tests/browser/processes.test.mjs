// Every process of the tables in the hands of staff: opened, edited, moved on, talked about, with a file and a related
// record, and on paper. Nothing here knows which processes there are.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';
import { textOf } from '../harness/pdf.mjs';

const SOON = { timeout: 8_000 };

async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

/** Fills what a form needs and does not hold yet: with the first choice, or with words. */
async function fillNeeded(form) {
  for (const field of await form.locator('[required]').all()) {
    if (!(await field.isVisible()) || (await field.inputValue().catch(() => 'chosen'))) continue;
    const tag = await field.evaluate((each) => each.tagName);
    if (tag === 'SELECT') await field.selectOption({ index: 1 });
    else if ((await field.getAttribute('type')) === 'number') await field.fill('1');
    else await field.fill('As the table asks');
  }
}

async function opened(person, { plural }, title, place = `/${plural}/new`) {
  await person.go(place);
  const form = person.page.locator('main form:has([name="title"])');
  await form.locator('[name="title"]').fill(title);
  // A normal change has a way of its own; one without a type has none.
  const type = form.locator('select[name="type"]');
  if (await type.count()) await type.selectOption('minor');
  await fillNeeded(form);
  await form.locator('button.btn-primary').click();
  await person.page.waitForURL(new RegExp(`/${plural}/[A-Z]+-\\d+`));
  return new URL(person.page.url()).pathname.split('/').at(-1);
}

/** One that can be moved on: where one by itself cannot, it is opened from a record of another process, in `earlier`. */
async function movable(person, process, title, earlier) {
  const number = await opened(person, process, title);
  if (await person.page.locator('[popovertarget="status"]').count()) return number;
  for (const place of earlier) {
    await person.go(place);
    const way = person.page.locator(`a[href^="/${process.plural}/new?from="]`).first();
    if (await way.count()) return opened(person, process, title, await way.getAttribute('href'));
  }
  return assert.fail(`nothing can be done with a new ${process.key}`);
}

/** Takes the first step of the menu of states, with whatever its form asks for. */
async function movedOn(person, plural, number) {
  const { state } = await asked(person, `${plural}/${number}`);
  await person.go(`/${plural}/${number}`);
  await person.page.locator('[popovertarget="status"]').click();
  const step = person.page.locator('#status').locator('form button, a').first();
  const asks = await step.evaluate((each) => each.matches('a'));
  await step.click();
  if (asks) {
    await person.page.waitForURL(new RegExp(`/${plural}/${number}/\\w+`), SOON);
    const form = person.page.locator('main form.form').first();
    await fillNeeded(form);
    await form.locator('button.btn-primary').click();
    // One of several answers may be enough, which no mark at a single one says: a condition is words, too.
    const wanting = person.page.locator('main form.form [aria-invalid="true"]').first();
    await Promise.race([wanting.waitFor(SOON), person.page.locator('#toasts .toast').first().waitFor(SOON)]).catch(() => {});
    if (await wanting.isVisible()) {
      await wanting.fill('title contains "core-sw"');
      await person.page.locator('main form.form button.btn-primary').first().click();
    }
  }
  await person.page.waitForURL(new RegExp(`/${plural}/${number}(\\?|$)`), SOON).catch(async () => {
    assert.fail(`${person.page.url()} says: ${await person.page.locator('main').innerText()}`);
  });
  await person.page.locator('#toasts .toast').first().waitFor(SOON);
  assert.notEqual((await asked(person, `${plural}/${number}`)).state, state, `${number} has moved on`);
}

journey('c_08_every_process_is_opened_edited_moved_on_talked_about_related_and_printed', { role: 'agent', limit: 480_000 }, async (desk, open) => {
  const manager = await open({ role: 'manager' });
  await desk.go('/');
  const { processes } = await asked(desk, 'me');
  assert.ok(processes.length > 0, 'there are processes');
  const earlier = [];
  // What lacks an answer is refused first.
  for (const person of [desk, manager]) person.expectFault(/status of 422/);
  for (const process of processes) {
    const { plural, key } = process;
    // Whoever may open records of it goes the whole way.
    const may = (await desk.context.request.get(`/${plural}/new`)).status() === 200;
    const agent = may ? desk : manager;
    const { page } = agent;
    const other = await opened(agent, process, `The other ${key}`);
    const number = await movable(agent, process, `A ${key} of the tables`, earlier);
    earlier.push(`/${plural}/${number}`);
    await agent.expectAccessible();

    // Edited on its form.
    await agent.go(`/${plural}/${number}/edit`);
    const edit = page.locator('main form:has([name="title"])').first();
    await edit.locator('[name="title"]').fill(`A ${key}, edited`);
    await edit.locator('button.btn-primary').click();
    await page.waitForURL(new RegExp(`/${plural}/${number}(\\?|$)`), SOON);
    assert.equal((await asked(agent, `${plural}/${number}`)).title, `A ${key}, edited`);

    await movedOn(agent, plural, number);

    // Talked about, with a file.
    await agent.go(`/${plural}/${number}`);
    await page.locator('#composer input[value="note"]').check({ force: true });
    await page.locator('#composer-body').fill('Seen by the one test for all');
    await page.locator('#composer input[type="file"]').first().setInputFiles({ name: 'seen.txt', mimeType: 'text/plain', buffer: Buffer.from('seen') });
    await page.locator('#composer').getByText('seen.txt').first().waitFor(SOON);
    await page.locator('#composer .split > button[type="submit"]').click();
    await page.locator('#timeline').getByText('Seen by the one test for all').waitFor(SOON);
    await page.locator('#timeline').getByText('seen.txt').first().waitFor(SOON);

    // Related to another.
    await agent.go(`/${plural}/${number}/related`);
    const link = page.locator('#add-link');
    await link.locator('input:not([type="hidden"])').first().fill(other);
    await link.locator('button[type="submit"]').first().click();
    await page.locator('main').getByText(`The other ${key}`).first().waitFor(SOON);

    // On paper.
    await agent.go(`/${plural}/${number}`);
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send('Page.printToPDF', { preferCSSPageSize: true, generateTaggedPDF: true });
    const paper = textOf(Buffer.from(data, 'base64'));
    for (const words of [`A ${key}, edited`, 'Seen by the one test for all']) {
      assert.ok(paper.includes(words.replace(/\s+/g, '')), `${words} in ${paper.slice(0, 400)}`);
    }
  }
});
