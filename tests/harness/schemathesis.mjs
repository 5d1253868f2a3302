// Runs schemathesis: every operation of an OpenAPI description, with valid, odd and broken input.
import { spawn } from 'node:child_process';

const PROGRAM = '.tools/schemathesis/bin/schemathesis';
const CONFIGURATION = 'tests/api/schemathesis.toml';

/** Resolves to { passed, output }; `headers` go with every request. */
export function checkDescription(url, headers = {}, options = []) {
  const extra = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  const child = spawn(PROGRAM, ['--config-file', CONFIGURATION, 'run', url, ...extra, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '120' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ passed: code === 0, output }));
  });
}
