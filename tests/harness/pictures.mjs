// The screens that pictures are taken of: [name, role, address, what is done there before the picture].
// An address may be a function of the person who looks; a step is done anew for every picture.

async function asked(person, path) {
  const answer = await person.context.request.get(`/api/v1/${path}`);
  if (!answer.ok()) throw new Error(`GET /api/v1/${path}: ${answer.status()}`);
  return answer.json();
}

async function sent(person, path, data) {
  if (person.page.url() === 'about:blank') await person.go('/me');
  const headers = { origin: new URL(person.page.url()).origin };
  const answer = await person.context.request.post(`/api/v1/${path}`, { data, headers });
  if (!answer.ok()) throw new Error(`POST /api/v1/${path}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
}

/** The number of a record in a state, among those the person sees. */
async function record(person, state) {
  const filter = encodeURIComponent(`state = "${state}"`);
  const found = await asked(person, `incidents?filter=${filter}&limit=1`);
  // Which states a person of the demo has something in is chance.
  return (found.items[0] ?? (await asked(person, 'incidents?limit=1')).items[0]).number;
}

const busy = (person) => record(person, 'in_progress');
const busyAt = (part) => async (person) => `/incidents/${await busy(person)}${part}`;
const requestAt = (state, part = '') => async (person) => `/portal/requests/${await record(person, state)}${part}`;

const entry = (register, rest = '', place = `/admin/${register}`) => async (person) => {
  const { items } = await asked(person, `${register}?limit=200`);
  const best = items.find((each) => each.condition || each.filter || each.fields) ?? items[0];
  return best ? `${place}/${best.id}${rest}` : `/admin/${register}/new`;
};

const person = (email, place, rest = '') => async (admin) => {
  const { items } = await asked(admin, 'people?limit=200');
  return `${place}/${items.find((each) => each.email === `${email}@demo.example`).id}${rest}`;
};

/** Something that is made once, whoever asks for it again. */
const once = (make) => {
  let made;
  return (person) => (made ??= make(person));
};

/** Begins a report, so that its later steps can be looked at; answers its address. */
const begun = once(async (person) => {
  const place = '/portal/report/incidents';
  await person.go(place);
  const { page } = person;
  await page.locator('[name="title"]').fill('I cannot pay');
  await page.locator('[name="symptoms"]').fill('The card reader says no since lunch.');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/step=2/);
  await page.locator('[name="answer.urgency"][value="medium"]').check();
  await page.locator('[name="answer.impact"][value="low"]').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/step=3/);
  return place;
});

/** Tasks that wait for each other, and time written down, on a record; answers its address. */
const worked = once(async (person) => {
  const place = `incidents/${await busy(person)}`;
  const first = await sent(person, `${place}/tasks`, { title: 'Swap the power supply on site' });
  const second = await sent(person, `${place}/tasks`, { title: 'Tell the store manager', waits_for: [first.id] });
  const time = await sent(person, `${place}/time`, { minutes: 45, note: 'On the phone with the carrier' });
  const { id } = (await asked(person, `${place}/comments`)).items[0];
  return { record: `/${place}`, task: `/${place}/tasks/${second.id}`, time: `/${place}/time/${time.id}`, split: `/${place}/comments/${id}/split` };
});
const workedAt = (part, rest = '') => async (person) => `${(await worked(person))[part]}${rest}`;

const scheduled = once(async (person) => {
  const data = { process: 'incident', name: 'Open work', format: 'csv', every: 'monday', time: '07:30', filter: 'phase = 0' };
  const { id } = await sent(person, 'export-schedules', data);
  await sent(person, `export-schedules/${id}/run`, {});
});

/** Two records, as a bulk change names them. */
async function some(person) {
  const { items } = await asked(person, 'incidents?limit=5&sort=-number');
  return items.map(({ number }) => `n=${number}`).join('&');
}

const bulkDone = once(async (person) => {
  await person.go(`/incidents/bulk?do=watch&${await some(person)}&n=INC-9999999`);
  await person.page.locator('main button[name="_go"]').click();
  await person.page.waitForURL(/\/bulk\/\d+$/);
  return new URL(person.page.url()).pathname;
});

const press = (selector) => async (page) => {
  await page.locator(selector).filter({ visible: true }).first().click();
  await page.locator(':popover-open, dialog[open]').first().waitFor();
};
const key = (name) => async (page) => {
  await page.locator('main').first().waitFor();
  await page.waitForTimeout(300);
  await page.keyboard.press(name);
  await page.locator(':popover-open, dialog[open]').first().waitFor();
};

/** A field of one's own with a condition, half made. */
async function halfMade(page) {
  await page.locator('[name="process"]').selectOption('incident');
  await page.locator('[name="name"]').fill('Which till');
  await page.locator('[name="field"]').fill('which_till');
  await page.locator('[name="kind"]').selectOption('text');
  await page.locator('[name="help"]').fill('The number on its front.');
  await page.locator('[name="condition.f.0"]').selectOption('title');
  await page.locator('[name="condition.o.0"]').selectOption('contains');
  await page.locator('[name="condition.v.0"]').fill('till');
  await page.locator('section', { has: page.locator('#preview') }).getByText('Which till').first().waitFor();
  await page.waitForTimeout(400);
}

const AGENT = [
  ['queue', 'agent', '/incidents?sort=due'],
  ['queue-groups-rows', 'agent', '/incidents?group=assignee'],
  ['queue-table', 'agent', '/incidents?show=table'],
  ['queue-groups', 'agent', '/incidents?show=table&group=state'],
  ['queue-nothing', 'agent', `/incidents?filter=${encodeURIComponent('title contains "no such words"')}`],
  ['queue-chosen', 'agent', '/incidents', async (page) => {
    for (const at of [0, 1, 2]) await page.locator('.ticket-line input[name="n"]').nth(at).check({ force: true });
  }],
  ['queue-look', 'agent', '/incidents?show=table', press('.pane-head button[popovertarget]')],
  ['record', 'agent', busyAt('')],
  ['record-state', 'agent', busyAt(''), press('button[popovertarget="status"], button[popovertarget="state"]')],
  ['record-edit-inline', 'agent', busyAt(''), async (page) => {
    const button = page.locator('#property-urgency button.property').filter({ visible: true });
    if (await button.count()) await button.first().click();
  }],
  ['record-edit', 'agent', busyAt('/edit')],
  ['record-resolve', 'agent', busyAt('/resolve')],
  ['record-hold', 'agent', busyAt('/hold')],
  ['record-assign', 'agent', busyAt('/reassign')],
  ['record-history', 'agent', busyAt('/history')],
  ['record-related', 'agent', busyAt('/related')],
  ['record-details', 'agent', busyAt('/details')],
  ['record-tasks', 'agent', workedAt('record', '/tasks')],
  ['record-task', 'agent', workedAt('task')],
  ['record-time', 'agent', workedAt('time')],
  ['record-split', 'agent', workedAt('split')],
  ['record-merge', 'agent', async (person) => {
    const [one, other] = (await asked(person, 'incidents?filter=state = "in_progress"&limit=2')).items;
    return `/incidents/${one.number}/merge?preview=${other.number}`;
  }, async (page) => {
    const field = page.locator('#field-with');
    if (!(await field.count())) return;
    const other = new URL(page.url()).searchParams.get('preview');
    await field.fill(other);
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.locator('#merged').waitFor();
  }],
  ['new', 'agent', '/incidents/new'],
  ['new-alike', 'agent', '/incidents/new', async (page) => {
    await page.locator('main [name="title"]').pressSequentially('VPN drops every 20 minutes on Wi-Fi');
    await page.locator('#alike li').first().waitFor();
  }],
  ['record-similar', 'agent', busyAt('/similar')],
  ['record-legal-hold', 'manager', busyAt('/legal-hold')],
  ['record-as-of', 'manager', async (person) => {
    const path = await busyAt('')(person);
    await person.go(`${path}/history`);
    return `${path}/as-of?at=${await person.page.locator('main [name="at"]').inputValue()}`;
  }],
  ['record-impossible', 'agent', async (person) => `/incidents/${await record(person, 'assigned')}/resolve`],
  ['filter', 'agent', '/incidents/filter?filter=assignee+%3D+me+or+assignee+is+empty&filter=priority+%3C%3D+2'],
  ['bulk', 'agent', async (person) => `/incidents/bulk?do=step%3Aresolve&${await some(person)}`],
  ['bulk-done', 'agent', bulkDone],
  ['view', 'agent', '/incidents/views?filter=priority+%3C%3D+2'],
  ['search', 'agent', '/search?q=printer'],
  ['search-nothing', 'agent', '/search?q=nosuchword'],
  ['inbox', 'agent', '/inbox'],
  ['inbox-snooze', 'agent', async (person) => `/inbox/${(await asked(person, 'notices?state=open')).items[0].id}/snooze`],
  ['my-work', 'agent', '/my-work'],
  ['my-work-tasks', 'agent', '/my-work/tasks'],
  ['my-work-drafts', 'agent', '/my-work/drafts'],
  ['palette', 'agent', busyAt(''), async (page) => {
    await key('Control+k')(page);
    await page.locator('dialog[open] [role="option"]').first().waitFor();
  }],
  ['sheet', 'agent', busyAt(''), key('?')],
  ['exports', 'agent', async (person) => (await scheduled(person), '/me/exports')],
  ['export-schedule', 'agent', '/incidents/export/schedule?filter=phase+%3D+0'],
  ['account', 'agent', '/me/security'],
  ['looks', 'agent', '/me'],
  ['notices', 'agent', '/me/notices'],
  ['shortcuts', 'agent', '/me/shortcuts'],
  ['not-found', 'agent', '/incidents/INC-999999'],
  ['not-allowed', 'agent', '/admin/audit'],
];

/** A record of a process that meets a condition, with what stands below it. */
const oneOf = (plural, filter, part = '') => async (person) => {
  const found = await asked(person, `${plural}?filter=${encodeURIComponent(filter)}&limit=1`);
  return `/${plural}/${(found.items[0] ?? (await asked(person, `${plural}?limit=1`)).items[0]).number}${part}`;
};
const problemAt = (state, part) => oneOf('problems', `state = "${state}"`, part);
const changeAt = (state, part) => oneOf('changes', `state = "${state}"`, part);
const item = (part) => oneOf('configuration-items', 'title contains "Payments"', part);

/** The calendar with a change opened beside it. */
const beside = async (person) => `/changes/calendar?open=${(await next(person)).number}`;

/** What is planned next. */
const next = async (person) => {
  const { items } = await asked(person, `changes?filter=${encodeURIComponent('planned_start is not empty and phase = 0')}&fields=planned_start&limit=50`);
  return items.sort((one, other) => one.planned_start.localeCompare(other.planned_start))[0];
};

/** A source that tells of an item that is here and of two that are not. */
const told = once(async (person) => {
  const [known] = (await asked(person, `configuration-items?filter=${encodeURIComponent('title contains "Notebook" and state = "live"')}&limit=1`)).items;
  const row = (deviceid, name, ssn) => ({ deviceid, content: { hardware: { name, chassis_type: 'Notebook' }, bios: { ssn, smodel: 'Latitude 5440' } } });
  const rows = [row('a-1', known.title, ''), row('a-2', 'Notebook 512', '5CG3310QXN'), row('a-3', 'Notebook 513', '5CG3310QXP')];
  await sent(person, 'configuration-items/feed', { source: 'glpi', rows });
  return `/configuration-items/${known.number}/sources`;
});

const PROBLEMS = [
  ['problems', 'agent', '/problems'],
  ['problem', 'agent', problemAt('fix_in_progress')],
  ['problem-related', 'agent', problemAt('fix_in_progress', '/related')],
  ['problem-resolve', 'agent', problemAt('fix_in_progress', '/resolve')],
  ['problem-investigation', 'agent', problemAt('investigation', '/investigation')],
  ['problem-log', 'agent', problemAt('investigation', '/log')],
  ['problem-history', 'agent', problemAt('fix_in_progress', '/history')],
  ['problem-new', 'agent', async (person) => `/problems/new?from=${await busy(person)}`],
];

const TRANSITION = [
  ['problem-candidates', 'manager', '/problems/candidates'],
  ['changes', 'manager', '/changes'],
  ['change', 'manager', changeAt('authorisation')],
  ['change-approvals', 'manager', changeAt('authorisation', '/approvals')],
  ['change-scheduled', 'agent', changeAt('scheduled')],
  ['change-risk', 'manager', changeAt('authorisation', '/risk')],
  ['change-conflicts', 'manager', async (person) => `/changes/${(await next(person)).number}/conflicts`],
  ['change-move', 'manager', async (person) => `/changes/${(await next(person)).number}/move`],
  ['change-related', 'manager', changeAt('scheduled', '/related')],
  ['change-history', 'manager', changeAt('scheduled', '/history')],
  ['change-review', 'manager', changeAt('review', '/close')],
  ['change-new', 'agent', '/changes/new'],
  ['approvals', 'approver', '/approvals'],
  ['approval', 'approver', async (person) => {
    const [first] = (await asked(person, 'me/approvals')).items;
    return first ? `/approvals/${first.number}` : '/approvals';
  }],
  ['deputy', 'approver', '/me/deputy'],
  ['items', 'agent', '/configuration-items'],
  ['item', 'agent', item('')],
  ['item-map', 'agent', item('/map')],
  ['item-impact', 'agent', oneOf('configuration-items', 'title contains "esx-lon-01"', '/map')],
  ['item-related', 'agent', item('/related')],
  ['item-history', 'agent', item('/history')],
  ['item-new', 'agent', '/configuration-items/new'],
  ['item-told', 'manager', told],
  ['item-sources', 'manager', async (person) => (await told(person), '/configuration-items/sources')],
  ['discrepancies', 'manager', '/configuration-items/discrepancies'],
  ['assets', 'manager', '/it-assets?show=table'],
  ['evaluations', 'manager', '/evaluations'],
  ['evaluation-measures', 'manager', oneOf('evaluations', 'state = "finished"', '/measures')],
  ['change-of-evaluation', 'manager', oneOf('changes', 'state = "scheduled" and evaluated is not empty', '/details')],
  ['baselines', 'manager', '/baselines'],
  ['baseline-items', 'manager', oneOf('baselines', 'phase in (0, 1, 2)', '/items')],
  ['baseline-comparison', 'manager', oneOf('baselines', 'phase in (0, 1, 2)', '/comparison')],
  ['item-map-fails', 'agent', item('/map?fails=')],
  ['trends-of-changes', 'manager', '/reports/changes/trends'],
  ['licences', 'manager', '/licences'],
  ['positions', 'manager', '/licences/positions'],
];

const LEAD = [
  ['today', 'manager', '/today?team=all'],
  ['calendar', 'manager', '/changes/calendar'],
  ...['day', 'month', 'timeline', 'agenda'].map((as) => [`calendar-${as}`, 'manager', `/changes/calendar?as=${as}`]),
  ['calendar-open', 'manager', beside],
  ['calendar-address', 'manager', '/me/calendar'],
  ['reports', 'manager', '/reports'],
  ['report', 'manager', '/reports/incidents/volume'],
  ['report-breaches', 'manager', '/reports/incidents/breaches'],
  ['report-narrowed', 'manager', '/reports/incidents/volume/filter?filter=priority+%3C%3D+2'],
  ['report-schedule', 'manager', '/reports/incidents/volume/export/schedule?by=team'],
];

const REGISTERS = [
  'organisations', 'people', 'teams', 'roles', 'services', 'categories', 'calendars', 'service-levels', 'priority-matrices',
  'assignment-rules', 'notification-rules', 'models', 'custom-fields', 'process-settings', 'views', 'templates', 'macros', 'sign-in-rules',
  'approval-policies', 'boards', 'risk-rules', 'evaluation-rules', 'windows', 'item-classes', 'relation-types', 'sources', 'match-rules',
];

const ADMIN = [
  ['admin', 'admin', '/admin'],
  ['admin-start', 'admin', '/admin/start'],
  ['admin-demo', 'admin', '/admin/demo'],
  ...REGISTERS.flatMap((register) => [
    [`admin-${register}`, 'admin', `/admin/${register}`],
    [`admin-${register}-entry`, 'admin', entry(register)],
  ]),
  ['admin-person-new', 'admin', '/admin/people/new'],
  ['admin-entry-history', 'admin', entry('teams', '/history')],
  ['admin-entry-uses', 'admin', entry('teams', '/uses')],
  ['admin-field-half-made', 'admin', '/admin/custom-fields/new', halfMade],
  ['admin-field-of-choices', 'admin', '/admin/custom-fields/new', async (page) => {
    await page.locator('[name="name"]').fill('Which till');
    await page.locator('[name="kind"]').selectOption('choice');
    await page.locator('[name="_add_row"][value="choices"]').waitFor();
  }],
  ['admin-level-new', 'admin', '/admin/service-levels/new'],
  ['admin-rule-new', 'admin', '/admin/assignment-rules/new'],
  ['admin-holidays', 'admin', entry('calendars', '', '/admin/holidays')],
  ['admin-what-if', 'admin', entry('service-levels', '?from=2025-01-01', '/admin/what-if')],
  ['admin-permissions', 'admin', '/admin/permissions'],
  ['admin-permissions-found', 'admin', '/admin/permissions?q=resolve'],
  ['admin-holders', 'admin', entry('roles', '', '/admin/permissions')],
  ['admin-access', 'admin', person('agent', '/admin/access')],
  ['admin-tokens', 'admin', person('agent', '/admin/tokens')],
  ['admin-merge', 'admin', person('agent', '/admin/merge')],
  ['admin-audit', 'admin', '/admin/audit'],
  ['admin-exports', 'admin', '/admin/exports'],
  ['admin-audit-narrowed', 'admin', '/admin/audit?area=roles&what=created'],
];

const PORTAL = [
  ['sign-in', undefined, '/sign-in'],
  ['portal', 'requester', '/portal'],
  ['portal-menu', 'requester', '/portal', press('button[popovertarget]')],
  ['portal-search', 'requester', '/portal/search?q=printer'],
  ['portal-search-nothing', 'requester', '/portal/search?q=nosuchword'],
  ['portal-report', 'requester', '/portal/report/incidents'],
  ['portal-report-2', 'requester', async (person) => `${await begun(person)}?step=2`],
  ['portal-report-3', 'requester', async (person) => `${await begun(person)}?step=3`],
  ['portal-requests', 'requester', '/portal/requests'],
  ['portal-request', 'requester', requestAt('in_progress')],
  ['portal-sent', 'requester', requestAt('in_progress', '/sent')],
  ['portal-cancel', 'requester', requestAt('in_progress', '/steps/cancel')],
  ['portal-done', 'requester', requestAt('resolved')],
  ['portal-rating', 'requester', requestAt('closed')],
  ['portal-troubles', 'requester', '/portal/troubles'],
  ['portal-planned', 'requester', '/portal/planned'],
  ['portal-notices', 'requester', '/portal/notices'],
  ['portal-looks', 'requester', '/me'],
  ['portal-not-found', 'requester', '/portal/requests/INC-999999'],
  ['portal-not-allowed', 'requester', '/incidents/export?format=csv'],
  ['portal-of-a-customer', 'customer', '/portal'],
  ['requests-of-a-customer', 'customer', '/portal/requests?which=organisation'],
  ['exports-of-a-customer', 'customer', '/me/exports'],
  ['export-schedule-of-a-customer', 'customer', '/incidents/export/schedule?filter=organisation+%3D+my_organisation'],
  ['portal-of-a-vendor', 'vendor', '/portal'],
  ['home-of-an-auditor', 'auditor', '/'],
];

/** The last of an administrator's: from then on they only look. */
const LOOKING = [
  ['view-as', 'admin', async (admin) => {
    await admin.go(await person('agent', '/admin/people')(admin));
    await admin.page.locator('form[action^="/admin/view-as/"] button').click();
    await admin.page.locator('.looking').waitFor();
    return '/incidents';
  }],
];

export const PICTURES = [...AGENT,
  ...PROBLEMS, ...TRANSITION, ...LEAD, ...ADMIN, ...PORTAL, ...LOOKING];

/** What an installation asks that was just made: [name, what is done on the way there]. */
export const FIRST = [
  ['first-administrator', async () => {}],
  ['first-data', async ({ page }) => {
    const values = { name: 'Ada Lovelace', email: 'ada@example.org', password: 'plum otter brass' };
    for (const [name, value] of Object.entries(values)) await page.locator(`[name="${name}"]`).fill(value);
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.waitForURL((url) => url.pathname === '/admin/start');
  }],
  ['first-steps', async ({ page }) => {
    await page.getByRole('button', { name: 'Begin empty' }).click();
    await page.getByRole('heading', { name: 'Make it yours' }).waitFor();
  }],
  ['first-queue', async ({ page }) => {
    await page.goto('/incidents');
  }],
];
