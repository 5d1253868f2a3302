// Every page that the navigation leads to, for each role: it answers, axe finds nothing in either theme, nothing
// scrolls sideways on a narrow phone, and the page breaks no rule of its own content policy.
import assert from 'node:assert/strict';
import { SIGN_IN_PATH } from '../harness/demo.mjs';
import { journey } from '../harness/journey.mjs';

const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-N'; img-src 'self' data: blob:;",
  "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';",
  "frame-ancestors 'none'; object-src 'none'",
].join(' ');

/** The paths that the page's navigation links to, each once. */
async function navigation(page) {
  const links = await page.locator('nav a[href^="/"]').evaluateAll((all) => all.map((link) => link.pathname));
  return [...new Set(links)];
}

async function expectSound(person, path) {
  const response = await person.go(path);
  const policy = response.headers()['content-security-policy'] ?? '';
  assert.equal(policy.replace(/'nonce-[\w+/=-]{16,}'/, "'nonce-N'"), POLICY, `policy of ${path}`);
  const html = await response.text();
  assert.doesNotMatch(html, /<[^>]*\sstyle=|<[^>]*\son[a-z]+=|<script(?![^>]*\ssrc=)/i, `inline code in ${path}`);
  await person.expectAccessible();
  await person.expectNoSidewaysScroll();
}

journey('the way in is sound', {}, async (visitor) => {
  await expectSound(visitor, SIGN_IN_PATH);
});

for (const role of ['requester', 'agent', 'approver', 'admin']) {
  journey(`every page in the navigation of the ${role} is sound`, { role }, async (person) => {
    await person.go('/');
    const paths = await navigation(person.page);
    assert.ok(paths.length > 1, 'the navigation leads somewhere');
    for (const path of paths) await expectSound(person, path);
  });
}
