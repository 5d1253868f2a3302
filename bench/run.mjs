// Measures on the embedded database and on PostgreSQL, few records and many, and prints what grew.
//   node bench/run.mjs [--few 10000] [--many 1000000] [--seconds 4] [--only sqlite|postgres] [--keep DIR] [--json FILE]
// MAINSTAY_LOG=FILE.zip names the event log whose import is timed; without it one of the same shape is made.
// Needs Linux. PostgreSQL is started for it on a free port in a folder of its own, and stopped again.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeLog } from './log.mjs';
import { startPostgres } from '../tests/harness/postgres.mjs';

const { values: wanted } = parseArgs({
  options: {
    few: { type: 'string', default: '10000' },
    many: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string' },
    keep: { type: 'string' },
    json: { type: 'string' },
  },
});
const PROGRAM = resolve(process.env.CARGO_TARGET_DIR ?? 'target', 'release/mainstay');
/** A million incidents are made in so many seconds. */
const FILL_GOAL = 300;
/** No operation may cost more than this many times what it costs with few records. */
const GROWTH_GOAL = 2;
/** An import reads so many rows in a second… */
const IMPORT_GOAL = 5000;
/** …and its last quarter is no slower than this part of its second one; the first makes the people and teams. */
const IMPORT_PACE = 0.7;
/** Below this many µs a difference is noise of the clock that counts them. */
const NOISE = 100;

const folder = wanted.keep ? resolve(wanted.keep) : mkdtempSync(join(tmpdir(), 'mainstay-bench-'));
mkdirSync(folder, { recursive: true });

function mainstay(...args) {
  const { status } = spawnSync(PROGRAM, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`mainstay ${args.join(' ')} failed`);
}

/** Fills a database and measures it; a database that is kept from before is filled already. */
function measure(kind, count, server) {
  const data = join(folder, `${kind}-${count}`);
  const place = ['--data', data, ...(server ? ['--database', server.database(`bench_${count}`)] : [])];
  const filled = join(data, 'filled.json');
  console.log(`\n## ${kind}, ${Number(count).toLocaleString('en')} incidents\n`);
  if (!existsSync(filled) || server) {
    const began = Date.now();
    mainstay(...place, 'bench', 'fill', count);
    writeFileSync(filled, JSON.stringify({ seconds: (Date.now() - began) / 1000 }));
  }
  const { seconds } = JSON.parse(readFileSync(filled, 'utf8'));
  const allowed = (FILL_GOAL * count) / 1e6;
  console.log(`filled in ${seconds.toFixed(0)} s (${seconds <= Math.max(allowed, 10) ? '≤' : 'MISSED'} ${Math.max(allowed, 10).toFixed(0)})\n`);
  const figures = join(data, 'figures.json');
  const more = server ? ['--database-process', String(server.pid)] : [];
  mainstay(...place, 'bench', 'run', '--seconds', wanted.seconds, '--json', figures, ...more);
  return { kind, fill_seconds: seconds, ...JSON.parse(readFileSync(figures, 'utf8')) };
}

function compare(few, many) {
  console.log(`\n## ${few.kind}: ${many.records.toLocaleString('en')} against ${few.records.toLocaleString('en')}\n`);
  console.log('| operation | CPU µs, few | CPU µs, many | times | |\n|---|---:|---:|---:|---|');
  for (const [n, one] of few.operations.entries()) {
    const other = many.operations[n];
    const times = other.cpu_us / one.cpu_us;
    const met = times <= GROWTH_GOAL || other.cpu_us - one.cpu_us < NOISE;
    console.log(`| ${one.name} | ${one.cpu_us.toFixed(0)} | ${other.cpu_us.toFixed(0)} | ${times.toFixed(1)} | ${met ? '≤' : 'MISSED'} ${GROWTH_GOAL} |`);
  }
}

/** How long somebody waits for what fails with an item, with as many items as there are incidents. */
function mapped(kind, count, server) {
  const place = ['--data', join(folder, `${kind}-map`), ...(server ? ['--database', server.database('bench_map')] : [])];
  console.log(`\n## ${kind}, a map of ${Number(count).toLocaleString('en')} items\n`);
  mainstay(...place, 'bench', 'map', count);
}

/** How fast a log of incidents comes into an empty database. */
function importing(kind, server) {
  const place = ['--data', join(folder, `${kind}-import`), ...(server ? ['--database', server.database('bench_import')] : [])];
  const log = process.env.MAINSTAY_LOG ?? writeLog(join(folder, 'log.csv'));
  console.log(`\n## ${kind}, importing a log\n`);
  rmSync(place[1], { recursive: true, force: true });
  spawnSync(PROGRAM, [...place, 'init'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const { status, stdout } = spawnSync(PROGRAM, [...place, 'import', 'servicenow-log', log], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`the import failed:\n${stdout}`);
  const [, rate, pace] = /([\d.]+) rows\/s; by quarter (.*)/.exec(stdout);
  const quarters = pace.split(', ').map(Number);
  const steady = quarters[3] >= IMPORT_PACE * quarters[1];
  console.log(stdout.trim().split('\n').slice(0, 2).join('; '));
  console.log(`${rate} rows/s (${rate >= IMPORT_GOAL ? '≥' : 'MISSED'} ${IMPORT_GOAL}), by quarter ${pace} (${steady ? 'steady' : 'MISSED: it slows down'})`);
  return { kind, import_rows_per_second: Number(rate), import_quarters: quarters };
}

async function on(kind) {
  const server = kind === 'postgres' ? await startPostgres() : undefined;
  try {
    const imported = importing(kind, server);
    const few = measure(kind, wanted.few, server);
    const many = measure(kind, wanted.many, server);
    compare(few, many);
    mapped(kind, wanted.many, server);
    return [imported, few, many];
  } finally {
    await server?.stop();
  }
}

const all = [];
for (const kind of wanted.only ? [wanted.only] : ['sqlite', 'postgres']) all.push(...(await on(kind)));
if (wanted.json) writeFileSync(wanted.json, `${JSON.stringify(all, null, 2)}\n`);
if (!wanted.keep) rmSync(folder, { recursive: true, force: true });
