// Which requirement a passed test proves: the one whose ID stands in its name, as in
// `inc_06_priority_follows_impact_and_urgency`. One name may carry several.

/** A row counts only through the public API or the UI: stories over HTTP and the browser suite. */
export function isProof({ suite }) {
  return suite === 'stories' || suite === 'browser';
}

/** The IDs in a test name, as they stand in requirements.csv; `known` holds the prefixes in use. */
export function idsIn(name, known) {
  const ids = [...name.toLowerCase().matchAll(/(?<![a-z0-9])([a-z]{3})_(\d\d)(?!\d)/g)];
  return ids.filter(([, prefix]) => known.has(prefix)).map(([, prefix, n]) => `${prefix.toUpperCase()}-${n}`);
}

/** Judges the rows by the results: Map of ID to the names that prove it, and IDs no row has. */
export function prove(rows, results) {
  const known = new Set(rows.map((row) => row.id.slice(0, 3).toLowerCase()));
  const proofs = new Map(rows.map((row) => [row.id, new Set()]));
  const refuted = new Set();
  const unknown = new Set();
  for (const result of results.filter(isProof)) {
    for (const id of idsIn(result.name, known)) {
      if (!proofs.has(id)) unknown.add(`${id} in ${result.name}`);
      else if (result.outcome === 'passed') proofs.get(id).add(`${result.suite}: ${result.name}`);
      else refuted.add(id);
    }
  }
  for (const id of refuted) proofs.set(id, new Set());
  return { proofs, refuted, unknown };
}
