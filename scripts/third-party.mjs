// Writes docs/THIRD-PARTY.md: what is inside the binary and under which licence. --check compares instead.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const LIST = new URL('../docs/THIRD-PARTY.md', import.meta.url);
const PLATFORM = 'x86_64-unknown-linux-gnu';

/** Crates that the shipped binary depends on, build tools included, ours left out. */
function crates() {
  const arguments_ = ['metadata', '--format-version', '1', '--locked', '--filter-platform', PLATFORM];
  const { packages, resolve } = JSON.parse(
    execFileSync('cargo', arguments_, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const reached = new Set();
  const visit = (id) => {
    if (reached.has(id)) return;
    reached.add(id);
    const shipped = nodes.get(id).deps.filter(({ dep_kinds }) => dep_kinds.some(({ kind }) => kind !== 'dev'));
    for (const { pkg } of shipped) visit(pkg);
  };
  visit(packages.find(({ name, source }) => name === 'mainstay' && source === null).id);
  return packages.filter(({ id, source }) => source !== null && reached.has(id));
}

/** Packages whose code or shapes are bundled for the browser. */
function browserPackages() {
  const read = (path) => JSON.parse(readFileSync(new URL(`../assets/${path}`, import.meta.url), 'utf8'));
  const { packages } = read('package-lock.json');
  return Object.entries(packages)
    .filter(([path, { dev }]) => path.startsWith('node_modules/') && !dev)
    .map(([path, { version, license }]) => ({ name: path.replace(/^.*node_modules\//, ''), version, license }));
}

function table(packages) {
  const rows = packages.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
  return ['| Name | Version | Licence |', '| --- | --- | --- |', ...rows.sort()].join('\n');
}

const text = `# Third-party software

What a released binary contains. Written by \`make generate\`; which licences are allowed stands in deny.toml.

## Rust crates

${table(crates())}

## In the browser

${table(browserPackages())}
`;

if (!process.argv.includes('--check')) writeFileSync(LIST, text);
else if (readFileSync(LIST, 'utf8') !== text) {
  console.error('docs/THIRD-PARTY.md is stale; run `make generate` and commit it');
  process.exit(1);
}
