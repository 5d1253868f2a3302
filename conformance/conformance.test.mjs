import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idsIn, prove } from './proof.mjs';
import { parseCsv, requirements } from './requirements.mjs';
import { rustResults, tapResults } from './results.mjs';

const CARGO = `
     Running unittests src/lib.rs (target/debug/deps/mainstay_engine-0123456789abcdef)

running 1 test
test clock::tests::slm_04_v01_eight_hours ... ok

     Running stories/main.rs (/elsewhere/debug/deps/stories-fedcba9876543210)
test incident::inc_06_and_slm_04_follow_the_matrix::sqlite ... ok
test incident::inc_06_and_slm_04_follow_the_matrix::postgres ... FAILED
test incident::inc_07_hold ... ignored, not today
test chg_02_refuses - should panic ... ok
   Doc-tests mainstay_engine
test crates/engine/src/lib.rs - (line 3) ... ok
`;

const TAP = `TAP version 13
# Subtest: queue
    # Subtest: gen_13 reports in three screens
    ok 1 - gen_13_reports_in_three_screens
    not ok 2 - inc_01_board
ok 1 - queue # SKIP
`;

test('the rows of the file are all read', () => {
  const rows = requirements();
  assert.equal(rows.length, 371);
  assert.deepEqual([rows[0].id, rows.at(-1).id], ['GEN-01', 'CSI-10']);
  assert.ok(rows.every((row) => /^[A-Z]{3}-\d\d$/.test(row.id) && /^[MS]$/.test(row.level) && row.requirement));
  assert.equal(new Set(rows.map((row) => row.id)).size, 371);
});

test('quoted fields may hold commas, quotes and line breaks', () => {
  assert.deepEqual(parseCsv('a,"b, ""c""",\r\n"d\ne",f,g\n'), [['a', 'b, "c"', ''], ['d\ne', 'f', 'g']]);
});

test('cargo output is read by binary', () => {
  const results = rustResults(CARGO);
  assert.deepEqual(results.map(({ suite, outcome }) => [suite, outcome]), [
    ['mainstay_engine', 'passed'],
    ['stories', 'passed'],
    ['stories', 'failed'],
    ['stories', 'skipped'],
    ['stories', 'passed'],
  ]);
  assert.equal(results.at(-1).name, 'chg_02_refuses');
});

test('node output is read with its groups', () => {
  assert.deepEqual(tapResults(TAP, 'browser').map(({ outcome }) => outcome), ['passed', 'failed', 'skipped']);
});

test('an id is found wherever it stands in the name', () => {
  const known = new Set(['inc', 'slm', 'str']);
  assert.deepEqual(idsIn('a::inc_06_slm_07_x', known), ['INC-06', 'SLM-07']);
  assert.deepEqual(idsIn('INC_06: words', known), ['INC-06']);
  assert.deepEqual(idsIn('zinc_06 inc_123 abc_01', known), []);
});

test('only stories and the browser prove, and a failure on one database refutes', () => {
  const rows = requirements();
  const { proofs, refuted, unknown } = prove(rows, [...rustResults(CARGO), ...tapResults(TAP, 'browser')]);
  const proven = rows.filter((row) => proofs.get(row.id).size > 0).map((row) => row.id);
  assert.deepEqual(proven, ['GEN-13', 'CHG-02']);
  assert.deepEqual([...refuted].sort(), ['INC-01', 'INC-06', 'INC-07', 'SLM-04']);
  assert.equal(unknown.size, 0);
});

test('an id that no row has is reported', () => {
  const { unknown } = prove(requirements(), [{ suite: 'stories', name: 'inc_99_x', outcome: 'passed' }]);
  assert.deepEqual([...unknown], ['INC-99 in inc_99_x']);
});
