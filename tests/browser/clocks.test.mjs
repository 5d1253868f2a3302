// Targets that count down in the browser: by themselves, without the server, and only while the service is open.
import assert from 'node:assert/strict';
import { asked, opened, sent, SOON } from '../harness/desk.mjs';
import { journey } from '../harness/journey.mjs';

const MINUTE_MS = 60_000;

/** Minutes of a text such as `1h 13m`. */
function minutes(text) {
  const [, days, hours, left] = /(?:(\d+)d ?)?(?:(\d+)h ?)?(?:(\d+)m)?/.exec(text);
  return Number(days ?? 0) * 1440 + Number(hours ?? 0) * 60 + Number(left ?? 0);
}

/** The first clock of the record's rail for a target, as its words. */
const chip = (person, name) => person.page.locator('.rail .sla-row', { hasText: name }).locator('[data-left]');

/** Time passes in the page, and nowhere else. */
const pass = (person, by) => person.page.clock.fastForward(by * MINUTE_MS);

journey('b_11_a_target_ticks_without_the_network_and_says_when_it_is_breached', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const number = await opened(agent, 'Ticking', { impact: 'high', urgency: 'high', service: { label: 'Payments' } });
  await page.clock.install();
  await agent.go(`/incidents/${number}`);
  const left = chip(agent, 'Resolution');
  const before = minutes(await left.innerText());
  assert.ok(before > 110 && before <= 120, `two hours are left: ${before}`);
  await agent.context.setOffline(true);
  // What is fetched meanwhile cannot be.
  agent.expectFault(/ERR_INTERNET_DISCONNECTED|Failed to (fetch|load)|NetworkError/);
  await pass(agent, 45);
  await page.waitForFunction(([was]) => !document.querySelector('.rail').innerText.includes(was), [`${Math.floor(before / 60)}h ${before % 60}m`], SOON);
  const after = minutes(await left.innerText());
  assert.ok(Math.abs(before - after - 45) <= 1, `${before} minutes, and 45 later ${after}`);
  await pass(agent, after + 12);
  await page.locator('.rail .sla-row', { hasText: 'Resolution' }).getByText(/^Breached 1[123]m$/).waitFor(SOON);
  assert.ok(await left.evaluate((each) => each.closest('.sla, .pill').classList.contains('ink-red')), 'in the colour of it');
  await agent.context.setOffline(false);
});

/** A zone in which it is about noon, so that the day has hours before and after. */
function zoneAtNoon(now) {
  const ahead = 12 - now.getUTCHours();
  // What is east of Greenwich has a minus in these names.
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const DAY_MS = 1440 * MINUTE_MS;

journey('b_11_nights_and_holidays_are_in_a_target_before_it_ticks', { role: 'admin' }, async (admin) => {
  const { page } = admin;
  await admin.go('/admin');
  const now = new Date();
  const word = `Noon ${now.getTime()}`;
  // Open until one, closed tomorrow: of two hours at least one is left for the day after.
  const calendar = await sent(admin, 'POST', 'calendars', {
    name: word,
    zone: zoneAtNoon(now),
    hours: DAYS.map((day) => ({ day, from: '09:00', to: '13:00' })),
    holidays: [{ date: new Date(now.getTime() + DAY_MS + (12 - now.getUTCHours()) * 60 * MINUTE_MS).toISOString().slice(0, 10), name: 'Feast' }],
  });
  const targets = [{ metric: 'response', amount: 1, unit: 'hours' }, { metric: 'resolution', amount: 2, unit: 'hours' }];
  const level = await sent(admin, 'POST', 'service-levels', { name: word, process: 'incident', position: 1, condition: `title contains "${word}"`, calendar: calendar.id, targets });
  try {
    const number = await opened(admin, `${word}: over a feast`, { impact: 'low', urgency: 'low' });
    const { clocks } = await asked(admin, `incidents/${number}`);
    const due = Date.parse(clocks.find(({ metric }) => metric === 'resolution').due);
    assert.ok(due - now > 1.5 * DAY_MS && due - now < 2 * DAY_MS, `tomorrow is no day: ${new Date(due).toISOString()}`);
    await page.clock.install();
    await admin.go(`/incidents/${number}`);
    const left = chip(admin, 'Resolution');
    assert.match(await left.innerText(), /^1d/);
    await pass(admin, Math.floor((due - Date.now()) / MINUTE_MS) - 30);
    assert.ok([29, 30, 31].includes(minutes(await left.innerText())), `half an hour before it is due: ${await left.innerText()}`);
    await pass(admin, 40);
    assert.match(await left.innerText(), /^Breached (9|10|11)m$/);
  } finally {
    for (const [register, { id }] of [['service-levels', level], ['calendars', calendar]]) {
      const { version } = await asked(admin, `${register}/${id}`);
      await sent(admin, 'PATCH', `${register}/${id}`, { active: false }, { 'if-match': `"${version}"` });
    }
  }
});

/** The night in which clocks go back: 2:00 to 3:00 comes twice. */
const NIGHT = Date.UTC(2026, 9, 25, 0, 30);

journey('b_11_the_hour_that_comes_twice_counts_twice', { role: 'agent', zone: 'Europe/Berlin' }, async (agent) => {
  const { page } = agent;
  await page.clock.install({ time: NIGHT });
  await agent.go('/incidents');
  const words = await page.evaluate(
    (now) => {
      const clock = document.createElement('sla-clock');
      for (const [name, value] of Object.entries({ left: 4 * 3_600_000, 'as-of': now, breached: 'Breached {time}' })) clock.setAttribute(name, value);
      clock.innerHTML = '<span class="sla"><span data-left>4h</span></span>';
      document.querySelector('main').append(clock);
      return [new Date(now).getHours(), new Date(now + 2 * 3_600_000).getHours()];
    },
    NIGHT,
  );
  assert.deepEqual(words, [2, 3], 'on the wall one hour passes while two do');
  await pass(agent, 120);
  const left = minutes(await page.locator('sla-clock').last().locator('[data-left]').innerText());
  assert.ok(left === 120 || left === 119, `two of four hours are left: ${left}`);
});
