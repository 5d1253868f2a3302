// An API token for a person of the demo, made the way a person makes one.
import assert from 'node:assert/strict';
import { baseUrl, TOKENS_PATH } from './demo.mjs';
import { openBrowser, Visitor } from './visitor.mjs';

/** Signs in as `role` and returns the secret of a new token. */
export async function apiToken(role) {
  const browser = await openBrowser();
  try {
    const visitor = await Visitor.open(browser, baseUrl());
    await visitor.signIn(role);
    const answer = await visitor.context.request.post(TOKENS_PATH, {
      data: { name: 'API suite' },
      headers: { origin: baseUrl() },
    });
    assert.equal(answer.status(), 201, await answer.text());
    return (await answer.json()).token;
  } finally {
    await browser.close();
  }
}
