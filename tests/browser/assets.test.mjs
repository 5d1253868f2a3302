// What is owned and what may be used: last days on the pages of incidents, positions of licences, what lies idle.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

journey('sac_20_the_form_and_the_page_of_an_incident_say_that_a_warranty_is_over', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const filter = encodeURIComponent('title = "vpn-gw-lon-01"');
  const [{ number }] = (await asked(agent, `configuration-items?filter=${filter}&limit=1`)).items;
  await agent.go('/incidents/new');
  await page.getByRole('combobox', { name: 'Item that it is about' }).fill(number);
  await page.locator('#field-item\\.0').press('Tab');
  const notice = page.getByRole('group', { name: 'Warranty and support' });
  await notice.waitFor();
  assert.match(await notice.innerText(), /Its warranty ended on/);
  await agent.expectAccessible();
  const headers = { origin: new URL(page.url()).origin };
  const post = async (path, data) => {
    const answer = await page.context().request.post(`/api/v1/${path}`, { data, headers });
    assert.ok(answer.ok(), await answer.text());
    return answer.json();
  };
  const incident = await post('incidents', { title: 'The gateway restarts', symptoms: 'Every hour.' });
  await post(`incidents/${incident.number}/links`, { relation: 'affects', to: number });
  await agent.go(`/incidents/${incident.number}`);
  const above = page.locator('.banner').filter({ hasText: 'Its warranty ended on' });
  await above.waitFor();
  await above.getByRole('link', { name: 'Look at it' }).click();
  await page.waitForURL(`**/configuration-items/${number}`);
  await agent.expectAccessible();
});

journey('sac_16_positions_of_licences_are_read_on_a_phone', { role: 'manager', size: 'phone' }, async (manager) => {
  const { page } = manager;
  await manager.go('/licences');
  await page.getByRole('link', { name: 'Positions' }).click();
  await page.waitForURL('**/licences/positions');
  const { items } = await asked(manager, 'licences/positions');
  const shown = await page.locator('main').innerText();
  for (const each of items) assert.ok(shown.includes(each.product), each.product);
  const short = items.find((each) => each.position < 0);
  assert.ok(shown.includes(`−${-short.position} missing`), shown);
  await manager.expectAccessible();
  await page.getByRole('link', { name: short.product }).click();
  await page.waitForURL(/\/position$/);
  assert.ok((await page.locator('main').innerText()).includes(`−${-short.position} missing`));
  await manager.expectAccessible();
});

journey('sac_18_what_nobody_uses_is_a_list_with_what_it_cost', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  const { items: views } = await asked(manager, 'views?limit=200');
  const view = views.find((each) => each.name === 'Not used for 90 days');
  await manager.go(`/it-assets?view=${view.id}&show=table`);
  const text = await page.locator('main').innerText();
  assert.ok(text.includes('AutoCAD, seat 1') && text.includes('1,900') && !text.includes('AutoCAD, seat 2'), text);
  await manager.expectAccessible();
});
