// The API check itself, against a small API that keeps its description and one that does not.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { checkDescription } from './schemathesis.mjs';

const number = { type: 'object', required: ['number'], properties: { number: { type: 'integer' } } };
const json = (schema) => ({ description: 'answer', content: { 'application/json': { schema } } });
const DESCRIPTION = {
  openapi: '3.1.0',
  info: { title: 'Small', version: '1' },
  paths: {
    '/double/{n}': {
      get: {
        parameters: [{ name: 'n', in: 'path', required: true, schema: { type: 'integer', minimum: 0, maximum: 99 } }],
        responses: { 200: json(number), 400: json({ type: 'object' }) },
      },
    },
  },
};

/** Serves the description and doubles numbers; `double` may break its word. */
function serve(double) {
  const server = createServer((request, response) => {
    const send = (status, body, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    if (request.url === '/openapi.json') return send(200, DESCRIPTION);
    if (request.method !== 'GET') return send(405, {}, { allow: 'GET' });
    const n = /^\/double\/(\d{1,2})$/.exec(request.url)?.[1];
    return n === undefined ? send(400, {}) : send(...double(Number(n)));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function check(double) {
  const server = await serve(double);
  try {
    return await checkDescription(`http://127.0.0.1:${server.address().port}/openapi.json`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('an API that keeps its description passes', async () => {
  const { passed, output } = await check((n) => [200, { number: 2 * n }]);
  assert.ok(passed, output);
});

test('an answer outside the description fails', async () => {
  const { passed, output } = await check((n) => [200, { number: String(n) }]);
  assert.ok(!passed);
  assert.match(output, /Response violates schema/);
});

test('a server error fails', async () => {
  const { passed, output } = await check(() => [500, {}]);
  assert.ok(!passed);
  assert.match(output, /Server error/);
});
