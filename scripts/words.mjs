// Every text of the interface, and whether each shipped language has it: no key may be missing in a catalogue, none may
// be left over. Prints what is wrong and fails if there is something. --list prints the keys instead; --update puts the missing
// keys into the catalogues, without words, and takes out what is left over.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('..', import.meta.url);

/** Names of attributes whose values people read or hear; as the macro has them. */
const SPOKEN = new Set(['aria-label', 'title', 'placeholder', 'alt', 'data-label', 'data-words']);

/** Where an English sentence in quotes is a text for people. */
const ROOMS = [
  // The tables: names, hints, questions, sentences of guards.
  { path: /^crates\/processes\/src\//, text: (text) => isPhrase(text) || isPlain(text) },
  // Refusals and what reports, demo and history call things.
  { path: /^crates\/(engine|desk|store)\/src\//, text: isSentence },
  { path: /^crates\/desk\/src\/(?:reports\/|shortcuts\/|merging\/|inbox|notify|happenings|records\/approvals\/mod)/, text: isPhrase },
  { path: /^crates\/(?:engine\/src\/spine|desk\/src\/schedules\/every)\.rs/, text: isPhrase },
  // What can hold of a field.
  { path: /^crates\/web\/src\/conditions\/sentences\.rs/, text: (text) => /^(?:is|has|comes|contains|begins)(?: [a-z]+)*$/.test(text) },
  // Pages: labels that components show, sentences.
  { path: /^crates\/web\/src\//, text: isPhrase },
];

/** Files whose sentences nobody reads on a page. */
const APART = /^crates\/(desk\/src\/(demo\/|import\/|doctor|shortcuts\/stroke)|store\/src\/(archive|migrate|server|testing|check)|web\/src\/(assets|live\/(mod|stream|presence)|chart\/scale)\.rs|words\/|markup\/)/;

/** What stands before a text that is for the log, the compiler or another program. */
const NOT_FOR_PEOPLE = /(?:\b(?:expect|reason|panic!|assert!|assert_eq!|assert_ne!|debug_assert!|unreachable!|contains|starts_with|ends_with|strip_prefix|strip_suffix|HeaderName::from_static|HeaderValue::from_static|env!|include!|include_str!|cfg|serde|error|doc|from_static|to_owned_key|trim_start_matches|trim_end_matches|split_once|split|replace|find)\s*[(=]\s*(?:[^"()]*,\s*)?|tracing::\w+!\([^"]*|(?:error|warn|info|debug|trace)!\([^"]*|#\[[^\]"]*)$/;

const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const LETTER = /\p{L}/u;

/** Words as people read them: they begin with a capital, and are no key, no SQL, no format of a program. */
function isPhrase(text) {
  return /^[“"(]?(?:\{[a-z_0-9.]*\}[,:]? )?[A-Z][a-z’']|^[A-Z]\b [a-z]|^(?:IANA|ITIL|VIP|API|E-mail)|^\{(?:number|percent|actor)\}.* [a-z]|^“?\{[\w.]*\}”?.* [a-z].*\.$|^ISO \d+, [a-z]|^\d+,? [\d ]*and .* [a-z]+$/.test(text) && !isMachine(text);
}

/** The end of a sentence, as what a failing service does. */
function isPlain(text) {
  return /^[a-z]+(?: [a-z]+){3,}$/.test(text) && !/\b(?:in|is|and|or)\b/.test(text);
}

/** A whole sentence. */
function isSentence(text) {
  return /(?:[.!?…]| [a-z]+: \{why\})$/.test(text) && / /.test(text) && /^(?:[A-Z“]|\{)/.test(text) && !isMachine(text);
}

function isMachine(text) {
  return /^(?:Mod|Shift|Ctrl)\+/.test(text) || /^(?:SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|FROM|JOIN|WHERE|ORDER|AND|OR|GROUP)\b/.test(text) || /^[A-Z][a-z]+\/[A-Z]|^[A-Z][A-Za-z]*=|^\S+\/\d|^[A-Z][a-z]+(?:-[A-Z][a-z]+)+$/.test(text) || /^(Mozilla|Edg|Firefox|Chrome|Safari)\b\/?/.test(text);
}

/** Tokens of Rust: strings with their value, words, signs; comments are left out. */
export function tokens(source) {
  const pattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|r(#*)"[\s\S]*?"\1|b?"(?:[^"\\]|\\[\s\S])*"|b?'(?:[^'\\]|\\[^u]|\\u\{[0-9a-f]+\})'|'[a-z_]+|[A-Za-z_][A-Za-z0-9_]*!?(?=\s*[({[])|[A-Za-z_][A-Za-z0-9_]*|\d[\w.]*|=>|->|::|[^\s]/g;
  const found = [];
  for (const { 0: text, index } of source.matchAll(pattern)) {
    if (text.startsWith('//') || text.startsWith('/*')) continue;
    found.push(text.startsWith('"') ? { string: unescaped(text.slice(1, -1)), index } : { sign: text, index });
  }
  return found;
}

function unescaped(text) {
  return text.replace(/\\(?:\n\s*|u\{([0-9a-fA-F]+)\}|([\s\S]))/g, (whole, code, letter) => {
    if (code) return String.fromCodePoint(parseInt(code, 16));
    if (letter === undefined) return '';
    return { n: '\n', t: '\t', r: '\r', 0: '\0' }[letter] ?? letter;
  });
}

/** A file without its tests. */
export function production(text) {
  const tests = text.search(/^#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*mod /m);
  return tests < 0 ? text : text.slice(0, tests);
}

/** The texts of markup in `html! { … }`, as the macro finds them. */
export function markupTexts(list) {
  const texts = [];
  for (let at = 0; at < list.length; at += 1) {
    if (list[at].sign === 'html!' && list[at + 1]?.sign === '{') nodes(list, at + 2, texts);
  }
  return texts;
}

const CLOSES = { '{': '}', '(': ')', '[': ']' };

/** Where the group that opens at `at` ends. */
function closed(list, at) {
  let depth = 0;
  for (let here = at; here < list.length; here += 1) {
    const { sign } = list[here];
    if (sign in CLOSES) depth += 1;
    if (sign === '}' || sign === ')' || sign === ']') depth -= 1;
    if (depth === 0) return here;
  }
  return list.length;
}

/** Reads markup from `at` to its closing brace. */
function nodes(list, at, texts, until = ['}']) {
  let attribute = '';
  while (at < list.length && !until.includes(list[at].sign)) {
    const { sign, string } = list[at];
    if (sign === '@') at = control(list, at + 1, texts);
    else if (sign === '.' || sign === '#') {
      const raw = list[at + 1];
      at += 1;
      if (raw?.string !== undefined) at += 1;
      else if (raw?.sign in CLOSES) at = closed(list, at) + 1;
      attribute = '';
    } else if (sign === '=') {
      at += 1;
      const spoken = SPOKEN.has(attribute);
      if (list[at].sign === '{' && spoken) at = nodes(list, at + 1, texts) + 1;
      else if (list[at].sign in CLOSES) at = closed(list, at) + 1;
      else {
        if (spoken && list[at].string !== undefined) texts.push(list[at]);
        at += 1;
      }
      attribute = '';
    } else if (sign === '{') {
      at = nodes(list, at + 1, texts) + 1;
      attribute = '';
    } else if (sign in CLOSES) {
      at = closed(list, at) + 1;
    } else {
      if (string !== undefined) texts.push(list[at]);
      else if (sign === '-' || sign === ':') attribute += sign;
      else attribute = /[-:]$/.test(attribute) ? attribute + sign : sign;
      at += 1;
    }
  }
  return at;
}

/** Reads what follows an `@`; answers where markup goes on. */
function control(list, at, texts) {
  const first = list[at].sign === 'else' ? list[at + 1] : list[at];
  if (list[at].sign === 'let') {
    while (list[at].sign !== ';') at = list[at].sign in CLOSES ? closed(list, at) + 1 : at + 1;
    return at + 1;
  }
  while (list[at].sign !== '{') at = list[at].sign in CLOSES ? closed(list, at) + 1 : at + 1;
  if (first.sign !== 'match') return nodes(list, at + 1, texts) + 1;
  const end = closed(list, at);
  for (let here = at + 1; here < end; here += 1) {
    if (list[here].sign !== '=>') continue;
    here = list[here + 1].sign === '{' ? nodes(list, here + 2, texts) : nodes(list, here + 1, texts, [',', '}']);
  }
  return end + 1;
}

/** Calls of the functions that look words up, with what they look up. */
function calls(source) {
  const string = '"((?:[^"\\\\]|\\\\[\\s\\S])*)"';
  const found = [];
  const each = (pattern, make) => {
    for (const match of source.matchAll(new RegExp(pattern, 'g'))) found.push(make(...match.slice(1).map(unescaped)));
  };
  each(`(?<![\\w.])(?:mainstay_words::)?(?:t|tf)\\(\\s*${string}`, (id) => ({ id }));
  each(`(?<![\\w.])(?:mainstay_words::)?tc\\(\\s*${string},\\s*${string}`, (context, id) => ({ context, id }));
  each(`(?<![\\w.])(?:mainstay_words::)?tn(f?)\\(\\s*[^"]*?,\\s*${string},\\s*${string}`, (more, id, plural) => ({ id, plural, counts: !more }));
  each(`(?<![\\w.])dated\\([^"]*?,\\s*${string}`, (id) => ({ id }));
  return found;
}

/** Every key of the sources: `{ id, context?, plural?, place }`. */
export function keysOf(files) {
  const keys = new Map();
  const add = (key, place) => {
    const id = key.id.replace(/^ +| +$/g, '');
    if (!LETTER.test(id) && !key.context) return;
    const name = `${key.context ?? ''}\u0004${id}`;
    const known = keys.get(name);
    if (!known) keys.set(name, { ...key, id, places: [place] });
    else {
      known.plural ??= key.plural;
      if (!known.places.includes(place)) known.places.push(place);
    }
  };
  for (const { path, text } of files) {
    const source = production(text);
    if (path.endsWith('.ts')) {
      for (const [, id] of source.matchAll(/(?<![\w.])t\("([^"]+)"/g)) add({ id }, path);
      continue;
    }
    if (/^crates\/(?:words|markup)\//.test(path)) continue;
    const called = calls(source);
    for (const key of called) add(key, path);
    const plurals = new Set(called.flatMap(({ context, id, plural }) => [plural, context && id, context]).filter(Boolean));
    const list = tokens(source);
    if (/^crates\/web\/src\//.test(path)) for (const { string } of markupTexts(list)) add({ id: string }, path);
    // What a timer of a state announces is an event with a name of its own.
    for (const [, key] of source.matchAll(/StateTimer \{\s*key: "(\w+)"/g)) add({ id: capitalised(key.replaceAll('_', ' ')) }, path);
    if (APART.test(path)) continue;
    const rooms = ROOMS.filter((room) => room.path.test(path));
    for (const { string, index } of list) {
      if (string === undefined || plurals.has(string)) continue;
      if (NOT_FOR_PEOPLE.test(source.slice(Math.max(0, index - 160), index))) continue;
      // Each paragraph is a text of its own.
      const texts = string.split('\n\n').filter((text) => rooms.some((room) => room.text(text)));
      for (const id of texts) add({ id }, path);
    }
  }
  return keys;
}

/** The messages of a catalogue. */
export function catalogue(text) {
  const messages = new Map();
  for (const block of text.split(/\n\s*\n/)) {
    const message = {};
    let field;
    for (const line of block.split('\n')) {
      if (line.startsWith('#')) {
        if (/^#,.*fuzzy/.test(line)) message.fuzzy = true;
        continue;
      }
      const named = /^(msg\w+(?:\[\d+\])?)\s+"(.*)"$/.exec(line);
      const more = /^"(.*)"$/.exec(line);
      if (named) {
        [, field] = named;
        message[field] = unescaped(named[2]);
      } else if (more && field) message[field] += unescaped(more[1]);
    }
    if (message.msgid) messages.set(`${message.msgctxt ?? ''}\u0004${message.msgid}`, message);
  }
  return messages;
}

const quoted = (text) => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;

/** A catalogue written anew: its head, then every key in the order of the sources with what was said of it. */
export function updated(text, keys) {
  const [head] = text.split(/\n\s*\n/);
  const messages = catalogue(text);
  const forms = Number(/nplurals=(\d+)/.exec(head)?.[1] ?? 2);
  const blocks = [...keys].map(([name, key]) => {
    const message = messages.get(name) ?? {};
    const lines = [`#: ${key.places.join(' ')}`];
    if (key.context) lines.push(`msgctxt ${quoted(key.context)}`);
    lines.push(`msgid ${quoted(key.id)}`);
    if (!key.plural) return [...lines, `msgstr ${quoted(message.msgstr ?? '')}`].join('\n');
    lines.push(`msgid_plural ${quoted(key.plural)}`);
    for (let form = 0; form < forms; form += 1) lines.push(`msgstr[${form}] ${quoted(message[`msgstr[${form}]`] ?? '')}`);
    return lines.join('\n');
  });
  return `${[head, ...blocks].join('\n\n')}\n`;
}

/** The places for values in a text. */
const placeholders = (text) => [...new Set(text.match(/\{[\w:?]*\}/g) ?? [])].sort().join(' ');

/** What is wrong with a catalogue. */
export function faults(tag, messages, keys) {
  const found = [];
  for (const [name, key] of keys) {
    const message = messages.get(name);
    const said = message && (key.plural ? message['msgstr[0]'] : message.msgstr ?? message['msgstr[0]']);
    const values = placeholders(`${key.id} ${key.plural ?? ''}`);
    const shown = `${key.context ? `[${key.context}] ` : ''}“${key.id}” (${key.places[0]})`;
    if (key.counts && values && values !== '{n}') found.push(`${tag}: nothing but {n} is filled in ${shown}`);
    if (!said || message.fuzzy) found.push(`${tag} lacks ${shown}`);
    else if (placeholders(key.plural ?? key.id) !== placeholders(message['msgstr[1]'] ?? said)) found.push(`${tag} has other values in ${shown}`);
  }
  for (const [name, message] of messages) {
    if (!keys.has(name)) found.push(`${tag} has one too many: “${message.msgid}”`);
  }
  return found;
}

function sources() {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', 'crates/*/src/*.rs', 'assets/src/*.ts'], {
    encoding: 'utf8',
    cwd: fileURLToPath(ROOT),
  });
  const paths = listed.split('\0').filter((path) => path && !/(^|\/)tests?\.rs$|_tests?\.rs$|\/(stories|testing)\//.test(path));
  return paths.map((path) => ({ path, text: readFileSync(new URL(path, ROOT), 'utf8') }));
}

/** Texts that no source spells out: names of months and days, what a number looks like, the language itself. */
const BESIDES = [
  ...['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((id) => ({ context: 'month', id })),
  ...['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].map((id) => ({ context: 'day', id })),
  { context: 'language', id: 'English' },
  { context: 'direction', id: 'ltr' },
  // Words that code picks by what it finds.
  ...['below', 'at most', 'above', 'at least', 'before', 'until', 'after', 'from'].map((id) => ({ id })),
  ...['open', 'waiting', 'done', 'closed'].map((id) => ({ context: 'phase', id })),
  ...['%a %-d %b %H:%M', '%-d %b %Y %H:%M', 'today', 'tomorrow', 'yesterday', 'this week', 'last week', 'this month', 'last month', 'this year', 'last year'].map((id) => ({ id })),
  ...['Active', 'Address', 'Second factor', 'installation', 'Today', 'Tomorrow', 'Yesterday'].map((id) => ({ id })),
  ...['week', 'month', 'quarter', 'year'].flatMap((span) => ['This', 'Last', 'Next'].map((which) => `${which} ${span}`)).filter((id) => id !== 'Next quarter' && id !== 'Next year').map((id) => ({ id })),
  ...['next week', 'next month', 'this quarter', 'last quarter'].map((id) => ({ id })),
  // The ways by which something was asked for.
  ...['desk', 'portal', 'api', 'import', 'engine', 'command'].map((id) => ({ context: 'channel', id })),
  ...['response', 'resolution'].map((id) => ({ id })),
  ...['{name} is viewing', '{name} is replying', '{name} is away'].map((id) => ({ id })),
  ...['up, better', 'up, worse', 'down, better', 'down, worse', 'unchanged'].map((id) => ({ id })),
  ...['1 to 3 days', '3 to 7 days', '7 to 30 days'].map((id) => ({ id })),
  ...['.', ',', '{n}%'].map((id) => ({ context: 'number', id })),
];

export function allKeys() {
  const keys = keysOf(sources());
  for (const key of BESIDES) {
    const name = `${key.context ?? ''}\u0004${key.id}`;
    if (!keys.has(name)) keys.set(name, { ...key, places: ['scripts/words.mjs'] });
  }
  return keys;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const keys = allKeys();
  if (process.argv.includes('--list')) {
    for (const key of keys.values()) console.log(JSON.stringify(key));
    process.exit(0);
  }
  const file = (tag) => new URL(`locales/${tag}.po`, ROOT);
  const tags = readdirSync(new URL('locales', ROOT)).filter((name) => name.endsWith('.po')).map((name) => name.slice(0, -3));
  if (process.argv.includes('--update')) {
    for (const tag of tags) writeFileSync(file(tag), updated(readFileSync(file(tag), 'utf8'), keys));
  }
  const found = tags.flatMap((tag) => faults(tag, catalogue(readFileSync(file(tag), 'utf8')), keys));
  for (const fault of found) console.error(fault);
  console.log(`words: ${keys.size} keys, ${tags.length} catalogues (${tags.join(', ')}), ${found.length} faults`);
  process.exit(found.length > 0 ? 1 : 0);
}
