// A real OpenID provider (npm oidc-provider) on loopback over TLS, shaped like a tenant of Entra ID, for tests.
//
//   node main.mjs CONFIG.json
//
// CONFIG: port, tenant, certificate (PEM file with key and certificate), people, clients, resources; see provider.mjs.
// Writes one JSON line when it listens, {"issuer": …}, then reads commands as JSON lines and answers each with one:
//   {"do": "rotate"}               new signing keys; tokens signed with the old ones are worth nothing any more
//   {"do": "revoke", "person": …}  ends that person's sessions; their tokens can't be exchanged any more
// Ends when its input ends, so that it never outlives the test that started it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createInterface } from 'node:readline';

import { makeProvider } from './provider.mjs';
import { signIn } from './sign_in.mjs';

console.info = console.error; // the library's notices; what is written to the output is for the test

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const prefix = `/${config.tenant}/v2.0`;
const pem = readFileSync(config.certificate);

let current;

const server = createServer({ key: pem, cert: pem }, (request, response) => {
  if (request.url.startsWith(`${prefix}/interaction/`)) {
    signIn(current.provider, config.people, prefix, request, response);
  } else if (request.url.startsWith(`${prefix}/`)) {
    request.originalUrl = request.url;
    request.url = request.url.slice(prefix.length);
    current.provider.callback()(request, response);
  } else {
    response.writeHead(404).end();
  }
});

server.listen(config.port, '127.0.0.1', async () => {
  const issuer = `https://127.0.0.1:${server.address().port}${prefix}`;
  current = await makeProvider(config, issuer, prefix);
  say({ issuer });
  for await (const line of createInterface({ input: process.stdin })) {
    say(await obey(JSON.parse(line), issuer));
  }
  process.exit(0);
});

async function obey(command, issuer) {
  if (command.do === 'rotate') {
    current = await makeProvider(config, issuer, prefix);
    return { done: 'rotate' };
  }
  if (command.do === 'revoke') {
    return { done: 'revoke', grants: await current.revoke(command.person) };
  }
  return { error: `unknown command ${command.do}` };
}

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
