import type { Handler } from '../simulation.js';

const text = (title: string, maxLength = 255) => ({ title, type: 'string', maxLength, scope: 'NONE' });

/** The attributes of this org's own that a profile may have; a write of any that is neither these nor Okta's is refused. */
export const customAttributes: Record<string, Record<string, unknown>> = {
  deskNumber: { title: 'Desk number', type: 'integer', scope: 'NONE' },
  remote: { title: 'Works remotely', type: 'boolean', scope: 'NONE' },
  skills: { title: 'Skills', type: 'array', items: { type: 'string' }, scope: 'NONE' },
  badgeRatio: { title: 'Badge ratio', type: 'number', scope: 'NONE' },
  grades: { title: 'Grades', type: 'array', items: { type: 'number' }, scope: 'NONE' },
  notes: text('Notes', 10_000),
  'team$name.with-odd_chars': text('Équipe'),
};
/** The base attributes that every answer has, as null when they are unset. */
export const shownAttributes = ['login', 'email', 'firstName', 'lastName', 'mobilePhone', 'secondEmail'];
/** All that Okta brings along (Okta: User profile, default properties). */
export const baseAttributes: readonly string[] = [
  ...shownAttributes,
  'middleName',
  'honorificPrefix',
  'honorificSuffix',
  'title',
  'displayName',
  'nickName',
  'profileUrl',
  'primaryPhone',
  'streetAddress',
  'city',
  'state',
  'zipCode',
  'countryCode',
  'postalAddress',
  'preferredLanguage',
  'locale',
  'timezone',
  'userType',
  'employeeNumber',
  'costCenter',
  'organization',
  'division',
  'department',
  'managerId',
  'manager',
];

/** How long the text of a base attribute may be. */
export const longestOf = (name: string): number =>
  ['login', 'email', 'secondEmail', 'mobilePhone'].includes(name)
    ? 100
    : ['firstName', 'lastName'].includes(name)
      ? 50
      : 255;

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
        properties: Object.fromEntries(baseAttributes.map((name) => [name, text(name, longestOf(name))])),
        required: ['login', 'email', 'firstName', 'lastName'],
      },
    },
    properties: { profile: { allOf: [{ $ref: '#/definitions/custom' }, { $ref: '#/definitions/base' }] } },
  }),
});
