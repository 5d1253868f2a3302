// Starts the server that the browser and API suites talk to: the debug build, demo data, a data folder of its
// own and a free port. COMMAND is the only place that knows the command line.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The program under test. */
export const BINARY = join(process.env.CARGO_TARGET_DIR ?? 'target', 'debug', 'mainstay');
// The pseudo-locale is offered to tests alone.
const LANGUAGES = 'languages=en,de,ar-XB';
const COMMAND = (data) => [BINARY, 'demo', '--set', LANGUAGES, '--data', data, '--port', '0'];

/** The server says where it listens once it answers. */
const READY = /http:\/\/127\.0\.0\.1:\d+/;
const START_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 10_000;

/** Starts a server on an empty database; `setUp` is the path that makes its first administrator. */
export async function startEmptyServer(more = []) {
  let setUp;
  const server = await startServer((data) => {
    const made = spawnSync(BINARY, ['init', '--data', data, ...more], { encoding: 'utf8' });
    setUp = /\/set-up\/\S+/.exec(made.stdout)?.[0];
    if (!setUp) throw new Error(`init printed no link:\n${made.stdout}${made.stderr}`);
    return [BINARY, 'serve', '--data', data, ...more, '--listen', '127.0.0.1:0'];
  });
  return { ...server, setUp };
}

/** Starts a server and resolves to { url, stop, data } once it listens; `command` takes the data folder. */
export async function startServer(command = COMMAND) {
  const data = mkdtempSync(join(tmpdir(), 'mainstay-'));
  const [program, ...args] = command(data);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(forced);
    rmSync(data, { recursive: true, force: true });
  };
  try {
    return { url: await ready(child, exited), stop, data };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address the server prints, or an error with what it printed instead. */
function ready(child, exited) {
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`the server ${why}:\n${output}`));
    const limit = setTimeout(fail, START_LIMIT_MS, 'did not say where it listens');
    exited.then((why) => fail(`stopped (${why})`)).finally(() => clearTimeout(limit));
    const read = (chunk) => {
      output = (output + chunk).slice(-20_000);
      const found = READY.exec(output);
      if (!found) return;
      clearTimeout(limit);
      resolve(found[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
}
