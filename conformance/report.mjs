// Writes conformance/report.md from the logs of the last test run, or compares it with --check.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prove } from './proof.mjs';
import { requirements } from './requirements.mjs';
import { rustResults, tapResults } from './results.mjs';

const REPORT = new URL('report.md', import.meta.url);
const LOGS = join(process.env.CARGO_TARGET_DIR ?? 'target', 'test-logs');

function readResults() {
  const read = (file) => {
    const path = join(LOGS, file);
    if (!existsSync(path)) fail(`${path} is missing; run \`make test\` first`);
    return readFileSync(path, 'utf8');
  };
  return [...rustResults(read('rust.log')), ...tapResults(read('browser.tap'), 'browser')];
}

function fail(reason) {
  console.error(`conformance: ${reason}`);
  process.exit(1);
}

/** Rows by process, in the order of the file. */
function byProcess(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.process, [...(groups.get(row.process) ?? []), row]);
  return groups;
}

const cell = (text) => text.replaceAll('|', '\\|');

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function overview(groups, proven) {
  const count = (rows) => `${rows.filter(proven).length} of ${rows.length}`;
  const lines = [...groups].map(([process, rows]) => [
    process,
    count(rows.filter((row) => row.level === 'M')),
    count(rows.filter((row) => row.level === 'S')),
    rows.filter((row) => !proven(row)).map((row) => row.id).join(' '),
  ]);
  return table(['Process', 'Must', 'Should', 'Not proven'], lines);
}

function details(process, rows, proofs) {
  const lines = rows.map((row) => [
    row.id,
    row.level,
    cell(row.requirement),
    [...proofs.get(row.id)].sort().map((test) => `\`${cell(test)}\``).join('<br>'),
  ]);
  return `## ${process}\n\n${table(['Row', 'Level', 'Requirement', 'Proved by'], lines)}`;
}

function render(rows, proofs) {
  const proven = (row) => proofs.get(row.id).size > 0;
  const groups = byProcess(rows);
  return `${[
    '# Conformance',
    'Which requirement is proved by which test. A row counts when a test that carries its ID in its name, '
      + 'and goes through the API or the browser, passed. Written by `make conformance`.',
    `${rows.filter(proven).length} of ${rows.length} rows are proved.`,
    overview(groups, proven),
    ...[...groups].map(([process, members]) => details(process, members, proofs)),
  ].join('\n\n')}\n`;
}

const rows = requirements();
const { proofs, refuted, unknown } = prove(rows, readResults());
if (unknown.size > 0) fail(`no such row: ${[...unknown].join(', ')}`);
if (refuted.size > 0) console.log(`a test failed or was skipped for ${[...refuted].sort().join(' ')}`);

const report = render(rows, proofs);
console.log(overview(byProcess(rows), (row) => proofs.get(row.id).size > 0));
if (!process.argv.includes('--check')) writeFileSync(REPORT, report);
else if (!existsSync(REPORT) || readFileSync(REPORT, 'utf8') !== report) {
  fail('conformance/report.md differs from this run; run `make conformance` and commit it');
}
