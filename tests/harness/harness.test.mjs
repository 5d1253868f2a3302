// The harness itself, against small pages that do each thing wrong.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { startServer } from './server.mjs';
import { openBrowser, Visitor } from './visitor.mjs';

const GOOD = '<h1>Queue</h1><p>Nothing here.</p>';
const PAGES = {
  '/good': GOOD,
  '/inline-style': `${GOOD}<p style="color: red">Red</p>`,
  '/inline-script': `${GOOD}<script>document.title = 'no'</script>`,
  '/console': `${GOOD}<script src="/console.js"></script>`,
  '/throws': `${GOOD}<script src="/throws.js"></script>`,
  '/faint': `<link rel="stylesheet" href="/faint.css">${GOOD}`,
  '/faint-in-dark': `<link rel="stylesheet" href="/faint-in-dark.css">${GOOD}`,
  '/wide': `<link rel="stylesheet" href="/wide.css">${GOOD}`,
  '/cut': `<link rel="stylesheet" href="/cut.css">${GOOD}<div><button>One</button></div>`,
  '/covered': `<link rel="stylesheet" href="/covered.css">${GOOD}<button>One</button><button>Two</button>`,
  '/unseen-focus': `<link rel="stylesheet" href="/unseen-focus.css">${GOOD}<button>One</button>`,
};
const FILES = {
  '/console.js': 'console.error("wrong")',
  '/throws.js': 'throw new Error("wrong")',
  '/faint.css': 'p { color: #ccc; background: #fff }',
  '/faint-in-dark.css': '@media (prefers-color-scheme: dark) { p { color: #333; background: #000 } }',
  '/wide.css': 'p { width: 500px }',
  '/cut.css': 'div { width: 100px; overflow: hidden } button { margin-left: 90px }',
  '/covered.css': 'button { position: absolute }',
  '/unseen-focus.css': ':focus-visible { outline: none }',
  '/favicon.ico': '',
};
const TYPES = { js: 'text/javascript', css: 'text/css', ico: 'image/x-icon' };

function answer(request, response) {
  const file = FILES[request.url];
  const type = file === undefined ? 'text/html' : TYPES[request.url.split('.').pop()];
  response.writeHead(file === undefined && !PAGES[request.url] ? 404 : 200, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'",
  });
  response.end(file ?? `<!doctype html><html lang="en"><title>Page</title><main>${PAGES[request.url] ?? GOOD}</main>`);
}

const server = createServer(answer);
let browser;
let url;

before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}`;
  browser = await openBrowser();
});
after(async () => {
  await browser.close();
  server.close();
});

async function visit(path) {
  const visitor = await Visitor.open(browser, url);
  await visitor.go(path);
  return visitor;
}

test('a page without faults passes', async () => {
  const visitor = await visit('/good');
  await visitor.expectAccessible();
  await visitor.expectNoSidewaysScroll();
  await visitor.expectFingersReach();
  await visitor.expectTabStopsSeen();
  await visitor.close();
});

for (const path of ['/inline-style', '/inline-script', '/console', '/throws']) {
  test(`${path} is a fault`, async () => {
    const visitor = await visit(path);
    await assert.rejects(visitor.close());
  });
}

test('an expected fault is none', async () => {
  const visitor = await Visitor.open(browser, url);
  visitor.expectFault(/console: wrong/);
  await visitor.go('/console');
  await visitor.close();
});

test('axe judges both themes', async () => {
  for (const path of ['/faint', '/faint-in-dark']) {
    const visitor = await visit(path);
    await assert.rejects(visitor.expectAccessible(), /color-contrast/);
    await visitor.close();
  }
});

test('sideways scroll is seen', async () => {
  const visitor = await visit('/wide');
  await assert.rejects(visitor.expectNoSidewaysScroll(), /500|px wide/);
  await visitor.close();
});

test('a control that is cut off or lies beneath another is out of reach', async () => {
  for (const [path, words] of [['/cut', /is cut off/], ['/covered', /One.*lies beneath.*Two/s]]) {
    const visitor = await visit(path);
    await visitor.expectNoSidewaysScroll();
    await assert.rejects(visitor.expectFingersReach(), words);
    await visitor.close();
  }
});

test('a stop of the Tab key that nobody sees is a fault', async () => {
  for (const [path, words] of [['/unseen-focus', /has no outline/], ['/covered', /lies beneath/]]) {
    const visitor = await visit(path);
    await assert.rejects(visitor.expectTabStopsSeen(), words);
    await visitor.close();
  }
});

test('an unexpected status is seen', async () => {
  const visitor = await Visitor.open(browser, url);
  await assert.rejects(visitor.go('/missing'), /GET \/missing/);
  await visitor.context.close();
});

test('a started server is found by the address it prints, and stopped', async () => {
  const script = `
    const s = require('http').createServer((q, a) => a.end('here'));
    s.listen(0, '127.0.0.1', () => console.log('Mainstay listens on http://127.0.0.1:' + s.address().port));
    process.on('SIGTERM', () => process.exit(0));`;
  const started = await startServer(() => [process.execPath, '-e', script]);
  assert.equal(await (await fetch(started.url)).text(), 'here');
  await started.stop();
  await assert.rejects(fetch(started.url));
});

test('a server that does not start says why', async () => {
  const command = () => [process.execPath, '-e', 'console.error("no such option"); process.exit(2)'];
  await assert.rejects(startServer(command), /stopped \(2\):\nno such option/);
});
