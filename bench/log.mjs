// An event log of the shape of the public one: 25,000 incidents, about 145,000 rows, always the same.
import { closeSync, openSync, writeSync } from 'node:fs';

const INCIDENTS = 25_000;
const HEADING = [
  'number', 'incident_state', 'active', 'reassignment_count', 'reopen_count', 'sys_mod_count', 'made_sla', 'caller_id',
  'opened_by', 'opened_at', 'sys_created_by', 'sys_created_at', 'sys_updated_by', 'sys_updated_at', 'contact_type',
  'location', 'category', 'subcategory', 'u_symptom', 'cmdb_ci', 'impact', 'urgency', 'priority', 'assignment_group',
  'assigned_to', 'knowledge', 'u_priority_confirmation', 'notify', 'problem_id', 'rfc', 'vendor', 'caused_by',
  'closed_code', 'resolved_by', 'resolved_at', 'closed_at',
];

/** A number below `limit` that follows from what it is for: the same in every run. */
const drawn = (n, salt, limit) => (((n + 1) * 2_654_435_761 + salt * 40_503) >>> 7) % limit;

function instant(minutes) {
  const at = new Date(Date.UTC(2016, 1, 29, 8) + minutes * 60_000);
  const two = (number) => String(number).padStart(2, '0');
  return `${at.getUTCDate()}/${at.getUTCMonth() + 1}/${at.getUTCFullYear()} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

/** The rows of one incident, from new to closed. */
function* rows(n) {
  const states = ['New', 'Active', 'Active'];
  if (n % 4 === 0) states.push('Awaiting User Info', 'Active');
  if (n % 9 === 0) states.push('Active', 'Active', 'Active');
  states.push('Resolved');
  if (n % 90 === 0) states.push('Active', 'Resolved');
  states.push('Closed');
  const opened = n * 18;
  const team = drawn(n, 1, 78);
  let reopened = 0;
  for (const [at, state] of states.entries()) {
    if (at > 0 && state === 'Active' && states[at - 1] === 'Resolved') reopened = 1;
    const moved = n % 3 === 0 && at > 1 ? 1 : 0;
    yield [
      String(n).padStart(7, '0'), state, state !== 'Closed', moved, reopened, at, 'true', drawn(n, 2, 5200),
      drawn(n, 3, 200), instant(opened), '?', '?', drawn(n + at, 4, 800), instant(opened + at * 95), 'Phone',
      drawn(n, 5, 220), drawn(n, 6, 58), drawn(n, 6, 58) * 6 + (n % 6), drawn(n, 7, 500), '?', (n % 3) + 1, 2, n % 40 === 0 ? 2 : 3,
      (team + moved * 7) % 78, at === 0 ? '?' : drawn(n, 8, 230), 'true', 'false', 'Do Not Notify',
      n % 12 === 0 ? drawn(n, 9, 250) : '?', n % 60 === 0 ? drawn(n, 10, 180) : '?', '?', '?', 5, drawn(n, 11, 210),
      instant(opened + (states.length - 2) * 95), instant(opened + (states.length - 1) * 95),
    ].join(',');
  }
}

/** Writes the log and answers where. */
export function writeLog(path) {
  const file = openSync(path, 'w');
  writeSync(file, `${HEADING.join(',')}\n`);
  for (let from = 0; from < INCIDENTS; from += 1000) {
    const lines = [];
    for (let n = from; n < from + 1000; n++) lines.push(...rows(n));
    writeSync(file, `${lines.join('\n')}\n`);
  }
  closeSync(file);
  return path;
}
