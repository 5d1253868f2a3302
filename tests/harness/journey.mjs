// A browser test is a journey: a name that carries the rows it proves, who goes, and what they do.
import { after, before, test } from 'node:test';
import { baseUrl } from './demo.mjs';
import { openBrowser, Visitor } from './visitor.mjs';

const LIMIT_MS = 120_000;

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** Sign-in cookies by role: each role signs in once per file. */
const states = new Map();

/** Opens a window, signed in as `role` unless it is absent, at another server with `url`; the rest as for Visitor.open. */
export async function visitor({ role, url = baseUrl(), ...options } = {}) {
  if (role && !states.has(role)) {
    const first = await Visitor.open(browser, baseUrl());
    await first.signIn(role);
    states.set(role, await first.context.storageState());
    await first.close();
  }
  return Visitor.open(browser, url, { ...options, state: states.get(role) });
}

/** Runs `story(visitor, open)`; further people come in through `open`, and nobody's page may have a fault. What the
 *  story starts, it gives to `open.ends`: it is stopped when everybody has left, the last first, so that no page
 *  calls for what is gone. */
export function journey(name, { limit = LIMIT_MS, ...options }, story) {
  test(name, { timeout: limit }, async () => {
    const people = [];
    const started = [];
    const open = async (who) => {
      people.push(await visitor(who));
      return people.at(-1);
    };
    open.ends = (what) => {
      started.push(what);
      return what;
    };
    try {
      await story(await open(options), open);
      for (const person of people) await person.close();
    } finally {
      for (const person of people) await person.context.close();
      for (const what of started.reverse()) await what.stop();
    }
  });
}
