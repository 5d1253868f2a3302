// Texts of a page that nobody translated: what the pseudo-locale leaves as it is and nobody has written.
import assert from 'node:assert/strict';

/** Registers whose names and words people write. */
const PLURALS = { INC: 'incidents', PRB: 'problems', CHG: 'changes', CI: 'configuration-items', AST: 'it-assets', LIC: 'licences', EVA: 'evaluations', BL: 'baselines' };
/** Whose words of what happened and what helps stand beside other records. */
const TOLD = ['incidents', 'problems'];
const REGISTERS = [
  'people', 'teams', 'organisations', 'roles', 'services', 'categories', 'calendars', 'service-levels', 'priority-matrices', 'assignment-rules', 'approval-policies', 'boards', 'risk-rules', 'evaluation-rules',
  'notification-rules', 'models', 'templates', 'macros', 'views', 'custom-fields', 'process-settings', 'sign-in-rules', 'item-classes', 'relation-types', 'sources', 'match-rules', 'windows',
];

/** What stays as it is in every language: the product, formats, languages in their own words. */
const PROPER = /^(?:Mainstay|CSV|JSON|XLSX|SVG|PDF|API|English|Deutsch|Kepner-Tregoe|Pseudo \(right to left\))$/;

/** A key, a permission, a condition, an address: words of a program. */
const PROGRAM = /^[\w.*:/@-]*[._*:/@][\w.*:/@-]*$|^[A-Z]{1,2}$|^[A-Z]+-\d+$|\b(?:in|=|<|>|and) (?:\(|[\w"(-])/;

/** As it reads without the marks of Markdown. */
const plain = (text) => text.replace(/\\n/g, ' ').replace(/\\"/g, '"').replace(/[*_`#>]/g, '').replace(/\s+/g, ' ');

/** What people wrote: everything that the API tells its administrator. */
export class Written {
  #person;
  #text = '';
  #known = new Set();

  constructor(person) {
    this.#person = person;
  }

  async #add(path, person = this.#person, none = 200) {
    if (this.#known.has(path)) return;
    this.#known.add(path);
    const answer = await person.context.request.get(`/api/v1/${path}`);
    assert.ok([200, none].includes(answer.status()), `${answer.status()} ${path}`);
    this.#text += plain(await answer.text());
  }

  /** Reads what may stand on a page: the registers, the records, and all that hangs on those that its address names. */
  async of(path, person) {
    for (const register of REGISTERS) await this.#add(`${register}?limit=200`);
    for (const process of Object.values(PLURALS)) {
      // The newest and the first, so that a list of either end is known.
      for (const sort of ['', '&sort=number', '&sort=title', '&sort=-title']) await this.#add(`${process}?limit=200${sort}`);
      if (TOLD.includes(process)) await this.#add(`${process}?limit=200&fields=resolution,workaround,symptoms`);
    }
    // Words that records have in common.
    if (path === '/problems/candidates') await this.#add('problem-candidates', person);
    // What sources told that waits for a person or was left aside, and what they found otherwise.
    const [, process, told] = /^\/([a-z-]+)\/(sources|discrepancies)$/.exec(path) ?? [];
    const fed = Object.values(PLURALS).includes(process);
    if (fed && told === 'sources') for (const state of ['open', 'ignored']) await this.#add(`${process}/parked?state=${state}`);
    if (told === 'discrepancies') for (const over of [false, true]) await this.#add(`${process}/discrepancies?over=${over}`);
    // What items said when they were captured, and say today, if they were.
    if (/\/comparison$/.test(path)) await this.#add(path.slice(1), person, 404);
    if (path.startsWith('/me/exports')) await this.#add('export-schedules', person);
    if (path.startsWith('/admin/exports')) await this.#add('export-schedules?of=everybody', person);
    // What a team was given, however long ago.
    const given = path.includes('which=work') ? await person.page.locator('main').innerText() : '';
    for (const [number, prefix] of `${path} ${given}`.matchAll(/(INC|PRB|CHG|CI|AST|LIC|EVA|BL)-\d{1,6}\b/g)) {
      const record = `${PLURALS[prefix]}/${number}`;
      const around = prefix === 'CI' ? ['/impact', '/depends-on'] : [];
      for (const part of ['', '/comments', '/tasks', '/links', '/history?limit=200', '/attachments', ...around]) await this.#add(`${record}${part}`);
    }
  }

  has(text) {
    // What has no room for all of its words ends in dots.
    const known = (part) => this.#text.includes(plain(part).replace(/ ?…$/, '')) || PROPER.test(part) || PROGRAM.test(part);
    return known(text) || text.replace(/^· /, '').split(/ · |, |: /).every((part) => known(part.trim()));
  }
}

/** Texts that people see or hear on a page. */
function texts() {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { parentElement, textContent } = walk.currentNode;
    if (!parentElement.closest('script, style, template, .kbd, code, textarea, .prose, .admin-changes dd, .admin-event :is(.quiet, .link, bdi)')) found.push(textContent);
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
    for (const each of document.querySelectorAll(`[${name}]`)) found.push(each.getAttribute(name));
  }
  return [...new Set(found.map((text) => text.replace(/\s+/g, ' ').replace(/ · Mainstay$/, '').trim()))];
}

/** Texts of the page that are English in a language that has no such letters. */
export async function english(person, written, path) {
  await written.of(path, person);
  const shown = await person.page.evaluate(texts);
  const apart = (text) => text.replace(/^[A-Z]+-\d+ /, '');
  return shown.map(apart).filter((text) => /[A-Za-z]{3,}/.test(text) && /^[\x20-\x7e“”’…·–—]+$/.test(text) && !written.has(text));
}
