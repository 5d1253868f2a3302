// Adds up the logs of the named suites: `node scripts/summary.mjs LOGS SUITE...` prints "N passed, N failed".
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rustResults, tapResults } from '../conformance/results.mjs';

const [logs, ...suites] = process.argv.slice(2);

function results(suite) {
  const path = join(logs, suite === 'rust' ? 'rust.log' : `${suite}.tap`);
  if (!existsSync(path)) return [];
  const output = readFileSync(path, 'utf8');
  return suite === 'rust' ? rustResults(output) : tapResults(output, suite);
}

let failed = 0;
let passed = 0;
for (const suite of suites) {
  const all = results(suite);
  const count = (outcome) => all.filter((result) => result.outcome === outcome).length;
  console.log(`${suite}: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  passed += count('passed');
  failed += count('failed');
  for (const result of all) if (result.outcome === 'failed') console.log(`  FAILED ${result.suite} ${result.name}`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || suites.some((suite) => results(suite).length === 0) ? 1 : 0);
