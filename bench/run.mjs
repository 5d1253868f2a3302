// Measures on the embedded database and on PostgreSQL, few records and many, and prints what grew.
//   node bench/run.mjs [--few 10000] [--many 1000000] [--seconds 4] [--only sqlite|postgres] [--keep DIR] [--json FILE]
// Needs Linux. PostgreSQL is started for it on a free port in a folder of its own, and stopped again.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

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
/** Below this many µs a difference is noise of the clock that counts them. */
const NOISE = 100;

const folder = wanted.keep ? resolve(wanted.keep) : mkdtempSync(join(tmpdir(), 'mainstay-bench-'));
mkdirSync(folder, { recursive: true });

function mainstay(...args) {
  const { status } = spawnSync(PROGRAM, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`mainstay ${args.join(' ')} failed`);
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** PostgreSQL refuses to run as root; then it runs as the account that its package made. */
function asServer(program, args, options) {
  const root = process.getuid() === 0;
  return root
    ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', program, ...args], options]
    : [program, args, options];
}

async function startPostgres() {
  const base = '/usr/lib/postgresql';
  const version = existsSync(base) && readdirSync(base).sort((a, b) => a - b).at(-1);
  if (!version) throw new Error('PostgreSQL is not installed: apt-get install postgresql-15');
  const bin = join(base, version, 'bin');
  const home = mkdtempSync(join(tmpdir(), 'mainstay-bench-postgres-'));
  if (process.getuid() === 0) execFileSync('chown', ['postgres:postgres', home]);
  const data = join(home, 'data');
  execFileSync(...asServer(join(bin, 'initdb'), ['-D', data, '-U', 'mainstay', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'], { stdio: 'ignore', cwd: '/' }));
  const port = await freePort();
  const settings = ['shared_buffers=1GB', 'max_connections=60', 'listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${home}`, 'max_wal_size=4GB'];
  const child = spawn(...asServer(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((s) => ['-c', s])], { stdio: 'ignore', cwd: '/' }));
  const psql = (database, sql) =>
    spawnSync(join(bin, 'psql'), ['-h', '127.0.0.1', '-p', port, '-U', 'mainstay', '-d', database, '-qc', sql], { encoding: 'utf8' });
  for (let tries = 0; psql('postgres', 'SELECT 1').status !== 0; tries += 1) {
    if (tries > 100) throw new Error('PostgreSQL did not start');
    await new Promise((done) => setTimeout(done, 200));
  }
  return {
    pid: child.pid,
    database(name) {
      psql('postgres', `CREATE DATABASE ${name}`);
      return `postgres://mainstay@127.0.0.1:${port}/${name}`;
    },
    stop() {
      child.kill('SIGINT');
      return new Promise((done) => child.once('exit', () => done(rmSync(home, { recursive: true, force: true }))));
    },
  };
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

async function on(kind) {
  const server = kind === 'postgres' ? await startPostgres() : undefined;
  try {
    const few = measure(kind, wanted.few, server);
    const many = measure(kind, wanted.many, server);
    compare(few, many);
    return [few, many];
  } finally {
    await server?.stop();
  }
}

const all = [];
for (const kind of wanted.only ? [wanted.only] : ['sqlite', 'postgres']) all.push(...(await on(kind)));
if (wanted.json) writeFileSync(wanted.json, `${JSON.stringify(all, null, 2)}\n`);
if (!wanted.keep) rmSync(folder, { recursive: true, force: true });
