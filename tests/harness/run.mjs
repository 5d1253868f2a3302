// Runs one suite against one started server:
//   node tests/harness/run.mjs browser|api [options for node --test]
// With MAINSTAY_URL set, it uses the server that listens there.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { startServer } from './server.mjs';

const [suite, ...options] = process.argv.slice(2);

function suiteArguments() {
  const files = readdirSync(`tests/${suite}`).filter((file) => file.endsWith('.test.mjs'));
  return ['--test', ...options, ...files.sort().map((file) => `tests/${suite}/${file}`)];
}

function run(url) {
  const child = spawn(process.execPath, suiteArguments(), {
    stdio: 'inherit',
    env: { ...process.env, MAINSTAY_URL: url },
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

const given = process.env.MAINSTAY_URL;
const server = given ? { url: given, stop: async () => {} } : await startServer();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.stop().then(() => process.exit(130)));
process.exitCode = await run(server.url);
await server.stop();
