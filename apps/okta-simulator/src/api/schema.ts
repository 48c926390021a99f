import type { Handler } from '../simulation.js';

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
