// Rules of the house that neither compiler nor clippy can see. Prints each breach and fails if there is one.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAX_LINES = 600;
const CODE = /\.(rs|ts|mjs|js|css)$/;
const TEST_FILE = /(^|\/)(tests|benches|examples)\/|(^|\/)tests?\.rs$|_tests?\.rs$/;

/** Rooms that must work for any process and so may name none. */
const GENERIC_ROOMS = /^crates\/(engine|desk|store|web|api)\/src\//;

/** What no tracked file may hold. Each is a pattern and the reason it is refused. */
const FORBIDDEN = [
  [/(?<![\w.*])\/(?:work\/(?:main|shared|\.)|root\/|tmp\/(?:plan|target|h\d))/, 'a path of one machine'],
  [/\b(?:index|static)\.crates\.io\b|\bregistry\.npmjs\.|\bpypi\.org\b|\bpythonhosted\.|\bdeb\.debian\./, 'a registry host'],
  [/"resolved": "http/, 'a lock file that names where packages were fetched'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
];

/** What no code may hold, beyond the above. */
const UNFINISHED = [
  [/\b(?:TODO|FIXME|XXX)\b/, 'unfinished work'],
  [/\b(?:todo|unimplemented|dbg)!/, 'unfinished work'],
  [/#!?\[allow\(/, 'an exception without a reason; use #[expect(…, reason = "…")]'],
  [/#\[ignore/, 'a test that does not run'],
  [/\b(?:test|it|describe)\.(?:skip|only|todo)\b/, 'a test that does not run'],
];

const TABLE = /:\s*Process\s*=\s*Process\s*\{/g;
const TABLE_KEY = /:\s*Process\s*=\s*Process\s*\{\s*key:\s*"([a-z_]+)"/g;

/** The keys of the processes, from their tables: `pub static INCIDENT: Process = Process { key: "incident", …`. */
export function processKeys(files) {
  return tables(files).flatMap(({ text }) => [...text.matchAll(TABLE_KEY)].map(([, key]) => key));
}

function tables(files) {
  return files.filter(({ path }) => path.startsWith('crates/processes/src/'));
}

/** Tables whose key was not found would make the rule about keys blind. */
function tableBreaches(file) {
  const count = (pattern) => [...file.text.matchAll(pattern)].length;
  return count(TABLE) === count(TABLE_KEY) ? [] : [`${file.path} has a process table that does not begin with its key`];
}

/** A Rust file without its comments and its test module, line numbers kept. */
export function production(text) {
  const tests = text.search(/^#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*mod /m);
  const code = tests < 0 ? text : text.slice(0, tests);
  return code.split('\n').map((line) => (/^\s*\/\//.test(line) ? '' : line));
}

function keyBreaches({ path, text }, keys) {
  if (!GENERIC_ROOMS.test(path) || !path.endsWith('.rs') || TEST_FILE.test(path) || keys.length === 0) return [];
  // The name of a member of JSON is no key of a process, even where both are one word.
  const literal = new RegExp(`"(?:${keys.join('|')})(?:\\.[a-z_]+)?"(?!\\s*:)`);
  return production(text).flatMap((line, i) =>
    literal.test(line) ? [`${path}:${i + 1} names a process: ${line.trim()}`] : [],
  );
}

/** Above the store, text that becomes SQL is put together from constants; whatever else it holds is bound. (S-26) */
const ABOVE_THE_STORE = /^crates\/(?!store\/|mainstay\/src\/commands\/bench\/)\w+\/src\/.*\.rs$/;
const FORMATTED = /(?:format|write|push_str)!?\(\s*(?:&mut \w+,\s*)?(?:&format!\(\s*)?"((?:[^"\\]|\\.)*)"/gs;
const SQL = /\b(?:SELECT|INSERT INTO|DELETE FROM|ORDER BY)\b|\bUPDATE \w+ SET\b|\{SELECT\}/;

function sqlBreaches({ path, text }) {
  if (!ABOVE_THE_STORE.test(path) || TEST_FILE.test(path)) return [];
  const sql = [...production(text).join('\n').matchAll(FORMATTED)].filter(([, words]) => SQL.test(words));
  const filled = sql.flatMap(([, words]) => [...words.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name));
  const values = filled.filter((name) => !/^[A-Z_]+$/.test(name));
  return values.map((name) => `${path} writes {${name}} into SQL; bind it`);
}

/** Text that looks like key material: what every installation would share is no secret. (S-13) */
const SHIPPED = /^crates\/\w+\/src\/.*\.rs$/;
const KEY_MATERIAL = /"(?:[0-9A-Fa-f]{32,}|[\w+/-]{40,}={0,2})"|\[(?:\s*(?:0x[0-9A-Fa-f]{1,2}|\d{1,3})(?:u8)?\s*,){15}/;

function keyMaterial({ path, text }) {
  if (!SHIPPED.test(path) || TEST_FILE.test(path)) return [];
  const held = KEY_MATERIAL.exec(production(text).join('\n'));
  return held ? [`${path} holds what looks like a key: ${held[0].slice(0, 24)}…`] : [];
}

function patternBreaches({ path, text }, patterns) {
  return text.split('\n').flatMap((line, i) =>
    patterns.filter(([pattern]) => pattern.test(line)).map(([, why]) => `${path}:${i + 1} holds ${why}`),
  );
}

function sizeBreaches({ path, text }) {
  const lines = text.split('\n').length - 1;
  return lines > MAX_LINES ? [`${path} has ${lines} lines; over ${MAX_LINES} it wants to be two rooms`] : [];
}

/** Every breach of the rules in `files`, each { path, text }. */
export function breaches(files) {
  const keys = processKeys(files);
  const found = files.flatMap((file) => [
    ...patternBreaches(file, FORBIDDEN),
    ...(CODE.test(file.path) ? [...patternBreaches(file, UNFINISHED), ...sizeBreaches(file)] : []),
    ...keyBreaches(file, keys),
    ...sqlBreaches(file),
    ...keyMaterial(file),
  ]);
  return [...found, ...tables(files).flatMap(tableBreaches)];
}

/** Files that hold the patterns themselves. */
const OWN = /^scripts\/source-rules(\.test)?\.mjs$/;
const BINARY = /\.(png|jpg|ico|woff2|gz|br|zip|db)$/;

function tracked() {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const paths = listed.split('\0').filter((path) => path && !OWN.test(path) && !BINARY.test(path));
  return paths.flatMap((path) => {
    try {
      return [{ path, text: readFileSync(path, 'utf8') }];
    } catch {
      return []; // deleted, not yet committed
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = tracked();
  const found = breaches(files);
  for (const breach of found) console.error(breach);
  console.log(`source rules: ${files.length} files, ${processKeys(files).length} process keys, ${found.length} breaches`);
  process.exit(found.length > 0 ? 1 : 0);
}
