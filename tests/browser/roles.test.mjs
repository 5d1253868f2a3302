// Every page that a role may open, as that role sees it: what is offered differs by role, and so do the faults. The
// roles and addresses come from tests/stories/page_matrix.csv; pages.test.mjs has looked at some of them already.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { asked } from '../harness/desk.mjs';
import { journey } from '../harness/journey.mjs';

const [heads, ...lines] = readFileSync('tests/stories/page_matrix.csv', 'utf8').trim().split('\n').map((line) => line.split(','));

/** Role of the demo: its column in the matrix, and what pages.test.mjs has looked at as this role. */
const ROLES = {
  requester: ['requester', /^\/portal/],
  agent: ['agent', /^\/(incidents|inbox|my-work|today|search|shortcuts|me\b)/],
  approver: ['approver', /^$/],
  manager: ['manager', /^\/reports/],
  auditor: ['auditor', /^$/],
  customer: ['representative', /^\/portal/],
  vendor: ['vendor', /^$/],
  admin: ['admin', /^\/admin/],
};

/** What is no page, or is one only after something was done. */
const NO_PAGES = /^\/(live|palette|pick|exports|files|set-up|sign-in|invitation|password)\b|\/export$|\/apply$|\/records$/;
const STEPS = /\/\{number\}\/(?!(tasks|related|history|details|edit|sent)$)/;
/** One register stands for all of them: its list and its form are the same code for everybody. */
const REGISTERS = /^\/admin\/(?!(people|audit|exports|permissions|start|demo)\b)[^/]+(\/new)?$/;

/** The newest record of each process that somebody sees, by the plural of the process. */
async function newest(person) {
  const found = {};
  for (const { plural } of (await asked(person, 'me')).processes) {
    const answer = await person.context.request.get(`/api/v1/${plural}?limit=1&sort=-number&fields=number`);
    found[plural] = answer.ok() ? (await answer.json()).items[0]?.number : undefined;
  }
  return found;
}

/** An address for a template, or nothing where it names what this person has not got. */
function address(template, numbers) {
  const [, first] = template.split('/');
  const known = { number: first in numbers ? numbers[first] : numbers.incidents, plural: 'incidents', key: 'volume', part: 'tasks' };
  const path = template.replaceAll(/\{(\w+)\}/g, (whole, name) => known[name] ?? whole);
  return path.includes('{') ? undefined : path;
}

for (const [role, [column, seen]] of Object.entries(ROLES)) {
  journey(`a_01_every_page_of_the_${role}_is_accessible_in_both_themes`, { role, limit: 300_000 }, async (person) => {
    await person.go('/me');
    const at = heads.indexOf(column);
    const numbers = await newest(person);
    const templates = lines.filter((line) => line[1] === 'GET' && line[at] === '200').map(([path]) => path);
    const wanted = templates.filter((path) => ![seen, NO_PAGES, STEPS, REGISTERS].some((pattern) => pattern.test(path)));
    const places = [...new Set(wanted.map((path) => address(path, numbers)).filter(Boolean))];
    assert.ok(places.length > 0, `${role} has pages of their own`);
    for (const path of places) {
      await person.go(path);
      await person.expectAccessibleInBothThemes();
    }
  });
}
