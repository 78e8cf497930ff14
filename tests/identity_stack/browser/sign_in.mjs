// A browser application: signs somebody in by authorization code and PKCE, then asks vegraph as that person, from a page
// of another origin. Prints what it got as one JSON object.
// Usage: node sign_in.mjs CHROMIUM '{"issuer", "vegraph", "redirect", "resource", "scope", "name", "password", "query"}'

import { createHash, randomBytes } from 'node:crypto';
import { chromium } from 'playwright-core';

const [executablePath, text] = process.argv.slice(2);
const asked = JSON.parse(text);

const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-sync',
    // The application's page is made up below, so Chromium knows no address of it and would ask before it talks to loopback.
    '--disable-features=LocalNetworkAccessChecks',
  ],
});
const context = await browser.newContext({ ignoreHTTPSErrors: true });
const page = await context.newPage();
await page.route(`${new URL(asked.redirect).origin}/**`, (route) =>
  route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Signed in</title>' }),
);

const verifier = randomBytes(48).toString('base64url');
const question = new URLSearchParams({
  client_id: 'browser',
  response_type: 'code',
  redirect_uri: asked.redirect,
  scope: `openid ${asked.scope}`,
  resource: asked.resource,
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
  state: 'here',
});
await page.goto(`${asked.issuer}/auth?${question}`);
await page.getByLabel('Name').fill(asked.name);
await page.getByLabel('Password').fill(asked.password);
await page.getByRole('button', { name: 'Sign in' }).click();
await page.waitForURL(`${asked.redirect}?*`);

const answer = await context.request.post(`${asked.issuer}/token`, {
  form: {
    grant_type: 'authorization_code',
    client_id: 'browser',
    code: new URL(page.url()).searchParams.get('code'),
    code_verifier: verifier,
    redirect_uri: asked.redirect,
  },
});
const { access_token: token } = await answer.json();

const found = await page.evaluate(
  async ({ url, query, token, id }) => {
    const ask = async (headers) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
      return { status: response.status, challenge: response.headers.get('WWW-Authenticate'), json: await response.json() };
    };
    return { signedIn: await ask({ Authorization: `Bearer ${token}`, 'X-Request-Id': id }), nobody: await ask({}) };
  },
  { url: `${asked.vegraph}/graphql`, query: asked.query, token, id: asked.id },
);
console.log(JSON.stringify({ title: await page.title(), token, ...found }));
await browser.close();
