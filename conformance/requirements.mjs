// The requirement rows, read from requirements.csv.
import { readFileSync } from 'node:fs';

/** Splits CSV with quoted fields into rows of strings. */
export function parseCsv(text) {
  const rows = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  for (let match; field.lastIndex < text.length && (match = field.exec(text)); ) {
    rows.at(-1).push(match[1]?.replaceAll('""', '"') ?? match[2]);
    if (match[3] !== ',') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

/** The rows as { id, process, level, requirement }, in the order of the file. */
export function requirements() {
  const text = readFileSync(new URL('requirements.csv', import.meta.url), 'utf8');
  const [head, ...rows] = parseCsv(text);
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
}
