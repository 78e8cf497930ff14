// The on-behalf-of grant: Entra ID's use of RFC 7523, as MSAL asks for it. A middle tier gives the token a person came with and
// gets that person's token for the next service; the policy below says to whom, for whom, and when more is asked for.
import { createLocalJWKSet, jwtVerify } from 'jose';
import { errors } from 'oidc-provider';

import { defaultScope } from './provider.mjs';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const { InvalidGrant, InvalidRequest, InvalidScope } = errors;

export function onBehalfOf(provider, config, key, resource) {
  const { kty, n, e, kid, alg, use } = key;
  const keys = createLocalJWKSet({ keys: [{ kty, n, e, kid, alg, use }] });

  return async (ctx) => {
    const { params, client } = ctx.oidc;
    if (params.requested_token_use !== 'on_behalf_of') throw new InvalidRequest('requested_token_use is not on_behalf_of');
    const own = config.clients.find((one) => one.client_id === client.clientId).audience;
    const assertion = await verified(params.assertion, keys, provider.issuer, own);
    if (assertion.idtyp === 'app' || !assertion.scp) throw new InvalidGrant('an application stands for nobody');
    if (!(await provider.Grant.find(assertion.gid))) throw new InvalidGrant('the session has ended');

    const audience = defaultScope(params.scope);
    if (!audience || !config.resources[audience]) throw new InvalidScope('scope must be one resource and /.default', params.scope);
    const { scope, needs } = config.resources[audience];
    if (needs && !(assertion.acrs ?? []).includes(needs)) {
      ctx.status = 400;
      const claims = { access_token: { acrs: { essential: true, value: needs } } };
      ctx.body = { error: 'interaction_required', error_codes: [50076], claims: JSON.stringify(claims) };
      return;
    }

    const person = config.people.find((one) => one.oid === assertion.oid);
    const token = new provider.AccessToken({ accountId: person.id, client, grantId: assertion.gid, gty: 'jwt-bearer', scope });
    token.resourceServer = new provider.ResourceServer(audience, resource(ctx, audience));
    ctx.body = { access_token: await token.save(), expires_in: token.expiration, token_type: 'Bearer', scope };
  };
}

async function verified(assertion, keys, issuer, audience) {
  try {
    return (await jwtVerify(assertion, keys, { issuer, audience, algorithms: ['RS256'] })).payload;
  } catch (problem) {
    throw new InvalidGrant('the assertion is not one for this application', problem.code);
  }
}
