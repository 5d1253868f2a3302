// A person at a browser. Whatever the page does wrong by itself (a refused script or style, an uncaught error,
// an error in the console) is a fault, and a visit with a fault fails.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SIGN_IN_PATH, PASSWORD, PEOPLE } from './demo.mjs';
import { bringJudges } from './reach.mjs';

const assets = createRequire(new URL('../../assets/package.json', import.meta.url));
const AXE = readFileSync(assets.resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const COLOURS = ['color-contrast'];

export const THEMES = ['light', 'dark'];
const NARROW = { width: 320, height: 640 };
export const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** Starts Debian's Chromium, or the one CHROMIUM names, with nothing of its own going out to the network. */
export function openBrowser() {
  const quiet = ['no-first-run', 'background-networking', 'component-update', 'sync', 'quic', 'gpu'];
  const args = quiet.map((name) => (name.startsWith('no-') ? `--${name}` : `--disable-${name}`));
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  return assets('playwright-core').chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args,
  });
}

/** One person's browser window, with the faults of its pages. */
export class Visitor {
  faults = [];
  #expected = [];

  /** Options: size (a key of SIZES), theme, javaScript, touch, locale, zone, and a state kept from an earlier sign-in. */
  static async open(browser, url, { size = 'desktop', theme = 'light', javaScript = true, touch = false, locale, zone, state } = {}) {
    const visitor = new Visitor();
    visitor.runsScripts = javaScript;
    visitor.context = await browser.newContext({
      baseURL: url,
      viewport: SIZES[size],
      colorScheme: theme,
      // Colours are judged when they have arrived.
      reducedMotion: 'reduce',
      javaScriptEnabled: javaScript,
      hasTouch: touch,
      isMobile: touch,
      storageState: state,
      locale,
      timezoneId: zone,
    });
    await visitor.context.exposeBinding('reportViolation', (_, text) => visitor.#fault('csp', text));
    await visitor.context.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', (event) =>
        window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`),
      ),
    );
    await visitor.context.addInitScript(() => {
      window.unrest = { shift: 0, task: 0 };
      const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
      // What moves because somebody asked for it is no shift.
      watch('layout-shift', ({ value, hadRecentInput }) => (window.unrest.shift += hadRecentInput ? 0 : value));
      watch('longtask', ({ duration }) => (window.unrest.task = Math.max(window.unrest.task, duration)));
    });
    visitor.context.on('page', (page) => visitor.#watch(page));
    visitor.page = await visitor.context.newPage();
    return visitor;
  }

  #watch(page) {
    page.on('pageerror', (error) => this.#fault('error', String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#fault('console', message.text());
    });
  }

  #fault(kind, text) {
    const fault = `${kind}: ${text}`;
    if (!this.#expected.some((pattern) => pattern.test(fault))) this.faults.push(fault);
  }

  /** A fault that belongs to the story, such as the console's line about a form answered with 422. */
  expectFault(pattern) {
    this.#expected.push(pattern);
  }

  async signIn(role) {
    const name = PEOPLE[role];
    assert.ok(name, `the demo has no ${role}`);
    await this.page.goto(SIGN_IN_PATH);
    await this.page.locator('input[autocomplete~="username"]').fill(name);
    await this.page.locator('input[autocomplete="current-password"]').fill(PASSWORD);
    await this.page.locator('input[autocomplete="current-password"]').press('Enter');
    await this.page.waitForURL((url) => url.pathname !== SIGN_IN_PATH);
  }

  /** Goes to a path and expects the given status. */
  async go(path, status = 200) {
    const response = await this.page.goto(path);
    assert.ok([status].flat().includes(response.status()), `GET ${path}: ${response.status()}, not ${status}`);
    return response;
  }

  /** axe finds nothing on the page as it stands, on a desk and on a phone, in light and in dark. */
  async expectAccessible() {
    assert.ok(this.runsScripts, 'axe is a script, and this window runs none');
    const before = this.page.viewportSize();
    for (const viewport of Object.values(SIZES)) {
      await this.page.setViewportSize(viewport);
      await this.expectAccessibleInBothThemes();
    }
    await this.page.setViewportSize(before);
  }

  /** axe finds nothing on the page as it stands, in this window, in light and in dark. */
  async expectAccessibleInBothThemes() {
    await this.#bringAxe();
    for (const colorScheme of THEMES) {
      await this.page.emulateMedia({ colorScheme });
      // A theme changes nothing but colours, so the second one is judged by them alone.
      const rules = colorScheme === THEMES[0] ? { type: 'tag', values: RULES } : { type: 'rule', values: COLOURS };
      const { width } = this.page.viewportSize();
      assert.deepEqual(await this.#axe(rules), [], `axe on ${this.page.url()} in ${colorScheme}, ${width} px wide`);
    }
  }

  /** axe finds nothing on the page as it stands, in this window and theme. */
  async expectAccessibleHere(what) {
    await this.#bringAxe();
    assert.deepEqual(await this.#axe({ type: 'tag', values: RULES }), [], `axe on ${this.page.url()} with ${what}`);
  }

  /** The page stood still while it came, kept nobody waiting for a script, and nothing goes on moving. */
  async expectCalm() {
    const read = () => this.page.evaluate(() => ({ ...window.unrest, moving: document.getAnimations().length }));
    const { shift, task, moving } = await read();
    assert.ok(shift < 0.05, `${this.page.url()} shifts by ${shift}`);
    assert.equal(moving, 0, `${this.page.url()} moves for somebody who wants no movement`);
    // A machine that is busy with something else makes one long task now and then; a page makes it every time.
    let shortest = task;
    for (let again = 0; again < 3 && shortest > 200; again += 1) {
      await this.page.reload();
      shortest = Math.min(shortest, (await read()).task);
    }
    assert.ok(shortest <= 200, `${this.page.url()} keeps the window busy for ${shortest} ms`);
  }

  /** A page that has the judge already keeps it: reading it is half a megabyte. */
  async #bringAxe() {
    if (!(await this.page.evaluate(() => 'axe' in window))) await this.page.evaluate(AXE);
  }

  #axe(runOnly) {
    return this.page.evaluate(async (runOnly) => {
      const { violations } = await window.axe.run(document, { runOnly, resultTypes: ['violations'] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
    }, runOnly);
  }

  /** The page can be used on a narrow phone without scrolling sideways. */
  async expectNoSidewaysScroll() {
    const before = this.page.viewportSize();
    await this.page.setViewportSize(NARROW);
    const width = await this.page.evaluate(() => document.documentElement.scrollWidth);
    await this.page.setViewportSize(before);
    assert.ok(width <= NARROW.width, `${this.page.url()} is ${width} px wide in a window of ${NARROW.width}`);
  }

  /** A finger comes to every control of the page on a narrow phone. */
  async expectFingersReach() {
    const before = this.page.viewportSize();
    const session = await this.context.newCDPSession(this.page);
    await session.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    await this.page.setViewportSize(NARROW);
    const faults = await this.outOfReach();
    await this.page.setViewportSize(before);
    await session.send('Emulation.setTouchEmulationEnabled', { enabled: false });
    await session.detach();
    assert.deepEqual(faults, [], `out of reach on ${this.page.url()} in a window of ${NARROW.width}`);
  }

  /** The controls that nobody comes to: cut off, beside the window or beneath something else. */
  async outOfReach() {
    await this.page.evaluate(bringJudges);
    return this.page.evaluate(() => window.judges.outOfReach());
  }

  /** Walks the page by the Tab key: every stop is in sight, in front, and outlined. Answers how many there were. */
  async expectTabStopsSeen(most = 150) {
    await this.page.evaluate(bringJudges);
    const faults = [];
    for (let stops = 0; stops < most; stops += 1) {
      await this.page.keyboard.press('Tab');
      const stop = await this.page.evaluate(() => window.judges.focused());
      if (stop.ended) break;
      faults.push(...stop.faults);
    }
    assert.deepEqual(faults, [], `stops of the Tab key on ${this.page.url()}`);
  }

  /** Where panes scroll, the window does not: nothing hidden makes the page longer than what can be seen. */
  async expectPanesScroll() {
    const before = this.page.viewportSize();
    for (const viewport of Object.values(SIZES)) {
      await this.page.setViewportSize(viewport);
      const over = await this.page.evaluate(() =>
        document.querySelector('.shell') ? document.documentElement.scrollHeight - window.innerHeight : 0,
      );
      assert.ok(over <= 0, `${this.page.url()} is ${over} px longer than a window of ${viewport.height}`);
    }
    await this.page.setViewportSize(before);
  }

  /** Every control is at least `smallest` pixels high and wide, or stands in a line of text. */
  async expectTouchable(selector, smallest) {
    const small = await this.page.locator(selector).evaluateAll((all, smallest) => {
      const box = (each) => (each.closest('label') ?? each).getBoundingClientRect();
      const hidden = ({ width }) => width < 2;
      const tooSmall = ({ width, height }) => width < smallest - 0.5 || height < smallest - 0.5;
      return all.filter((each) => !hidden(box(each)) && tooSmall(box(each))).map((each) => each.outerHTML.slice(0, 160));
    }, smallest);
    assert.deepEqual(small, [], `smaller than ${smallest} px on ${this.page.url()}`);
  }

  /** Closes the window; fails if a page did something wrong on the way. */
  async close() {
    await this.context.close();
    assert.deepEqual(this.faults, []);
  }
}
