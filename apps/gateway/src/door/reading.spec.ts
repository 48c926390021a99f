import { fieldsOf, InvalidRequest } from '@seatwise/contracts';
import { ConnectionSettings, NewConnection } from '../connections/connections.dto.js';
import { PeopleQuery } from '../people/people.dto.js';
import { readBody, readQuery } from './reading.js';

const pathsOf = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidRequest) return (error.extra.errors ?? []).map(({ path }) => path);
    throw error;
  }
  return [];
};

describe('reading a query', () => {
  it('takes a list by commas or repeated, numbers as numbers, and fills in what is usual', () => {
    const query = readQuery(PeopleQuery, { status: ['ACTIVE,SUSPENDED', 'RECOVERY'], limit: '7' });
    expect(query).toMatchObject({ status: ['ACTIVE', 'SUSPENDED', 'RECOVERY'], limit: 7, window: 30, sort: 'name' });
  });

  it.each([
    [{ limit: '0x10' }, '$.limit'],
    [{ limit: '' }, '$.limit'],
    [{ limit: '1e2' }, '$.limit'],
    [{ limit: ['1', '2'] }, '$.limit'],
    [{ nonsense: '1' }, '$.nonsense'],
    [{ workspace: 'ws_0' }, '$.workspace'],
    [{ status: 'ACTIVE,' }, '$.status'],
    [{ search: 'a\u0000' }, '$.search'],
    [{ search: '\ud800' }, '$.search'],
  ])('refuses %j by name', (plain, path) => {
    expect(pathsOf(() => readQuery(PeopleQuery, plain))).toEqual([path]);
  });
});

describe('reading a body', () => {
  it('refuses unknown fields, nulls, prototypes and depth', () => {
    expect(pathsOf(() => readBody(ConnectionSettings, { paused: null }))).toEqual(['$.paused']);
    expect(pathsOf(() => readBody(ConnectionSettings, { workspace: 'ws' }))).toEqual(['$.workspace']);
    expect(pathsOf(() => readBody(ConnectionSettings, JSON.parse('{"__proto__":{"paused":true}}')))).toEqual(['$']);
    let deep: unknown = 1;
    for (let n = 0; n < 1_000; n++) deep = [deep];
    expect(pathsOf(() => readBody(ConnectionSettings, { name: deep }))).toHaveLength(1);
    expect({}).not.toHaveProperty('paused');
  });

  it('knows the fields of a contract that was put together from others', () => {
    const fields = fieldsOf(NewConnection);
    expect(fields.filter(({ optional }) => !optional).map(({ name }) => name).sort()).toEqual(['orgUrl', 'token']); // prettier-ignore
    expect(readBody(NewConnection, { orgUrl: 'https://a.okta.com', token: '00t-token' })).not.toHaveProperty(
      'settings',
    );
  });
});
