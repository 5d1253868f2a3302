// What has to hold of every menu, of every chart, and for people who see fewer colours or want no movement.
import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { journey } from '../harness/journey.mjs';
import { startEmptyServer } from '../harness/server.mjs';

/** A record that somebody works on, as its number. */
async function busy(person) {
  const answer = await person.context.request.get('/api/v1/incidents?filter=state = "in_progress"&limit=1');
  return (await answer.json()).items[0].number;
}

/** Opens each menu of the page in turn and looks at it open. */
async function expectMenusAccessible(person, path) {
  const { page } = person;
  await person.go(path);
  const menus = await page.locator('button[popovertarget]').filter({ visible: true }).evaluateAll((all) => [
    ...new Set(all.map((button) => button.getAttribute('popovertarget'))),
  ]);
  for (const id of menus) {
    await page.locator(`button[popovertarget="${id}"]`).filter({ visible: true }).first().click();
    await page.locator(`[id="${id}"]:popover-open`).waitFor();
    await person.expectAccessibleHere(`${id} open`);
    await page.keyboard.press('Escape');
    await page.locator(`[id="${id}"]:not(:popover-open)`).waitFor({ state: 'attached' });
  }
  return menus.length;
}

for (const size of ['desktop', 'phone']) {
  for (const theme of ['light', 'dark']) {
    journey(`a_01_open_menus_are_accessible_on_a_${size}_in_${theme}`, { role: 'agent', size, theme }, async (agent) => {
      let seen = 0;
      for (const path of [`/incidents/${await busy(agent)}`, '/incidents', '/inbox', '/portal']) {
        seen += await expectMenusAccessible(agent, path);
      }
      assert.ok(seen > 3, `only ${seen} menus were there`);
    });
  }
}

journey('a_01_the_palette_and_the_sheet_of_shortcuts_are_accessible_while_open', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const [key, what] of [['Control+k', 'the palette'], ['?', 'the shortcuts']]) {
      await agent.go('/incidents');
      await page.keyboard.press(key);
      await page.locator('dialog[open], :popover-open').first().waitFor();
      await agent.expectAccessibleHere(`${what} open`);
    }
  }
});

/** How the element is told from others: everything that is painted around its words. */
const marks = (element) => {
  const of = (pseudo) => {
    const { backgroundColor, borderInlineStart, borderBlockEnd, outline, color, boxShadow, content } = getComputedStyle(element, pseudo);
    return [backgroundColor, borderInlineStart, borderBlockEnd, outline, color, boxShadow, content].join('|');
  };
  return [of(null), of('::before'), of('::after')].join('\n');
};

journey('a_08_with_forced_colours_selection_focus_and_state_are_still_seen', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  await page.emulateMedia({ forcedColors: 'active' });
  await agent.go(`/incidents/${await busy(agent)}`);
  const open = page.locator('.ticket-line:has([aria-current])').first();
  const other = page.locator('.ticket-line:not(:has([aria-current]))').first();
  const whole = async (line) => [await line.evaluate(marks), await line.locator('a').first().evaluate(marks)].join('\n');
  assert.notEqual(await whole(open), await whole(other), 'the open record is told from the others');
  const link = other.locator('a').first();
  await page.keyboard.press('Tab');
  await link.focus();
  const { style, width } = await link.evaluate((each) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return { style: outlineStyle, width: parseFloat(outlineWidth) };
  });
  assert.ok(style !== 'none' && width >= 2, `focus is outlined: ${style} ${width}`);
  const pill = page.locator('.pill').filter({ visible: true }).first();
  const edge = await pill.evaluate((each) => getComputedStyle(each).outlineStyle);
  assert.notEqual(edge, 'none', 'a state has an edge');
  assert.ok((await pill.innerText()).trim(), 'a state is a word');
});

journey('a_11_every_chart_says_what_its_table_says', { role: 'manager' }, async (manager) => {
  const { page } = manager;
  await manager.go('/reports');
  const places = await page.locator('a[href^="/reports/"]').evaluateAll((all) => [...new Set(all.map((a) => a.pathname))]);
  let compared = 0;
  for (const path of ['/reports', ...places.filter((path) => !/schedule|\/records$/.test(path))]) {
    if ((await page.request.get(path)).headers()['content-type']?.startsWith('text/html') !== true) continue;
    await manager.go(path);
    const charts = await page.locator('figure:has(svg[role="img"])').evaluateAll((all) =>
      all.map((figure) => {
        const table = figure.querySelector('table');
        const text = (cell) => cell.textContent.trim();
        const columns = [...table.querySelectorAll('thead th')].map(text);
        const cells = [...table.querySelectorAll('tbody tr')].flatMap((row) => {
          const label = text(row.querySelector('th'));
          return [...row.querySelectorAll('td')].map((cell, at) => [`${label}, ${columns[at]}`, label, text(cell)]);
        });
        const drawn = [...figure.querySelectorAll('svg[role="img"] title')].map((title) => {
          const words = title.textContent.trim();
          const at = words.lastIndexOf(': ');
          return [words.slice(0, at), words.slice(at + 2)];
        });
        return { cells, drawn };
      }),
    );
    for (const { cells, drawn } of charts) {
      for (const [name, value] of drawn) {
        const cell = cells.find(([both, label]) => both === name || label === name);
        assert.equal(cell?.[2], value, `${name} on ${path}`);
      }
      // What is nothing is not drawn; everything else is.
      for (const [both, label, value] of cells.filter(([, , value]) => /[1-9]/.test(value))) {
        assert.ok(drawn.some(([name]) => name === both || name === label), `${both}: ${value} is drawn on ${path}`);
      }
      compared += drawn.length;
    }
  }
  assert.ok(compared > 10, `only ${compared} marks were compared`);
});

/** What a page fetches: the address of each answer with the bytes that came over the wire. */
async function fetched(person) {
  const session = await person.context.newCDPSession(person.page);
  await session.send('Network.enable');
  const [addresses, sizes] = [new Map(), new Map()];
  session.on('Network.requestWillBeSent', ({ requestId, request }) => addresses.set(requestId, new URL(request.url).pathname));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const address = addresses.get(requestId);
    // What is fetched anew because something happens meanwhile is not what it takes to open a page.
    if (!sizes.has(address)) sizes.set(address, encodedDataLength);
  });
  const clear = () => (addresses.clear(), sizes.clear());
  return { session, sizes, clear, asked: () => [...addresses.values()], kb: () => [...sizes.values()].reduce((sum, size) => sum + size, 0) / 1024 };
}

journey('d_01_the_first_view_of_an_agent_comes_in_110_KB_and_12_requests', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  const net = await fetched(agent);
  for (const path of ['/incidents', `/incidents/${await busy(agent)}`]) {
    await net.session.send('Network.clearBrowserCache');
    net.clear();
    await page.goto(path, { waitUntil: 'load' });
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(1000);
    assert.ok(net.kb() <= 110, `${path}: ${net.kb().toFixed(1)} KB: ${JSON.stringify([...net.sizes])}`);
    assert.ok(net.sizes.size <= 12, `${path}: ${[...net.sizes.keys()]}`);
  }
});

// What a navigation and a live event cost, in what a machine that is busy counts the same: requests and bytes.
journey('d_02_a_warm_navigation_and_a_live_event_fetch_one_page_each_and_nothing_else', { role: 'agent' }, async (agent, open) => {
  const { page } = agent;
  const colleague = await open({ role: 'manager' });
  await agent.go('/incidents');
  const rows = page.locator('a.ticket');
  await rows.nth(1).click();
  await page.locator('#composer').waitFor();
  const net = await fetched(agent);
  const number = await page.locator('a.ticket').nth(2).evaluate((row) => row.id.replace('row-', ''));
  await page.locator(`#row-${number}`).click();
  await page.locator(`#composer[data-draft="${number}"]`).waitFor();
  await page.waitForTimeout(500);
  const pages = () => net.asked().filter((path) => !/^\/live|favicon/.test(path));
  const beside = () => pages().filter((path) => path.endsWith('/suggestions'));
  assert.deepEqual(pages().filter((path) => !beside().includes(path)), [`/incidents/${number}`], 'everything else is there already');
  assert.ok(beside().length <= 1, 'what stands beside it comes once');
  assert.ok(net.kb() <= 25, `a record comes in ${net.kb().toFixed(1)} KB`);
  net.clear();
  await colleague.go(`/incidents/${number}`);
  const data = { body: 'The line is up again.', internal: true };
  const headers = { origin: new URL(colleague.page.url()).origin };
  const said = await colleague.context.request.post(`/api/v1/incidents/${number}/comments`, { data, headers });
  assert.ok(said.ok(), await said.text());
  await page.locator('#timeline').getByText(data.body).waitFor();
  await page.waitForTimeout(500);
  assert.deepEqual(new Set(pages()), new Set([`/incidents/${number}`]), 'what stands beside it is not asked for again');
  assert.ok(pages().length <= 2, `the news of one note fetch the page ${pages().length} times`);
});

/** Goes on by a link without a hand on it, as what moves after a click is thought to be asked for. */
async function follow(page, selector) {
  await page.evaluate(() => (window.unrest = { shift: 0, task: 0 }));
  const loaded = page.evaluate(() => new Promise((done) => document.addEventListener('turbo:load', done, { once: true })));
  await page.locator(selector).first().evaluate((link) => link.click());
  await loaded;
  await page.evaluate(() => document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))));
  return page.evaluate(() => ({ ...window.unrest, moving: document.getAnimations().length }));
}

journey('d_03_from_page_to_page_nothing_shifts_and_no_script_keeps_anybody_waiting', { role: 'agent' }, async (agent) => {
  const { page } = agent;
  await agent.go('/incidents');
  await page.evaluate(() => (window.stayed = true));
  const ways = ['#rows a.ticket', '.tabs a[href*="/tasks"]', '.tabs a[href*="/history"]', '.crumbs a[rel="next"]', ...['/inbox', '/my-work', '/today', '/reports', '/incidents'].map((path) => `nav.side a[href="${path}"]`)];
  const tasks = new Map();
  // A machine that is busy with something else makes one long task now and then; a page makes it every time.
  for (let round = 0; round < 2; round += 1) {
    for (const way of ways) {
      const { shift, task, moving } = await follow(page, way);
      assert.ok(shift < 0.05, `${way} shifts the page by ${shift}`);
      assert.equal(moving, 0, `${way} ends in something that moves`);
      tasks.set(way, Math.min(tasks.get(way) ?? Infinity, task));
    }
  }
  assert.equal(await page.evaluate(() => window.stayed), true, 'all of it on one page');
  for (const [way, task] of tasks) assert.ok(task <= 200, `${way} keeps the window busy for ${task} ms`);
});

/** Writes over the database of an installation, so that whatever is read from it fails. */
function spoil(folder) {
  for (const file of readdirSync(folder).filter((name) => name.startsWith('mainstay.db'))) {
    const path = join(folder, file);
    writeFileSync(path, Buffer.alloc(statSync(path).size, 'x'), { flag: 'r+' });
  }
}

journey('c_10_a_failure_of_the_server_says_so_with_a_reference_and_leads_on', {}, async (_, open) => {
  const server = open.ends(await startEmptyServer());
  const ada = await open({ url: server.url });
  const { page } = ada;
  await ada.go(server.setUp);
  const person = { name: 'Ada', email: 'ada@demo.example', password: 'plum otter brass' };
  for (const [name, value] of Object.entries(person)) await page.locator(`[name="${name}"]`).fill(value);
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.waitForURL((url) => url.pathname === '/admin/start');
  await ada.go('/incidents');
  ada.expectFault(/status of 500|ERR_|Failed to/);
  spoil(server.data);
  await ada.go('/incidents', 500);
  const words = await page.locator('main').innerText();
  assert.match(words, /Something went wrong/);
  assert.match(words, /[0-9a-f]{12}/, 'a reference that the log knows');
  assert.doesNotMatch(words, /sql|malformed|database disk/i, 'and nothing of the cause');
  const again = page.locator('main').getByRole('link', { name: 'Try again' });
  assert.equal(await again.getAttribute('href'), '/incidents', 'the same page once more');
  assert.ok((await page.locator('main a, main button').count()) > 1, 'and a way on');
  await ada.expectAccessible();
  await ada.expectNoSidewaysScroll();
});

journey('a_02_the_targets_of_a_what_if_read_whole_on_a_phone', { role: 'admin', size: 'phone' }, async (admin) => {
  const { items } = await (await admin.context.request.get('/api/v1/service-levels?limit=1')).json();
  await admin.go(`/admin/what-if/${items[0].id}?from=2025-01-01`);
  const box = admin.page.locator('.field-rows').first();
  assert.ok(await box.evaluate((each) => each.scrollWidth <= each.clientWidth), 'nothing lies beside the window');
  const words = await box.locator('select').evaluateAll((all) =>
    all.map((each) => {
      const pen = document.createElement('canvas').getContext('2d');
      pen.font = getComputedStyle(each).font;
      return each.clientWidth - pen.measureText(each.selectedOptions[0].textContent).width;
    }),
  );
  assert.ok(words.length > 0 && Math.min(...words) > 30, `units are cut off: ${Math.min(...words)}`);
});
