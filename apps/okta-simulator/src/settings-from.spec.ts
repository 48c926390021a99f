import { settingsFrom } from './settings-from.js';

it('reads the environment and flags, which win', () => {
  const env = {
    SIMULATOR_PEOPLE: '50',
    SIMULATOR_SIGN_INS_PER_PERSON_30D: '3',
    SIMULATOR_LIMITS: 'real',
    SIMULATOR_TOKEN: 'abc',
    SIMULATOR_FROZEN: 'true',
  };
  expect(settingsFrom(env, ['--people', '60', '--assignments-per-person=4', '--limits', '0.5'])).toMatchObject({
    port: 7070,
    people: 60,
    assignmentsPerPerson: 4,
    signInsPerPerson30d: 3,
    limits: 0.5,
    frozen: true,
    tokens: [{ token: 'abc', label: 'super-admin' }],
  });
});

it.each([
  [{ SIMULATOR_PEOPLE: 'many' }, [], 'SIMULATOR_PEOPLE'],
  [{ SIMULATOR_NOW: 'soon' }, [], 'SIMULATOR_NOW'],
  [{ SIMULATOR_FAULTS: '{' }, [], 'SIMULATOR_FAULTS'],
  [{}, ['people'], 'people is not an option'],
])('names what is wrong in %j %j', (env, args, words) => {
  expect(() => settingsFrom(env, args)).toThrow(words);
});
