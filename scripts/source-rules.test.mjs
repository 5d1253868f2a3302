import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breaches, processKeys, production } from './source-rules.mjs';

const TABLE = {
  path: 'crates/processes/src/operation/incident.rs',
  text: 'pub static INCIDENT: Process = Process {\n    key: "incident",\n    plural: "incidents",\n};\n',
};
const file = (path, text) => ({ path, text });

test('process keys come from the tables', () => {
  assert.deepEqual(processKeys([TABLE, { ...TABLE, path: 'crates/web/src/a.rs' }]), ['incident']);
});

test('a table whose key cannot be read is a breach', () => {
  const renamed = { ...TABLE, text: TABLE.text.replace('key:', 'plural: "incidents",\n    key:') };
  assert.equal(breaches([renamed]).length, 1);
});

test('a process key in a generic room is a breach, as a word or before a verb', () => {
  for (const line of ['if p == "incident" {', 'allow("incident.resolve")']) {
    assert.equal(breaches([TABLE, file('crates/web/src/page.rs', line)]).length, 1, line);
  }
});

test('comments, tests, other words and the process rooms may name a process', () => {
  const quiet = [
    file('crates/web/src/page.rs', '// such as "incident"\nlet a = "incidents and more";\n'),
    file('crates/engine/src/a.rs', 'fn a() {}\n\n#[cfg(test)]\nmod tests {\n    const A: &str = "incident";\n}\n'),
    file('crates/store/tests/records.rs', 'let table = "incident";'),
    file('crates/intake/src/mail.rs', 'let process = "incident";'),
  ];
  assert.deepEqual(breaches([TABLE, ...quiet]), []);
});

test('line numbers survive the removal of comments', () => {
  assert.deepEqual(production('// a\nb\n'), ['', 'b', '']);
});

test('machine paths, registry hosts and unfinished work are breaches', () => {
  const lines = [
    'see /work/main/crates',
    'cp /root/x',
    'https://registry.npmjs.org/turbo',
    '"resolved": "https://example.org/a.tgz"',
    '// TODO later',
    'todo!()',
    '#[allow(dead_code)]',
    '#[ignore = "slow"]',
  ];
  for (const line of lines) assert.equal(breaches([file('crates/web/src/a.rs', line)]).length, 1, line);
});

test('routes, our own rooms and iterators are not', () => {
  const text = '"/work/mine" crates/work/src iter.skip(1) "/home" /tmp/x\n';
  assert.deepEqual(breaches([file('crates/web/src/a.rs', text)]), []);
});

test('a file over 600 lines is a breach, a long document is not', () => {
  const long = 'a\n'.repeat(601);
  assert.equal(breaches([file('crates/web/src/a.rs', long)]).length, 1);
  assert.deepEqual(breaches([file('crates/web/src/a.rs', 'a\n'.repeat(600)), file('docs/a.md', long)]), []);
});

test('s_26 a value written into SQL is a breach, a constant and a bound value are not', () => {
  const written = [
    'conn.run(&format!("DELETE FROM token WHERE id = {id}"), &[])',
    'let sql = format!(\n    "SELECT * FROM record\n     WHERE title = \'{}\'", title);',
    'sql.push_str(&format!(" ORDER BY {}", asked.sort))',
    'let sql = format!("{SELECT} AND e.key = \'{email}\'");',
  ];
  for (const text of written) assert.equal(breaches([file('crates/desk/src/a.rs', text)]).length, 1, text);
  const sound = [
    'conn.run("DELETE FROM token WHERE id = $1", &[id.into()])',
    'let sql = format!("{SELECT} AND s.person = $2 ORDER BY s.seen DESC LIMIT {MOST}");',
    'format!("Choose {label}")',
    '#[cfg(test)]\nmod tests { fn a() { format!("SELECT {x}") } }',
  ];
  for (const text of sound) assert.deepEqual(breaches([file('crates/desk/src/a.rs', text)]), [], text);
});

test('s_13_what_looks_like_a_key_is_a_breach_in_what_is_shipped', () => {
  const keys = [
    'const KEY: &str = "6b65796b65796b65796b65796b65796b";',
    'let key = b"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=";',
    'const KEY: [u8; 16] = [0x01, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];',
  ];
  for (const text of keys) assert.equal(breaches([file('crates/desk/src/a.rs', text)]).length, 1, text);
  const sound = ['let key = draw::<32>(entropy);', 'column("breached_closed", "Breached, closed")', '#[cfg(test)]\nmod tests {\n  ' + keys[0] + '\n}'];
  for (const text of sound) assert.deepEqual(breaches([file('crates/desk/src/a.rs', text)]), [], text);
  assert.equal(breaches([file('docs/a.md', ['-----BEGIN', 'PRIVATE KEY-----'].join(' '))]).length, 1);
});
