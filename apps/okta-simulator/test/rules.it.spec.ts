import { OrgClient, type Item } from './org-client.js';

interface Rule extends Item {
  name: string;
  status: string;
  lastUpdated: string;
  conditions: { people: { users: { exclude: string[] } }; expression: { value: string } };
  actions: { assignUserToGroups: { groupIds: string[] } };
}

let org: OrgClient;
let rule: Rule;
let group: string;
beforeEach(async () => {
  org = await OrgClient.start({ people: 400, groups: 60 });
  [rule] = (await org.list('/api/v1/groups/rules')) as [Rule];
  [group] = rule.actions.assignUserToGroups.groupIds as [string];
});
afterEach(() => org.running.close());

const department = () => /^user\.department=="(.+)"$/.exec(rule.conditions.expression.value)![1]!;
const again = async () => (await org.get(`/api/v1/groups/rules/${rule.id}`)).body as Rule;
const members = async () => (await org.list(`/api/v1/groups/${group}/users`)).map(({ id }) => id);
const member = (id: string) => `/api/v1/groups/${group}/users/${id}`;
const inDepartment = ({ profile }: Item) => (profile as Record<string, unknown>).department === department();

it('fills a group with everybody whom its expression means, and pages', async () => {
  expect(rule).toMatchObject({ type: 'group_rule', status: 'ACTIVE', id: expect.stringMatching(/^0pr\w{17}$/) });
  const everybody = org.truth('people').filter((person) => inDepartment(person));
  expect(await members()).toEqual(everybody.map(({ id }) => id));
  expect(everybody.length).toBeGreaterThan(5);
  const all = org.truth('rules');
  expect(all.length).toBeGreaterThan(2);
  expect((await org.list('/api/v1/groups/rules?limit=2')).map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(await org.refusal('GET', '/api/v1/groups/rules/nowhere')).toEqual([404, 'E0000007']);
});

it('keeps out who was taken out by hand, whatever becomes of them', async () => {
  const id = await org.somebody('ACTIVE', inDepartment);
  expect((await org.call('DELETE', member(id))).status).toBe(204);
  expect((await again()).conditions.people.users.exclude).toEqual([id]);
  expect(await members()).not.toContain(id);
  await org.call('POST', `/api/v1/users/${id}`, { profile: { department: null } });
  await org.call('POST', `/api/v1/users/${id}`, { profile: { department: department() } });
  expect(await members()).not.toContain(id);
  for (let twice = 0; twice < 2; twice += 1) await org.call('DELETE', `/api/v1/users/${id}`);
  expect(await org.refusal('GET', `/api/v1/users/${id}`)).toEqual([404, 'E0000007']);
  expect((await again()).conditions.people.users.exclude).toEqual([id]);
});

it('does not keep out who was never in by it', async () => {
  const id = await org.somebody('ACTIVE', (user) => !inDepartment(user));
  await org.call('PUT', member(id));
  await org.call('DELETE', member(id));
  expect((await again()).conditions.people.users.exclude).toEqual([]);
});

it('follows a change of the profile, and leaves who was put there by hand', async () => {
  const [moved, byHand] = [
    await org.somebody('ACTIVE', (user) => !inDepartment(user)),
    await org.somebody('SUSPENDED', (user) => !inDepartment(user)),
  ];
  await org.call('PUT', member(byHand));
  const become = (id: string, value: string | null) =>
    org.call('POST', `/api/v1/users/${id}`, { profile: { department: value } });
  await become(moved, department());
  expect(await members()).toContain(moved);
  await become(moved, null);
  expect(await members()).not.toContain(moved);
  await become(byHand, null);
  expect(await members()).toContain(byHand);
});

it('takes in new people when they are activated', async () => {
  const login = 'new.person@acme.example';
  const profile = { login, email: login, firstName: 'New', lastName: 'Person', department: department() };
  const { id } = (await org.call('POST', '/api/v1/users?activate=false', { profile })).body as Item;
  expect(await members()).not.toContain(id);
  await org.call('POST', `/api/v1/users/${id}/lifecycle/activate`, {});
  expect(await members()).toContain(id);
});

it('can do nothing when its group is gone', async () => {
  await org.call('DELETE', `/api/v1/groups/${group}`);
  expect(await again()).toMatchObject({ status: 'INVALID' });
});
