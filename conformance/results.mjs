// Reads what the test runners printed. A result is { suite, name, outcome: 'passed' | 'failed' | 'skipped' };
// the suite is the Rust test binary without its hash, or the name of the Node log.

const RUNNING = /^\s+Running (?:unittests )?\S+ \(\S*?([^/\s]+?)-[0-9a-f]{16}\)$/;
const DOCTESTS = /^\s+Doc-tests (\S+)$/;
const RUST_TEST = /^test (\S+)(?: - should panic)? \.\.\. (ok|FAILED|ignored)/;
const RUST_OUTCOME = { ok: 'passed', FAILED: 'failed', ignored: 'skipped' };

/** Results from the output of `cargo test`, in which each binary announces itself before its tests. */
export function rustResults(output) {
  const results = [];
  let suite = null;
  for (const line of output.split('\n')) {
    const binary = RUNNING.exec(line) ?? DOCTESTS.exec(line);
    if (binary) {
      suite = DOCTESTS.test(line) ? `doc ${binary[1]}` : binary[1];
      continue;
    }
    const test = RUST_TEST.exec(line);
    if (test) results.push({ suite, name: test[1], outcome: RUST_OUTCOME[test[2]] });
  }
  return results;
}

const TAP_TEST = /^(\s*)(not )?ok \d+ - (.*?)(?: # ([A-Z]+).*)?$/;

/** Results from Node's TAP report. A test that only groups others carries the outcome of its parts. */
export function tapResults(output, suite) {
  return output.split('\n').flatMap((line) => {
    const test = TAP_TEST.exec(line);
    if (!test) return [];
    const outcome = test[4] ? 'skipped' : test[2] ? 'failed' : 'passed';
    return [{ suite, name: test[3].replaceAll('\\#', '#'), outcome }];
  });
}
