// The server keeps its own OpenAPI description: no server error, no answer the description does not allow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseUrl, OPENAPI_PATH } from '../harness/demo.mjs';
import { checkDescription } from '../harness/schemathesis.mjs';
import { apiToken } from '../harness/token.mjs';

const LIMIT_MS = 900_000;

// Examples of each operation, by role: fewer for those who are refused most.
const EXAMPLES = { agent: 5, requester: 2, customer: 2, vendor: 2, auditor: 2, admin: 5 };

// What one process answers is code of all processes: those who are refused most are asked of the first alone.
const OF_THE_FIRST = ['--exclude-path-regex', '/problems'];

async function expectAsDescribed(role) {
  // The check that asks without a sign-in takes the header away by exactly this name.
  const headers = { Authorization: `Bearer ${await apiToken(role)}` };
  const options = ['--max-examples', `${EXAMPLES[role]}`, ...(EXAMPLES[role] < 5 ? OF_THE_FIRST : [])];
  const { passed, output } = await checkDescription(`${baseUrl()}${OPENAPI_PATH}`, headers, options);
  // What failed stands before many warnings.
  const failures = output.indexOf('FAILURES');
  assert.ok(passed, failures < 0 ? output.slice(-20_000) : output.slice(failures, failures + 20_000));
}

const as = (role) => [`every operation answers as described for the ${role}`, { timeout: LIMIT_MS }, () => expectAsDescribed(role)];

// Each of them keeps one core busy with making up requests.
test('every operation answers as described', { concurrency: 2, timeout: 3 * LIMIT_MS }, async (t) => {
  const others = Object.keys(EXAMPLES).filter((role) => role !== 'admin');
  await Promise.all(others.map((role) => t.test(...as(role))));
});

// Others would stumble over what this one changes.
test(...as('admin'));
