// A change from its draft to the approval on a phone, and what voids it.
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

const ANSWERS = [
  { question: 'How often was it done here before?', answer: 'A few times' },
  { question: 'Can it be backed out?', answer: 'Yes, and that was tested' },
  { question: 'Who notices while it is carried out?', answer: 'Some people' },
];

let planned = 0;

/** What the assessment of a change says; each is planned on a day of its own, far from all that others plan. */
function assessed() {
  planned += 1;
  const at = (hour) => new Date(Date.UTC(2032, 0, 9 + planned, hour)).toISOString();
  return {
    benefit: 'Fewer calls.', risk_answers: ANSWERS, risks: 'None known.', consequences: 'Ten minutes.', effort: 4, feasibility: 'Tried.', cost: 0,
    capacity: 'None', availability: 'Ten minutes', continuity: 'None', security: 'None', other_changes: 'None', plan: 'Swap the boxes.',
    test_plan: 'Connect once.', planned_start: at(10), planned_end: at(15), back_out: 'Swap them back.', point_of_no_return: 'None',
    back_out_tested: true,
  };
}

/** A significant change that waits for the board. */
async function waiting(agent, manager, title) {
  const [{ id: service }] = (await asked(agent, 'services?limit=1')).items;
  const owner = (await asked(agent, 'me')).id;
  const { number } = await made(agent, 'changes', { title, type: 'significant' });
  await made(agent, `changes/${number}/submit`, { why: 'It drops.', service, impact: 'low', urgency: 'low', owner });
  await made(manager, `changes/${number}/assess`, {});
  await made(manager, `changes/${number}/request_approval`, assessed());
  return number;
}

journey('gen_16_chg_25_an_approver_approves_on_a_phone_in_two_taps', { role: 'approver', size: 'phone', limit: 180_000 }, async (approver, open) => {
  const [agent, manager] = [await open({ role: 'agent' }), await open({ role: 'manager' })];
  await agent.go('/');
  await manager.go('/');
  const title = `New core switch ${Date.now()}`;
  const number = await waiting(agent, manager, title);
  await approver.go('/portal/notices');
  await approver.page.getByRole('link', { name: `${number}: your approval is asked for` }).click();
  await approver.page.waitForURL(new RegExp(`/approvals/${number}$`));
  assert.ok((await approver.page.locator('main').innerText()).includes('Swap the boxes.'), 'it says what is to be approved');
  await approver.expectAccessible();
  await approver.page.getByRole('button', { name: 'Approve' }).click();
  await approver.page.waitForURL(/\/approvals$/);
  assert.ok((await approver.page.locator('body').innerText()).includes(`You approved ${number}.`));
  const voices = (await asked(manager, `changes/${number}/approvals`)).items[0].parts.flatMap((part) => part.approvals);
  assert.ok(voices.some(({ state, voter }) => state === 'granted' && voter.name === 'Diego Vidal'));
});

journey('gen_17_chg_17_a_change_of_plan_voids_approvals_where_everybody_sees_it', { role: 'manager', limit: 180_000 }, async (manager, open) => {
  const [agent, approver] = [await open({ role: 'agent' }), await open({ role: 'approver' })];
  for (const person of [manager, agent, approver]) await person.go('/');
  const number = await waiting(agent, manager, `New edge router ${Date.now()}`);
  // The manager's own voice, from the record.
  await manager.go(`/changes/${number}`);
  await manager.page.getByRole('link', { name: 'Approve…' }).click();
  await manager.page.getByRole('button', { name: 'Approve' }).click();
  await manager.page.waitForURL(/\/approvals$/);
  await manager.go(`/changes/${number}/approvals`);
  assert.ok((await manager.page.locator('main').innerText()).includes('Change advisory board'));
  await manager.expectAccessible();
  // Another plan is another matter.
  const { version } = await asked(manager, `changes/${number}`);
  const headers = { origin: new URL(manager.page.url()).origin, 'if-match': `"${version}"` };
  const edited = await manager.context.request.patch(`/api/v1/changes/${number}`, { data: { plan: 'Swap one box only.' }, headers });
  assert.equal(edited.status(), 200, await edited.text());
  await manager.go(`/changes/${number}/approvals`);
  const words = await manager.page.locator('main').innerText();
  assert.ok(words.includes('Void') && words.includes('Asked for'), words);
  await manager.go(`/changes/${number}/history`);
  assert.ok((await manager.page.locator('main').innerText()).includes('Changed: Plan'), 'the history says why');
});

journey('chg_04_the_risk_of_a_change_is_told_with_its_reasons_and_follows_the_answers', { role: 'agent', limit: 180_000 }, async (agent) => {
  await agent.go('/');
  const services = (await asked(agent, 'services?limit=100')).items;
  const service = services.find(({ criticality }) => criticality === 'critical');
  const { number } = await made(agent, 'changes', { title: `New certificate store ${Date.now()}`, type: 'minor', service: service.id });
  await agent.go(`/changes/${number}/risk`);
  const main = agent.page.locator('main');
  assert.match(await main.innerText(), /It touches \d+ items? or services? of critical importance\./);
  await agent.expectAccessible();
  for (const answer of ['Never', 'Only in part, or not at all', 'Many people']) await agent.page.getByLabel(answer, { exact: true }).check();
  await agent.page.getByRole('button', { name: 'Save the answers' }).click();
  await agent.page.getByRole('heading', { name: 'Risk High' }).waitFor();
  const words = await main.innerText();
  assert.ok(words.includes('How often was it done here before? Never'), words);
  const { risk, risk_points: points } = await asked(agent, `changes/${number}`);
  assert.equal(risk, 'high');
  assert.ok(points >= 85, `${points} points`);
});

journey('chg_06_gen_16_a_chair_holds_a_meeting_and_a_member_votes_on_a_phone', { role: 'manager', limit: 240_000 }, async (manager, open) => {
  const [agent, approver] = [await open({ role: 'agent' }), await open({ role: 'approver', size: 'phone' })];
  for (const person of [manager, agent, approver]) await person.go('/');
  const title = `New voice gateway ${Date.now()}`;
  const number = await waiting(agent, manager, title);
  // A board of its own, whose agenda holds this change alone.
  const team = (await asked(manager, 'teams?limit=100')).items.find(({ key }) => key === 'cab').id;
  const name = `Board of ${title}`;
  await made(manager, 'boards', { name, process: 'change', team, chair: (await asked(manager, 'me')).id, condition: `title = "${title}"` });
  const { page } = manager;
  await manager.go('/meetings');
  await page.getByText('Plan a meeting', { exact: true }).click();
  await page.getByLabel('Board', { exact: false }).selectOption({ label: name });
  await page.getByLabel('Starts').fill('2033-05-04T10:00');
  await manager.expectAccessible();
  await page.getByRole('button', { name: 'Plan the meeting' }).click();
  await page.waitForURL(/\/meetings\/\d+$/);
  const place = new URL(page.url()).pathname;
  assert.ok((await page.locator('main').innerText()).includes(number), 'the rule brings it on the agenda');
  await page.getByRole('button', { name: 'Begin the meeting' }).click();
  const now = page.locator('.meeting-now');
  await now.waitFor();
  const words = await page.locator('main').innerText();
  for (const part of ['Swap the boxes.', 'Swap them back.', 'Because of the answers', 'Conflicts', '0 of 3 approve, 2 are needed']) assert.ok(words.includes(part), `${part}: ${words}`);
  await now.getByText('No quorum').waitFor();
  await manager.expectAccessible();
  // A member votes from a phone; the chair sees it without doing anything.
  await approver.go(place);
  assert.ok((await approver.page.locator('main').innerText()).includes('Swap the boxes.'));
  await approver.expectAccessible();
  await approver.page.getByRole('button', { name: 'Approve' }).click();
  await approver.page.getByText('You approved it.').waitFor();
  await now.getByText('1 of 3 approve, 2 are needed').waitFor();
  await now.getByRole('button', { name: 'Decide by the votes' }).click();
  await page.getByText('No quorum: 1 of 3 have approved it, and 2 are needed.').waitFor();
  await now.getByLabel('Note').fill('The vendor is not heard yet.');
  await now.getByRole('button', { name: 'Postpone it' }).click();
  await page.getByText('The decision is kept.').waitFor();
  await page.getByRole('button', { name: 'End the meeting' }).click();
  await page.getByRole('heading', { name: 'Minutes' }).waitFor();
  await manager.expectAccessible();
  // The member’s page has followed, and the change has its minutes.
  await approver.page.getByRole('heading', { name: 'Minutes' }).waitFor();
  await approver.expectAccessible();
  await manager.go(`/changes/${number}`);
  const told = await page.locator('main').innerText();
  assert.ok(told.includes('Decision of the board: Postponed') && told.includes('The vendor is not heard yet.'), told);
});

journey('chg_23_c_09_a_manager_sees_which_items_are_touched_more_than_before_and_which_changes_did_it', { role: 'manager', limit: 120_000 }, async (manager, open) => {
  await manager.go('/');
  const name = `Trend gateway ${Date.now()}`;
  const kind = (await asked(manager, 'item-classes?limit=100')).items.find(({ name }) => name === 'Server').id;
  const { number: item } = await made(manager, 'configuration-items', { title: name, class: kind });
  const changes = [];
  for (const title of ['Renew its certificate', 'Move it']) {
    const { number } = await made(manager, 'changes', { title: `${title}: ${name}`, type: 'minor' });
    await made(manager, `changes/${number}/links`, { relation: 'affects', to: item });
    changes.push(number);
  }
  const { page } = manager;
  await manager.go('/reports');
  await page.locator('a[href^="/reports/changes/trends"]').first().click();
  await page.getByRole('heading', { name: 'Trends', level: 1 }).waitFor();
  await page.locator('main select[name="by"]').selectOption({ label: 'Configuration item' });
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL(/by=affects/);
  const row = page.locator('main table.table').last().locator('tr', { hasText: name });
  await row.waitFor();
  const words = await row.innerText();
  assert.match(words, /Opened before:\s*0/);
  assert.match(words, /2 more than before/);
  assert.match(await page.locator('main').innerText(), /, against \d/);
  await manager.expectAccessible();
  const phone = await open({ role: 'manager', size: 'phone' });
  await phone.go(new URL(page.url()).pathname + new URL(page.url()).search);
  await phone.page.locator('main table.table').last().locator('tr', { hasText: name }).getByText('2 more than before').waitFor();
  await phone.expectAccessible();
  await row.getByRole('link', { name: /^2/ }).first().click();
  await page.waitForURL(/\/records\?/);
  const behind = await page.locator('main table tbody tr').allInnerTexts();
  assert.equal(behind.length, 2, behind.join('; '));
  for (const number of changes) assert.ok(behind.some((text) => text.includes(number)), `${number} in ${behind}`);
  await manager.expectAccessible();
  // Month by month it is a line, each month against the one before it.
  await manager.go('/reports/changes/trends?by=month');
  await page.getByText('Opened before').first().waitFor();
  await manager.expectAccessible();
});
