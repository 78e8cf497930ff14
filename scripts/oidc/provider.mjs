// What the provider knows and issues: access tokens as Entra ID makes them, one audience each, `sub` different for each
// application, `oid` and `tid` the same everywhere.
//
// people:    [{ id, name, oid, password, strong }]   `strong`: signed in with a second factor (acrs c1)
// clients:   [{ client_id, …client metadata, audience, object_id }]   `audience`: what tokens for this client's API carry
// resources: { AUDIENCE: { scope, needs } }          `needs`: an acrs value, else conditional access refuses
import { createHash, randomUUID } from 'node:crypto';

import { exportJWK, generateKeyPair } from 'jose';
import { Provider, errors } from 'oidc-provider';

import { JWT_BEARER, onBehalfOf } from './on_behalf_of.mjs';

const OWN_METADATA = new Set(['audience', 'object_id']);

export async function makeProvider(config, issuer, prefix) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: randomUUID(), use: 'sig', alg: 'RS256' };
  const person = (id) => config.people.find((one) => one.id === id);
  const grants = new Map();

  function resource(ctx, indicator) {
    const found = config.resources[indicator];
    if (!found) throw new errors.InvalidTarget(`unknown resource ${indicator}`);
    return { scope: found.scope, audience: indicator, accessTokenFormat: 'jwt', accessTokenTTL: 3600, jwt: { sign: { alg: 'RS256' } } };
  }

  const provider = new Provider(issuer, {
    clients: config.clients.map(metadata),
    jwks: { keys: [key] },
    scopes: ['openid', 'profile'],
    cookies: { keys: ['loopback only'] },
    pkce: { required: () => true },
    clientAuthMethods: ['none', 'client_secret_post', 'client_secret_basic', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256'] },
    findAccount: (ctx, id) => person(id) && { accountId: id, claims: () => ({ sub: id, name: person(id).name }) },
    interactions: { url: (ctx, interaction) => `${prefix}/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: resource,
        useGrantedResource: () => true,
        // MSAL names the resource as Entra ID has it, inside the scope.
        defaultResource: (ctx) => defaultScope(ctx.oidc.params.scope),
      },
    },
    loadExistingGrant: async (ctx) => {
      // First-party applications: signing in is consent enough.
      const grant = new ctx.oidc.provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
      grant.addOIDCScope('openid profile');
      for (const [audience, one] of Object.entries(config.resources)) grant.addResourceScope(audience, one.scope);
      const id = await grant.save();
      grants.set(grant.accountId, [...(grants.get(grant.accountId) ?? []), id]);
      return grant;
    },
    formats: { customizers: { jwt: (ctx, token, parts) => likeEntra(token, parts.payload) } },
  });

  function likeEntra(token, payload) {
    const known = token.accountId && person(token.accountId);
    const app = config.clients.find((one) => one.client_id === token.clientId);
    const pairwise = createHash('sha256').update(`${payload.aud}|${payload.sub}`).digest('base64url');
    Object.assign(payload, { tid: config.tenant, ver: '2.0', nbf: payload.iat, azp: token.clientId, sub: pairwise });
    if (known) {
      Object.assign(payload, { oid: known.oid, name: known.name, scp: payload.scope, gid: token.grantId });
      if (known.strong) payload.acrs = ['c1'];
    } else {
      Object.assign(payload, { oid: app.object_id ?? app.client_id, idtyp: 'app' });
    }
    delete payload.scope;
  }

  provider.registerGrantType(JWT_BEARER, onBehalfOf(provider, config, key, resource), [
    'assertion', 'requested_token_use', 'scope', 'claims', 'client_info',
  ]);

  provider.on('grant.error', (ctx, problem) => console.error(`refused: ${problem.error}, ${problem.error_detail ?? ''}`));

  return {
    provider,
    revoke: async (id) => {
      const ended = grants.get(id) ?? [];
      for (const grantId of ended) await (await provider.Grant.find(grantId))?.destroy();
      grants.delete(id);
      return ended.length;
    },
  };
}

export function defaultScope(scope) {
  const found = (scope ?? '').split(' ').find((one) => one.endsWith('/.default'));
  return found?.slice(0, -'/.default'.length);
}

function metadata(client) {
  return Object.fromEntries(Object.entries(client).filter(([name]) => !OWN_METADATA.has(name)));
}
