// What is on a page can be come to: by the Tab key alone, and with letters twice as large. Fingers on a narrow phone
// are tried on every page there is, in pages.test.mjs.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

/** A record that somebody works on, as its number. */
async function busy(person) {
  const answer = await person.context.request.get('/api/v1/incidents?filter=state = "in_progress"&limit=1');
  return (await answer.json()).items[0].number;
}

async function ofDesk(agent) {
  const record = `/incidents/${await busy(agent)}`;
  const parts = ['', '/tasks', '/related', '/history', '/edit', '/resolve'].map((part) => record + part);
  return [...parts, '/incidents', '/incidents?show=table', '/incidents/filter', '/inbox', '/my-work', '/today', '/me/shortcuts', '/search?q=printer'];
}

const ofLeads = () => ['/reports', '/reports/incidents/volume', '/today?team=all'];
const ofAdministration = () => ['/admin', '/admin/people', '/admin/service-levels/new', '/admin/permissions', '/admin/audit'];
const ofPortal = async (person) => ['/portal', '/portal/report/incidents', '/portal/requests', `/portal/requests/${await busy(person)}`, '/me', '/me/security'];

for (const [role, places] of [['agent', ofDesk], ['manager', ofLeads], ['admin', ofAdministration], ['requester', ofPortal]]) {
  journey(`a_03_every_stop_of_the_tab_key_is_in_sight_and_outlined_for_the_${role}`, { role }, async (person) => {
    for (const path of await places(person)) {
      await person.go(path);
      await person.page.keyboard.press('Tab');
      const first = await person.page.evaluate(() => document.activeElement?.textContent?.trim());
      assert.equal(first, 'Skip to content', path);
      await person.expectTabStopsSeen();
    }
  });

  journey(`a_02_letters_of_twice_the_size_leave_every_control_in_reach_of_the_${role}`, { role }, async (person) => {
    for (const path of await places(person)) {
      await person.go(path);
      await person.page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
      assert.deepEqual(await person.outOfReach(), [], path);
    }
  });
}
