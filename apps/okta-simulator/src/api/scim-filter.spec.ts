import { OktaRefusal } from '../http/refusals.js';
import { attributesOf, logFilter, parseFilter, userFilter, userSearch } from './scim-filter.js';

const person = attributesOf({
  id: '00u1',
  status: 'ACTIVE',
  lastUpdated: '2026-01-02T00:00:00.000Z',
  profile: { login: 'Ada "x" (1)', skills: ['SQL', 'Go'], remote: false },
});

it.each([
  ['status eq "ACTIVE"', true],
  ['status eq "active"', true],
  ['status eq "STAGED" or profile.login sw "ada"', true],
  ['status eq "STAGED" or status eq "ACTIVE" and profile.login sw "bob"', false],
  ['(status eq "STAGED" or status eq "ACTIVE") and lastUpdated gt "2026-01-01"', true],
  ['profile.login eq "Ada \\"x\\" (1)"', true],
  ['profile.skills eq "go"', true],
  ['profile.remote eq false', true],
  ['profile.absent pr', false],
  ['profile.login co "x"', true],
])('search %s is %s', (expression, expected) => {
  expect(parseFilter(expression, userSearch).matches(person)).toBe(expected);
});

it('minds case in a filter, and not in a search', () => {
  expect(parseFilter('status eq "active"', userFilter).matches(person)).toBe(false);
});

it.each([
  '',
  'status',
  'status eq',
  'status eq "A" and',
  '(status eq "A"',
  'status eq "A")',
  'status xx "A"',
  'status eq "A" "B"',
  'status eq "',
  'status ne "A"',
])('refuses %j', (expression) => {
  expect(() => parseFilter(expression, userSearch)).toThrow(OktaRefusal);
});

it('takes every operator in the log but on published, and not `co` on the address', () => {
  const event = attributesOf({
    eventType: 'a.b',
    target: [
      { id: '1', type: 'User' },
      { id: '2', type: 'AppInstance' },
    ],
  });
  expect(
    parseFilter(
      'target.type eq "AppInstance" and eventType ew ".b" and not (target.id ne "1" and target.id eq "3")',
      logFilter,
    ).matches(event),
  ).toBe(true);
  expect(() => parseFilter('published gt "2026"', logFilter)).toThrow('E0000053');
  expect(() => parseFilter('debugContext.debugData.url co "x"', logFilter)).toThrow('E0000031');
});

it.each([
  ['id eq "1"', { id: ['1'] }],
  ['id eq "1" or id eq "2"', { id: ['1', '2'] }],
  ['id eq "1" and status eq "ACTIVE"', { id: ['1'], status: ['ACTIVE'] }],
  ['id eq "1" or status eq "ACTIVE"', {}],
  ['(id eq "1" and status eq "ACTIVE") or (id eq "2" and lastUpdated gt "2024-01-01")', { id: ['1', '2'] }],
  ['id pr', {}],
])('knows of %s what a subject must have', (expression, known) => {
  const { oneOf } = parseFilter(expression, { ...userSearch, check: () => {} });
  expect(Object.fromEntries([...oneOf].map(([name, values]) => [name, [...values]]))).toEqual(known);
});
