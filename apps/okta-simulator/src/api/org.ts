import { refusal } from '../http/refusals.js';
import { letters } from '../random.js';
import type { Handler } from '../simulation.js';

/** Needs no credential. */
export const getOrganization: Handler = ({ org, bodies }) => ({
  status: 200,
  body: JSON.stringify({
    id: org.id,
    pipeline: 'idx',
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

export const listApiTokens: Handler = ({ tokens, org, clock }) => ({
  status: 200,
  body: JSON.stringify(
    tokens
      .list()
      .filter(({ revoked }) => !revoked)
      .map(({ id, label }) => ({
        id,
        name: label,
        userId: org.people.ids.of(0),
        clientName: 'Okta API',
        tokenWindow: 'P30D',
        network: { connection: 'ANYWHERE' },
        created: '2025-01-01T00:00:00.000Z',
        lastUpdated: new Date(clock.now()).toISOString(),
        expiresAt: new Date(clock.now() + 30 * 86_400_000).toISOString(),
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

export const listPrincipalRateLimits: Handler = ({ tokens, org, bodies }) => ({
  status: 200,
  body: JSON.stringify(
    tokens.list().map(({ id }, n) => ({
      id: `dprl${letters(org.seed, 7, n, 13)}5d7`,
      orgId: org.id,
      principalId: id,
      principalType: 'SSWS_TOKEN',
      defaultPercentage: 50,
      defaultConcurrencyPercentage: 50,
      createdDate: '2025-01-01T00:00:00.000Z',
      createdBy: org.people.ids.of(0),
      lastUpdate: '2025-01-01T00:00:00.000Z',
      lastUpdatedBy: org.people.ids.of(0),
      _links: { self: { href: `${bodies.origin}/api/v1/principal-rate-limits/${id}` } },
    })),
  ),
});

const text = (title: string, maxLength = 255) => ({ title, type: 'string', maxLength, scope: 'NONE' });

/** The attributes that a profile may have; a write of any other is refused. */
export const customAttributes: Record<string, Record<string, unknown>> = {
  department: text('Department'),
  costCenter: { title: 'Cost centre', type: 'integer', scope: 'NONE' },
  remote: { title: 'Works remotely', type: 'boolean', scope: 'NONE' },
  skills: { title: 'Skills', type: 'array', items: { type: 'string' }, scope: 'NONE' },
  badgeRatio: { title: 'Badge ratio', type: 'number', scope: 'NONE' },
  grades: { title: 'Grades', type: 'array', items: { type: 'number' }, scope: 'NONE' },
  notes: text('Notes', 10_000),
  managerId: text('Manager'),
  title: text('Title'),
  'team$name.with-odd_chars': text('Équipe'),
};
export const baseAttributes = ['login', 'email', 'firstName', 'lastName', 'mobilePhone', 'secondEmail'];

export const getUserSchema: Handler = ({ bodies }) => ({
  status: 200,
  body: JSON.stringify({
    id: `${bodies.origin}/meta/schemas/user/default`,
    $schema: 'http://json-schema.org/draft-04/schema#',
    name: 'user',
    title: 'User',
    type: 'object',
    definitions: {
      custom: { id: '#custom', type: 'object', properties: customAttributes, required: [] },
      base: {
        id: '#base',
        type: 'object',
        properties: Object.fromEntries(baseAttributes.map((name) => [name, text(name, name === 'login' ? 100 : 50)])),
        required: ['login', 'email', 'firstName', 'lastName'],
      },
    },
    properties: { profile: { allOf: [{ $ref: '#/definitions/custom' }, { $ref: '#/definitions/base' }] } },
  }),
});
