// What has to hold of every menu, of every chart, and for people who see fewer colours or want no movement.
import assert from 'node:assert/strict';
import { journey } from '../harness/journey.mjs';

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
  for (const path of ['/reports', ...places.filter((path) => !path.includes('schedule'))]) {
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
