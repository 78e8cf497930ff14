// Opens GraphiQL, asks as each person, and prints what was seen as one JSON object.
// Usage: node graphiql.mjs CHROMIUM URL SCREENSHOT

import { chromium } from 'playwright-core';

const [executablePath, url, screenshot] = process.argv.slice(2);
const origin = new URL(url).origin;

const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const page = await browser.newPage({ viewport: { width: 1400, height: 850 } });

const seen = { complaints: [], elsewhere: [], answers: {} };
page.on('console', (message) => {
  if (message.type() === 'error') seen.complaints.push(message.text());
});
page.on('pageerror', (error) => seen.complaints.push(String(error)));
page.on('request', (request) => {
  const address = request.url();
  if (!address.startsWith(origin) && !address.startsWith('data:') && !address.startsWith('blob:')) {
    seen.elsewhere.push(address);
  }
});

const run = async () => {
  const answered = page.waitForResponse(
    (response) => response.request().method() === 'POST' && !response.request().postData().includes('__schema'),
  );
  await page.locator('.graphiql-execute-button').click();
  return (await answered).json();
};

await page.goto(url);
await page.locator('.graphiql-query-editor .view-line').first().waitFor();
await page.waitForLoadState('networkidle');
seen.query = await page.locator('.graphiql-query-editor .view-lines').innerText();

const people = await page.locator('.vegraph-ask-as option').allInnerTexts();
for (const name of people) {
  await page.locator('.vegraph-ask-as select').selectOption(name);
  await page.waitForLoadState('networkidle');
  seen.answers[name] = await run();
}
if (!people.length) seen.answers[''] = await run();

await page.locator('button[aria-label="Show Documentation Explorer"]').click();
await page.locator('.graphiql-doc-explorer').waitFor();
await page.waitForTimeout(500);
await page.screenshot({ path: screenshot });
seen.documentation = await page.locator('.graphiql-doc-explorer').innerText();
seen.response = await page.locator('.result-window .view-lines').innerText();
seen.address = page.url();
seen.stored = await page.evaluate(() => JSON.stringify({ ...localStorage }));

console.log(JSON.stringify(seen));
await browser.close();
