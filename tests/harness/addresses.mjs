// The addresses of the pages as the demo fills them, by who looks at them. tests/stories/page_matrix.csv holds every
// address there is; one that nobody here looks at fails the suite.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** What the API answers the person. */
async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  assert.equal(answer.status(), 200, `GET /api/v1/${path}`);
  return answer.json();
}

/** The newest record of each state that the person sees, by state. */
async function byState(person, plural = 'incidents') {
  const { items } = await asked(person, `${plural}?limit=200&sort=-number&fields=state`);
  return Object.fromEntries(items.reverse().map(({ state, number }) => [state, number]));
}

/** The newest one or two records that something can be done to, whatever the demo's hour: open ones, if there are any. */
async function openOnes(person, plural) {
  for (const phases of ['0', '1, 2']) {
    const { items } = await asked(person, `${plural}?limit=2&sort=-number&filter=phase+in+(${phases})`);
    if (items.length > 0) return items;
  }
  return assert.fail(`no ${plural} are there`);
}

/** The first record in work whose targets run, and one of its clocks. */
async function clockOf(person) {
  const { items } = await asked(person, 'incidents?filter=state = "in_progress"&limit=50');
  for (const { number } of items) {
    const [clock] = (await asked(person, `incidents/${number}/clocks`)).items;
    if (clock) return `/incidents/${number}/clocks/${clock.id}`;
  }
  return assert.fail('an incident in work has a target');
}

/** Addresses below `beginning` that the page there links to. */
async function linked(person, beginning) {
  await person.go(beginning);
  const links = person.page.locator(`a[href^="${beginning}/"]`);
  const paths = await links.evaluateAll((all) => all.map((link) => link.pathname));
  return [...new Set(paths)];
}

/** Each address but those whose last part another one had before. */
function oneOfEach(paths) {
  const seen = new Set();
  return paths.filter((path) => {
    const last = path.split('/').at(-1);
    return !seen.has(last) && seen.add(last);
  });
}

async function ofRecords(person, place, tabs) {
  const states = await byState(person);
  const records = Object.values(states).map((number) => `${place}/${number}`);
  const busy = `${place}/${states.in_progress}`;
  const below = [];
  for (const record of records) below.push(...(await linked(person, record)));
  const steps = oneOfEach(below).filter((path) => !tabs.includes(path.split('/').at(-1)));
  return [...records, ...tabs.map((tab) => `${busy}/${tab}`), ...steps];
}

/** Takes the person from those who watch a record, so that watching it is something to do. */
async function unwatched(person, plural, number) {
  const { id } = await asked(person, 'me');
  const headers = { origin: new URL(person.page.url()).origin };
  const answer = await person.context.request.delete(`/api/v1/${plural}/${number}/watchers/${id}`, { headers });
  assert.ok([200, 204, 404].includes(answer.status()), await answer.text());
}

/** Something done to one record that is there and one that is not: the page that says what came of it. */
async function bulkRun(person, number) {
  await unwatched(person, 'incidents', number);
  await person.go(`/incidents/bulk?do=watch&n=${number}&n=INC-9999999`);
  await person.page.locator('main button[name="_go"]').click();
  await person.page.waitForURL(/\/bulk\/\d+$/);
  return new URL(person.page.url()).pathname;
}

/** A task of a record that is worked on, and time that the person writes down there, on their own pages. */
async function ofWorkOn(person) {
  const { in_progress: number } = await byState(person);
  await person.go('/incidents');
  const headers = { origin: new URL(person.page.url()).origin };
  const made = async (part, data) => {
    const answer = await person.context.request.post(`/api/v1/incidents/${number}/${part}`, { data, headers });
    assert.equal(answer.status(), 201, await answer.text());
    return `/incidents/${number}/${part}/${(await answer.json()).id}`;
  };
  const first = await made('tasks', { title: 'Ask on site' });
  const waits_for = [Number(first.split('/').at(-1))];
  const said = await made('comments', { body: 'The cable is new.', internal: true });
  return [`${said}/split`, first, await made('tasks', { title: 'Write it down', waits_for }), await made('time', { minutes: 45, note: 'On the phone' })];
}

/** A record as it stood when its history was looked at. */
async function asOf(person, record) {
  await person.go(`${record}/history`);
  return `${record}/as-of?at=${await person.page.locator('main [name="at"]').inputValue()}`;
}

/** The sections of a record's page that not every process has. */
async function ownSections(person, record) {
  const hrefs = await person.page.locator('main nav.tabs a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  const keys = hrefs.map((href) => href.split('?')[0].slice(record.length + 1));
  return keys.filter((key) => key && !['tasks', 'related', 'details', 'history'].includes(key));
}

/** The queue, the records and the forms of a process that people come to beside the first one. */
async function ofOther(person, { key, plural }) {
  const states = await byState(person, plural);
  const records = Object.values(states).map((number) => `/${plural}/${number}`);
  const all = new Set();
  for (const record of records) for (const path of await linked(person, record)) all.add(path);
  const items = await openOnes(person, plural);
  const chosen = items.map(({ number }) => `n=${number}`).join('&');
  await unwatched(person, plural, items[0].number);
  await person.go(`/${plural}/bulk?do=watch&${chosen}&n=${items[0].number.replace(/\d+/, '9999999')}`);
  await person.page.locator('main button[name="_go"]').click();
  await person.page.waitForURL(/\/bulk\/\d+$/);
  const run = new URL(person.page.url()).pathname;
  const [{ number: open }] = items;
  const own = await person.go(`/${plural}/${open}`).then(() => ownSections(person, `/${plural}/${open}`));
  const sections = ['tasks', 'related', ...own, 'history', 'details', 'edit', 'legal-hold'].map((tab) => `/${plural}/${open}/${tab}`);
  sections.push(await asOf(person, `/${plural}/${open}`));
  return [
    `/${plural}`,
    `/${plural}?show=table`,
    `/${plural}/filter`,
    `/${plural}/views`,
    `/${plural}/bulk?${chosen}`,
    `/${plural}/new`,
    `/${plural}/export/schedule`,
    await macroOf(person, key, `/${plural}/${open}`),
    run,
    ...records,
    ...new Set([...sections, ...oneOfEach([...all])]),
    ...(await ofWorkBelow(person, plural, items[0].number)),
  ];
}

/** Something to do at one click on records of a process, on the page of one of them. */
async function macroOf(person, process, place) {
  const headers = { origin: new URL(person.page.url()).origin };
  const data = { name: 'Say that it is looked into', process, body: 'We look into it.' };
  const made = await person.context.request.post('/api/v1/macros', { data, headers });
  assert.equal(made.status(), 201, await made.text());
  return `${place}/macros/${(await made.json()).id}`;
}

/** A task, time and words of a record, each with its page. */
async function ofWorkBelow(person, plural, number) {
  const headers = { origin: new URL(person.page.url()).origin };
  const made = async (part, data) => {
    const answer = await person.context.request.post(`/api/v1/${plural}/${number}/${part}`, { data, headers });
    assert.equal(answer.status(), 201, await answer.text());
    return `/${plural}/${number}/${part}/${(await answer.json()).id}`;
  };
  const words = await made('comments', { body: 'The cable is new.', internal: true });
  return [`${words}/split`, await made('tasks', { title: 'Ask on site' }), await made('time', { minutes: 45, note: 'On the phone' })];
}

async function ofOthers(person) {
  const { processes } = await asked(person, 'me');
  const all = [];
  for (const process of processes.slice(1)) all.push(...(await ofOther(person, process)));
  const { items } = await asked(person, 'incidents?limit=2');
  const opened = processes.slice(1).filter(({ key }) => key === 'problem');
  const ways = ['', '?as=day', '?as=month', '?as=timeline', '?as=agenda'].map((way) => `/changes/calendar${way}`);
  const planned = (await asked(person, 'changes?limit=1&filter=planned_start is not empty and phase = 0')).items[0].number;
  all.push(...ways, `/changes/calendar?open=${planned}`, `/changes/${planned}/conflicts`, `/changes/${planned}/move`);
  return [...all, '/problems/candidates', '/configuration-items/sources', '/configuration-items/discrepancies', '/licences/positions', `/incidents/${items[0].number}/legal-hold`, ...opened.map(({ plural }) => `/${plural}/new?${items.map(({ number }) => `from=${number}`).join('&')}`)];
}

async function ofQueue(person) {
  const work = await ofWorkOn(person);
  const { items } = await asked(person, 'views');
  const busy = await openOnes(person, 'incidents');
  const open = busy.map(({ number }) => `n=${number}`).join('&');
  const narrowed = encodeURIComponent('title contains "no such words"');
  return [
    '/',
    '/incidents',
    '/incidents?show=table',
    '/incidents?filter=',
    '/incidents?sort=due',
    `/incidents?view=${items[0].id}`,
    `/incidents?view=${items[0].id}&show=table`,
    `/incidents?filter=${narrowed}`,
    '/incidents/filter',
    `/incidents/filter?filter=${narrowed}`,
    `/incidents/filter?lines=2&f.0=state&f.1=opened&g.1=1`,
    '/incidents?show=table&group=state&density=compact&columns=number,title,assignee',
    '/incidents?group=assignee',
    '/incidents/views?filter=priority+%3C%3D+2',
    '/incidents/bulk',
    `/incidents/bulk?${open}`,
    `/incidents/bulk?do=step%3Aresolve&${open}`,
    await bulkRun(person, busy[0].number),
    '/incidents/new',
    '/search',
    '/search?q=printer',
    '/search?q=nosuchword',
    ...work,
    await asOf(person, `/incidents/${busy[0].number}`),
    ...(await ofRecords(person, '/incidents', ['tasks', 'related', 'similar', 'history', 'details', 'edit'])),
  ];
}

async function ofReports(person) {
  const { items } = await asked(person, 'reports');
  const all = items.map(({ key }) => `/reports/incidents/${key}`);
  const behind = await linked(person, all[0]);
  const records = await person.page.locator('a[href*="/records?"]').first().getAttribute('href');
  assert.ok(behind.length > 0 && records, 'figures lead to their records');
  const [first] = all;
  return ['/reports', '/reports?team=mine', ...all, `${first}/filter?filter=priority+%3C%3D+2`, `${first}/export/schedule?by=team`, records];
}

const OWN = ['/me', '/me/security', '/me/deputy', '/me/calendar', '/approvals'];
const OF_STAFF = ['/me/notices', '/me/shortcuts', '/shortcuts'];

/** An export that is made regularly, with a file of it, and the form that begins one. */
async function ofExports(person) {
  await person.go('/me/exports');
  const headers = { origin: new URL(person.page.url()).origin };
  const post = (path, data) => person.context.request.post(`/api/v1/${path}`, { data, headers });
  const data = { process: 'incident', name: 'Open work', format: 'csv', every: 'monday', time: '07:30', filter: 'phase = 0' };
  const begun = await post('export-schedules', data);
  assert.equal(begun.status(), 201, await begun.text());
  await post(`export-schedules/${(await begun.json()).id}/run`, {});
  for (let tries = 0; tries < 50 && (await asked(person, 'exports')).items.length === 0; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.ok((await asked(person, 'exports')).items.length > 0, 'the file is made within ten seconds');
  return ['/me/exports', '/incidents/export/schedule?filter=phase+%3D+0'];
}

async function ofWork(person) {
  const { items } = await asked(person, 'notices?state=open');
  const [{ id }] = items;
  const parts = ['tasks', 'drafts', 'watched'].map((part) => `/my-work/${part}`);
  const inbox = ['/inbox', '/inbox?show=done', '/inbox?kind=mention', `/inbox/${id}/snooze`];
  return ['/my-work', ...parts, '/today', '/today?team=all', ...inbox, ...OF_STAFF, ...(await ofExports(person))];
}

/** A rule of the door that changes nothing for anybody, as the demo has none to look at. */
async function harmlessRule(person) {
  const { items } = await asked(person, 'sign-in-rules');
  if (items.length > 0) return;
  await person.go('/admin');
  const headers = { origin: new URL(person.page.url()).origin };
  const data = { name: 'No shorter than always', shortest: 8 };
  const made = await person.context.request.post('/api/v1/sign-in-rules', { data, headers });
  assert.equal(made.status(), 201, await made.text());
}

async function ofRegisters(person) {
  const all = [];
  await harmlessRule(person);
  const registers = await linked(person, '/admin');
  for (const register of registers.filter((path) => !/\/(audit|exports|permissions|start|demo)$/.test(path))) {
    all.push(register, `${register}/new`);
    const entry = (await linked(person, register)).find((path) => /\/\d+$/.test(path));
    if (entry) all.push(entry, `${entry}/history`, `${entry}/uses`);
  }
  return all;
}

/** Who is the same person, and what merging two people would do. */
export async function ofMerging(person) {
  const { items } = await asked(person, 'people?limit=200');
  const busy = items.find(({ grants, teams, organisation }) => grants.length > 0 && teams.length > 0 && organisation);
  const like = items.find(({ id, organisation }) => id !== busy.id && organisation?.id === busy.organisation.id);
  return [`/admin/merge/${like.id}`, `/admin/merge/${like.id}?other=${busy.id}`];
}

async function ofAdministration(person) {
  const { items } = await asked(person, 'people?limit=1');
  const [{ id }] = items;
  const first = async (register) => (await asked(person, `${register}?limit=1`)).items[0].id;
  const planning = [`${await clockOf(person)}/exclude`, `/admin/holidays/${await first('calendars')}`, `/admin/what-if/${await first('service-levels')}?from=2025-01-01`];
  return [...planning, '/admin', '/admin/start', '/admin/demo', '/admin/audit', '/admin/audit?area=roles&what=created', '/admin/exports', '/admin/permissions', `/admin/permissions/${await first('roles')}`, `/admin/access/${id}`, `/admin/tokens/${id}`, ...(await ofMerging(person))];
}

async function ofPortal(person) {
  return [
    '/portal',
    '/portal/report/incidents',
    '/portal/requests',
    '/portal/search?q=printer',
    '/portal/search?q=nosuchword',
    '/portal/notices',
    '/portal/troubles',
    '/portal/planned',
    ...(await ofRecords(person, '/portal/requests', ['sent'])),
  ];
}

/** What waits for the person's approval. */
/** The meetings, and one of them: this needs somebody who plans it. */
async function ofMeetings(person) {
  await person.go('/meetings');
  const board = (await asked(person, 'boards')).items[0].id;
  const headers = { origin: new URL(person.page.url()).origin };
  const data = { board, starts: new Date(Date.UTC(2034, 0, 1) + (Date.now() % 1_000_000_000)).toISOString() };
  const answer = await person.context.request.post('/api/v1/meetings', { data, headers });
  return ['/meetings', `/meetings/${(await answer.json()).id}`];
}

async function ofApprovals(person) {
  const { items } = await asked(person, 'me/approvals');
  assert.ok(items.length > 0, 'something waits');
  return ['/approvals', `/approvals/${items[0].number}`];
}

/** Who looks at what: [words, role, addresses]. */
export const TABLES = [
  ['the queue and its records', 'agent', ofQueue],
  ['the queues and records of other processes', 'manager', ofOthers],
  ['what is to be done', 'agent', ofWork],
  ['the reports', 'manager', ofReports],
  ['the registers', 'admin', ofRegisters],
  ['the administration', 'admin', ofAdministration],
  ['the portal', 'requester', ofPortal],
  ['the portal of a customer', 'customer', ofPortal],
  ['what waits for an approval', 'approver', ofApprovals],
  ['the meetings of boards', 'manager', ofMeetings],
  ['one’s own pages for staff', 'auditor', async () => ['/', ...OWN]],
  ['one’s own pages in the portal', 'vendor', async () => ['/portal', '/portal/requests?which=work', '/portal/requests?which=worked', ...OWN]],
];

/** What an address of the pages is looked at by something else than a table, and why. */
const ELSEWHERE = [
  /^\/(sign-in|set-up|invitation|password)/, // ways in, by journeys of their own
  /^\/palette|\/suggestions(\/|$)/, // parts of a page, with journeys of their own
  /^\/calendar\//, // a file for calendar programs, with a story of its own
  /^\/live$/, // a stream, with journeys of its own
  /^\/(files|pick|exports)\/|\/export$|\/filter\/apply$/, // files, suggestions and redirects are no pages
];

/** The addresses of pages that nothing in `visited` (paths) is an example of. */
export function unvisited(visited) {
  const lines = readFileSync('tests/stories/page_matrix.csv', 'utf8').trim().split('\n').slice(1);
  const pages = lines.map((line) => line.split(',')).filter(([, method]) => method === 'GET').map(([path]) => path);
  // The pages of all steps are one page.
  const steps = /^(\/[\w-]+\/\{number\}|\/portal\/requests\/\{number\}\/steps)\/(?!tasks$|related$|similar$|suggestions$|history$|details$|edit$|legal-hold$)[^/]+$/;
  const wanted = new Set(pages.map((path) => path.replace(steps, '$1/{verb}')));
  const isLike = (template) => {
    const parts = template.replaceAll(/\{\w+\}/g, '[^/]+');
    return visited.some((path) => new RegExp(`^${parts}$`).test(path));
  };
  return [...wanted].filter((path) => !ELSEWHERE.some((other) => other.test(path)) && !isLike(path));
}
