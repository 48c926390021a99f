import { OrgClient, type Item } from './org-client.js';

let org: OrgClient;
beforeEach(async () => {
  org = await OrgClient.start({ people: 60 });
  org.running.control.call('PUT options', { indexLagMs: 5_000 });
});
afterEach(() => org.running.close());

const idsOf = (items: Item[]) => items.map(({ id }) => id);
const later = () => org.running.control.call('PUT clock', { advanceMs: 5_001 });
const expression = (kind: string, text: string) => `?${kind}=${encodeURIComponent(text)}`;

it('people: the plain list is not the index', async () => {
  const id = await org.somebody('ACTIVE');
  await org.call('POST', `/api/v1/users/${id}/lifecycle/suspend`, {});
  const statusIn = async (query: string) =>
    (await org.list(`/api/v1/users${query}`)).find((user) => user.id === id)?.status;
  expect(await statusIn('')).toBe('SUSPENDED');
  expect(await statusIn(expression('search', 'status pr'))).toBe('ACTIVE');
  expect(await statusIn(expression('filter', 'status eq "SUSPENDED"'))).toBeUndefined();
  later();
  expect(await statusIn(expression('filter', 'status eq "SUSPENDED"'))).toBe('SUSPENDED');
});

it('groups: made, renamed, filled and deleted ones show late in search, filter and q', async () => {
  const named = (name: string) => org.list(`/api/v1/groups${expression('search', `profile.name eq "${name}"`)}`);
  const made = (await org.call('POST', '/api/v1/groups', { profile: { name: 'Fresh' } })).body as Item;
  expect(idsOf(await org.list('/api/v1/groups'))).toContain(made.id);
  expect(await named('Fresh')).toEqual([]);
  expect((await org.get('/api/v1/groups?q=Fresh')).body).toEqual([]);
  later();
  expect(idsOf(await named('fresh'))).toEqual([made.id]);

  await org.call('PUT', `/api/v1/groups/${made.id}`, { profile: { name: 'Stale' } });
  expect((await org.get(`/api/v1/groups/${made.id}`)).body).toMatchObject({ profile: { name: 'Stale' } });
  expect(idsOf(await named('Fresh'))).toEqual([made.id]);
  later();
  expect(await named('Fresh')).toEqual([]);

  const byId = `/api/v1/groups${expression('filter', `id eq "${made.id}"`)}`;
  const filled = async () => (await org.list(byId))[0]?.lastMembershipUpdated;
  const before = await filled();
  await org.call('PUT', `/api/v1/groups/${made.id}/users/${await org.somebody('ACTIVE')}`);
  expect(await filled()).toBe(before);
  later();
  expect(await filled()).not.toBe(before);

  await org.call('DELETE', `/api/v1/groups/${made.id}`);
  expect(idsOf(await org.list('/api/v1/groups'))).not.toContain(made.id);
  expect(idsOf(await org.list(byId))).toEqual([made.id]);
  later();
  expect(await org.list(byId)).toEqual([]);
});

it('apps: so do their status and their end', async () => {
  const app = org.truth('apps').find(({ status, signOnMode }) => status === 'ACTIVE' && signOnMode === 'SAML_2_0')!;
  const active = async () =>
    idsOf(await org.list(`/api/v1/apps${expression('filter', 'status eq "ACTIVE"')}`)).includes(app.id);
  await org.call('POST', `/api/v1/apps/${app.id}/lifecycle/deactivate`, {});
  expect((await org.list('/api/v1/apps')).find(({ id }) => id === app.id)?.status).toBe('INACTIVE');
  expect(await active()).toBe(true);
  later();
  expect(await active()).toBe(false);
  await org.call('DELETE', `/api/v1/apps/${app.id}`);
  const inactive = `/api/v1/apps${expression('filter', `id eq "${app.id}"`)}`;
  expect(await org.list(inactive)).toHaveLength(1);
  later();
  expect(await org.list(inactive)).toEqual([]);
});

it('a group administrator does not see Everyone', async () => {
  org.running.control.call('PUT tokens', { label: 'groups', token: 'groups-token' });
  org.running.control.call('PUT tokens', { label: 'groups', roles: ['USER_ADMIN'] });
  const reader = new OrgClient(org.running, 'groups-token');
  const everyone = org.truth('groups').find(({ type }) => type === 'BUILT_IN')!;
  const mine = await reader.list('/api/v1/groups');
  expect(mine).toHaveLength(org.truth('groups').length - 1);
  expect(idsOf(mine)).not.toContain(everyone.id);
  expect(await reader.refusal('GET', `/api/v1/groups/${everyone.id}`)).toEqual([404, 'E0000007']);
  expect((await org.get(`/api/v1/groups/${everyone.id}`)).status).toBe(200);
});
