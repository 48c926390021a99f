import { invalid, notFound, refusal } from '../http/refusals.js';
import { tokenLife, type ApiToken } from '../http/tokens.js';
import { iso } from '../iso.js';
import { letters } from '../random.js';
import type { Handler, Simulation } from '../simulation.js';
import { objectOf } from './users.js';

/** Needs no credential. */
export const getOrganization: Handler = ({ org, bodies, options }) => ({
  status: 200,
  body: JSON.stringify({
    id: org.id,
    pipeline: options.pipeline,
    _links: { organization: { href: bodies.origin } },
    settings: { analyticsCollectionEnabled: false, bugReportingEnabled: false, omEnabled: false },
  }),
});

export const getOrg: Handler = ({ org, bodies }) => ({
  status: 200,
  body: JSON.stringify({
    id: org.id,
    subdomain: 'acme',
    companyName: 'Acme',
    status: 'ACTIVE',
    created: '2018-01-08T00:00:00.000Z',
    lastUpdated: '2025-01-01T00:00:00.000Z',
    expiresAt: null,
    website: null,
    _links: { self: { href: `${bodies.origin}/api/v1/org` } },
  }),
});

export const listApiTokens: Handler = ({ tokens, org }) => ({
  status: 200,
  body: JSON.stringify(
    tokens
      .list()
      .filter(({ revoked }) => !revoked)
      .map(({ id, label, lastUsed }) => ({
        id,
        name: label,
        userId: org.people.ids.of(0),
        clientName: 'Okta API',
        tokenWindow: 'P30D',
        network: { connection: 'ANYWHERE' },
        created: '2025-01-01T00:00:00.000Z',
        lastUpdated: iso(lastUsed),
        expiresAt: iso(lastUsed + tokenLife),
      })),
  ),
});

/** A feature that this org has not bought: a 401 that says nothing about the token. */
export const notBought: Handler = () => {
  throw refusal('E0000015');
};

/** Revokes the token in use: never to be called as a probe. */
export const revokeCurrentToken: Handler = ({ tokens }, { token }) => {
  tokens.change(token.label, { revoked: true });
  return { status: 204 };
};

const limitIdOf = ({ org, tokens }: Simulation, token: ApiToken): string =>
  `dprl${letters(org.seed, 7, tokens.list().indexOf(token), 13)}5d7`;

const principalLimit = (simulation: Simulation, token: ApiToken) => ({
  id: limitIdOf(simulation, token),
  orgId: simulation.org.id,
  principalId: token.id,
  principalType: 'SSWS_TOKEN',
  defaultPercentage: token.percentage,
  defaultConcurrencyPercentage: token.concurrencyPercentage,
  createdDate: '2025-01-01T00:00:00.000Z',
  createdBy: simulation.org.people.ids.of(0),
  lastUpdate: '2025-01-01T00:00:00.000Z',
  lastUpdatedBy: simulation.org.people.ids.of(0),
  _links: {
    self: { href: `${simulation.bodies.origin}/api/v1/principal-rate-limits/${limitIdOf(simulation, token)}` },
  },
});

/** Of tokens alone; a filter by another type of principal finds none. */
export const listPrincipalRateLimits: Handler = (simulation, { query }) => {
  const filter = query.get('filter');
  const wanted = (name: string) => new RegExp(`${name}\\s+eq\\s+"([^"]*)"`).exec(filter ?? '')?.[1];
  const limits = simulation.tokens
    .list()
    .map((token) => principalLimit(simulation, token))
    .filter(({ principalType }) => (wanted('principalType') ?? principalType) === principalType)
    .filter(({ principalId }) => (wanted('principalId') ?? principalId) === principalId);
  return { status: 200, body: JSON.stringify(limits) };
};

function limitedToken(simulation: Simulation, id: string): ApiToken {
  const token = simulation.tokens.list().find((candidate) => limitIdOf(simulation, candidate) === id);
  if (!token) throw notFound(id, 'PrincipalRateLimit');
  return token;
}

export const getPrincipalRateLimit: Handler = (simulation, _request, id = '') => ({
  status: 200,
  body: JSON.stringify(principalLimit(simulation, limitedToken(simulation, id))),
});

/** Gives a token another share of the buckets, from its next request on. */
export const changePrincipalRateLimit: Handler = (simulation, request, id = '') => {
  if (!request.token.roles.includes('SUPER_ADMIN')) throw refusal('E0000006');
  const token = limitedToken(simulation, id);
  const { defaultPercentage, defaultConcurrencyPercentage } = objectOf(request.body, 'principalRateLimit');
  for (const share of [defaultPercentage, defaultConcurrencyPercentage])
    if (share !== undefined && !(Number.isInteger(share) && Number(share) >= 0 && Number(share) <= 100))
      throw invalid('defaultPercentage', 'defaultPercentage: must be from 0 to 100');
  if (defaultPercentage !== undefined) token.percentage = Number(defaultPercentage);
  if (defaultConcurrencyPercentage !== undefined) token.concurrencyPercentage = Number(defaultConcurrencyPercentage);
  return { status: 200, body: JSON.stringify(principalLimit(simulation, token)) };
};
