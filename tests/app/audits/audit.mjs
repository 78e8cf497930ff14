// Runs every audit against a URL and prints what came out as JSON lines: {id, name, status, reason}.
// Usage: node audit.mjs URL [Header:value…]

import { serverAudits } from 'graphql-http';

const [url, ...headers] = process.argv.slice(2);
const extra = Object.fromEntries(headers.map((header) => header.split(/:(.*)/s).slice(0, 2)));
const withHeaders = (target, init = {}) => fetch(target, { ...init, headers: { ...extra, ...init.headers } });

for (const audit of serverAudits({ url, fetchFn: withHeaders })) {
  const { status, reason = null } = await audit.fn();
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status, reason }));
}
