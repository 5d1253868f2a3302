import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue, faults, keysOf, updated } from './words.mjs';

const web = (text) => [{ path: 'crates/web/src/pages/x.rs', text }];
const ids = (files) => [...keysOf(files).values()].map(({ id }) => id);

test('texts of markup are keys, classes, addresses and conditions are not', () => {
  const source = `
    fn x() { html! {
      div.card."plain words" id="Not this" aria-label="Read aloud" {
        // "Nor this"
        @if kind == "Open wide" { "optional" } @else { (f("Deep inside")) " by " b { (who) } }
        @match x { Some("Pattern here") => { "in an arm" } None => "nothing" }
        @let y = "Bound text";
        a href={ "/x/" (y) } title={ "Back to " (y) } { (y) }
      }
    } }`;
  const found = ids(web(source));
  for (const key of ['Read aloud', 'optional', 'by', 'in an arm', 'nothing', 'Back to']) assert.ok(found.includes(key), key);
  for (const other of ['plain words', 'Nor this', '/x/']) assert.ok(!found.includes(other), other);
});

test('calls give keys with context and plural', () => {
  const keys = keysOf(web('fn x() { tc("verb", "Open"); tn(rows.len(), "{n} row", "{n} rows"); tf("to {a}", &[]) }'));
  assert.deepEqual(
    [...keys.values()].map(({ id, context, plural }) => [id, context, plural]),
    [['to {a}', undefined, undefined], ['Open', 'verb', undefined], ['{n} row', undefined, '{n} rows']],
  );
});

test('a test module and the log hold no texts', () => {
  const source = 'fn x() { tracing::warn!("A thing failed"); y.expect("It is there") }\n#[cfg(test)]\nmod tests { fn z() { t("Never") } }';
  assert.deepEqual(ids(web(source)), []);
});

test('sentences of the desk are keys, its codes are not', () => {
  const desk = [{ path: 'crates/desk/src/x.rs', text: 'fn x() { Refusal::invalid("no_right", format!("You may not read {}.", y)) }' }];
  assert.deepEqual(ids(desk), ['You may not read {}.']);
});

test('a catalogue lacks nothing, has nothing left over and keeps the values', () => {
  const keys = keysOf(web('fn x() { t("Save"); tf("To {name}", &[]); t("Gone missing") }'));
  const text = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=n != 1;\\n"\n\nmsgid "Save"\nmsgstr "Sichern"\n\nmsgid "To {name}"\nmsgstr "An"\n\nmsgid "Old"\nmsgstr "Alt"\n';
  const found = faults('de', catalogue(text), keys);
  const expected = ['de lacks “Gone missing”', 'de has other values in “To {name}”', 'de has one too many: “Old”'];
  assert.deepEqual(found.map((fault) => fault.split(' (')[0]).sort(), expected.sort());
  const fresh = catalogue(updated(text, keys));
  assert.equal(fresh.get('\u0004Save').msgstr, 'Sichern');
  assert.equal(fresh.get('\u0004Gone missing').msgstr, '');
  assert.ok(!fresh.has('\u0004Old'));
});
