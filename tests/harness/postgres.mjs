// A PostgreSQL server for one run, gone with it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** Starts PostgreSQL on a free port in a folder of its own: `database(name)` makes a database and answers its address. */
export async function startPostgres(buffers = '1GB') {
  const base = '/usr/lib/postgresql';
  const version = existsSync(base) && readdirSync(base).sort((a, b) => a - b).at(-1);
  if (!version) throw new Error('PostgreSQL is not installed: apt-get install postgresql-15');
  const bin = join(base, version, 'bin');
  const home = mkdtempSync(join(tmpdir(), 'mainstay-postgres-'));
  if (process.getuid() === 0) execFileSync('chown', ['postgres:postgres', home]);
  const data = join(home, 'data');
  execFileSync(...asServer(join(bin, 'initdb'), ['-D', data, '-U', 'mainstay', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'], { stdio: 'ignore', cwd: '/' }));
  const port = await freePort();
  const settings = [`shared_buffers=${buffers}`, 'max_connections=60', 'listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${home}`, 'max_wal_size=4GB'];
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
