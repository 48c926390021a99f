import { nextOf, OrgClient, type Item } from './org-client.js';

let org: OrgClient;
beforeAll(async () => {
  org = await OrgClient.start({ people: 800 });
});
afterAll(() => org.running.close());

const query = (kind: 'filter' | 'search', expression: string, path = '/api/v1/users') =>
  `${path}?${kind}=${encodeURIComponent(expression)}`;
const idsOf = (items: Item[]) => items.map(({ id }) => id);

it.each([
  ['2024-06-01T00:00:00.000Z', '2024-06-01T00:00:00Z'],
  ['2024-06-01T00:00:00.000Z', '2024-06-01T02:00:00+02:00'],
  ['2024-06-01T00:00:00.000Z', '2024-06-01T00:00:00.000+0000'],
])('compares moments, not letters: %s as %s', async (one, other) => {
  const late = await org.list(query('filter', `lastUpdated gt "${one}"`));
  expect(idsOf(late)).toEqual(
    org
      .truth('people')
      .filter(({ lastUpdated }) => String(lastUpdated) > one)
      .map(({ id }) => id),
  );
  expect(late.length).toBeGreaterThan(10);
  expect(idsOf(await org.list(query('filter', `lastUpdated gt "${other}"`)))).toEqual(idsOf(late));
});

it('finds a moment in the middle of a second', async () => {
  const [, person] = org.truth('people');
  const at = Date.parse(String(person!.lastUpdated));
  const second = new Date(Math.floor(at / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
  const found = await org.list(query('filter', `lastUpdated ge "${second}" and id eq "${person!.id}"`));
  expect(idsOf(found)).toEqual([person!.id]);
});

it('compares numbers by size', async () => {
  const costs = org
    .truth<{ id: string; profile: { deskNumber?: number } }>('people')
    .filter(({ profile }) => profile.deskNumber !== undefined && profile.deskNumber >= 900);
  const found = await org.list(query('search', 'profile.deskNumber ge 900'));
  expect(idsOf(found)).toEqual(costs.map(({ id }) => id));
});

it('thins an answer by what its reader can do without', async () => {
  const id = await org.somebody('ACTIVE');
  const { body } = await org.get(`/api/v1/users/${id}`, {
    'content-type': 'application/json; okta-response="omitCredentials,omitCredentialsLinks,omitTransitioningToStatus"',
  });
  expect(body).not.toHaveProperty('credentials');
  expect((body as { _links: object })._links).not.toHaveProperty('resetPassword');
  expect((body as { _links: object })._links).toHaveProperty('suspend');
});

it('gives another ETag after each change, at the same moment too', async () => {
  const id = await org.somebody('ACTIVE');
  const path = `/api/v1/users/${id}`;
  const tags: string[] = [(await org.get(path)).headers.get('etag')!];
  for (const lastName of ['One', 'Two', 'Three'])
    tags.push((await org.call('POST', path, { profile: { lastName } })).headers.get('etag')!);
  expect(new Set(tags).size).toBe(4);
  expect(tags.every((tag) => /^W\/"[0-9a-f]{64}"$/.test(tag))).toBe(true);
  const headers = { 'if-match': tags.at(-1)! };
  expect((await org.call('POST', path, { profile: { lastName: 'Four' } }, headers)).status).toBe(200);
  const malformed = await org.call('POST', path, { profile: { lastName: 'Five' } }, { 'if-match': 'nonsense' });
  expect([malformed.status, (malformed.body as { errorCode: string }).errorCode]).toEqual([400, 'E0000242']);
});

it('finds a login with a slash in it by id alone', async () => {
  const login = 'dev/ops@acme.example';
  const profile = { login, email: login, firstName: 'Dev', lastName: 'Ops' };
  const { id } = (await org.call('POST', '/api/v1/users', { profile })).body as Item;
  expect(await org.refusal('GET', `/api/v1/users/${encodeURIComponent(login)}`)).toEqual([404, 'E0000007']);
  expect((await org.get(`/api/v1/users/${id}`)).status).toBe(200);
});

it('filters apps by who holds them and by the groups they are given to', async () => {
  const [{ person }] = org.truth('assignments') as [Item];
  const held = new Set(
    org
      .truth('assignments')
      .filter((line) => line.person === person)
      .map(({ app }) => String(app)),
  );
  const path = query('filter', `user.id eq "${String(person)}"`, '/api/v1/apps');
  const found = await org.list(`${path}&limit=200&expand=user/${String(person)}`);
  expect(new Set(idsOf(found))).toEqual(held);
  for (const app of found) expect(app._embedded).toMatchObject({ user: { id: person } });
  const [{ group }] = org.truth('group-assignments') as [Item];
  const granted = await org.list(query('filter', `group.id eq "${String(group)}"`, '/api/v1/apps'));
  expect(idsOf(granted)).toEqual(
    org
      .truth('group-assignments')
      .filter((line) => line.group === group)
      .map(({ app }) => app),
  );
  const signingOut = await org.list(query('filter', 'settings.slo.enabled eq false', '/api/v1/apps'));
  expect(signingOut.length).toBeGreaterThan(0);
  expect(signingOut.every(({ signOnMode }) => signOnMode === 'SAML_2_0')).toBe(true);
  expect(await org.refusal('GET', query('filter', 'label eq "x"', '/api/v1/apps'))).toEqual([400, 'E0000031']);
});

it('thins apps when asked to, and shows beside a group what it comes from', async () => {
  const [app] = await org.list('/api/v1/apps?useOptimization=true');
  expect(app).toHaveProperty('label');
  expect(app).not.toHaveProperty('settings');
  const groups = await org.list('/api/v1/groups?expand=app,stats');
  const counted = Map.groupBy(org.truth('memberships'), ({ group }) => group);
  for (const group of groups) {
    const { app: source, stats } = group._embedded as { app?: Item; stats: { usersCount: number } };
    expect(stats.usersCount).toBe(counted.get(group.id)?.length ?? 0);
    expect(source !== undefined).toBe(group.type === 'APP_GROUP');
  }
});

interface Known {
  id: string;
  status: string;
  lastUpdated: string;
  profile: Record<string, unknown>;
}
const people = () => org.truth<Known>('people');
const found = async (kind: 'filter' | 'search', expression: string) =>
  idsOf(await org.list(query(kind, expression))).toSorted();
const expected = (fits: (person: Known) => boolean) =>
  people()
    .filter((person) => fits(person))
    .map(({ id }) => id)
    .toSorted();
const change = (id: string, profile: object) => org.call('POST', `/api/v1/users/${id}`, { profile });

describe('what narrows a search leaves nobody out', () => {
  it('by e-mail, also one that two share', async () => {
    const emails = Map.groupBy(people(), ({ profile }) => String(profile.email).toLowerCase());
    const [shared, holders] = [...emails].find(([, those]) => those.length > 1)!;
    expect(await found('search', `profile.email eq "${shared}"`)).toEqual(holders.map(({ id }) => id).toSorted());
    const id = await org.somebody('ACTIVE');
    await change(id, { email: 'moved@elsewhere.example' });
    expect(await found('filter', 'profile.email eq "moved@elsewhere.example"')).toEqual([id]);
  });

  it('by a key and something else, one way or the other', async () => {
    const [one, two] = people().filter(({ status }) => status === 'ACTIVE');
    expect(await found('filter', `id eq "${one!.id}" or id eq "${two!.id}"`)).toEqual([one!.id, two!.id].toSorted());
    expect(await found('filter', `id eq "${one!.id}" and status eq "STAGED"`)).toEqual([]);
    expect(await found('filter', `id eq "${one!.id}" or status eq "STAGED"`)).toEqual(
      expected(({ id, status }) => id === one!.id || status === 'STAGED'),
    );
  });

  it('by a late change', async () => {
    const since = '2026-01-01T00:00:00.000Z';
    const changed = expected(({ lastUpdated }) => lastUpdated >= since);
    expect(changed.length).toBeGreaterThan(0);
    expect(await found('filter', `lastUpdated ge "${since}"`)).toEqual(changed);
    expect(await found('filter', `lastUpdated ge "${since}" or status eq "STAGED"`)).toEqual(
      expected(({ lastUpdated, status }) => lastUpdated >= since || status === 'STAGED'),
    );
  });

  it('by a name or a department that only a change brought', async () => {
    const id = await org.somebody('ACTIVE');
    await change(id, { department: 'Submarines', firstName: 'Nemo' });
    expect(await found('search', 'profile.department eq "submarines"')).toEqual([id]);
    expect(await found('search', 'profile.department eq "Submarines" or profile.department eq "Legal"')).toEqual(
      expected(({ profile }) => ['Submarines', 'Legal'].includes(String(profile.department))),
    );
    expect((await org.get('/api/v1/users?q=nem')).body).toMatchObject([{ id }]);
    expect((await org.get('/api/v1/users?q=nobody-at-all')).body).toEqual([]);
  });

  it.each(['asc', 'desc'])('in an order of its own, %s, page by page', async (sortOrder) => {
    const listed = await org.list(
      `${query('search', 'status eq "ACTIVE"')}&sortBy=profile.lastName&sortOrder=${sortOrder}&limit=50`,
    );
    const names = listed.map(({ profile }) => String((profile as Item).lastName).toLowerCase());
    const sorted = names.toSorted((a, b) => (a < b ? -1 : 1));
    expect(names).toEqual(sortOrder === 'asc' ? sorted : sorted.toReversed());
    expect(idsOf(listed).toSorted()).toEqual(expected(({ status }) => status === 'ACTIVE'));
  });

  it('goes on after somebody who was deleted in the middle of it', async () => {
    const path = `${query('search', 'status eq "STAGED"')}&sortBy=profile.firstName&limit=1`;
    const all = idsOf(await org.list(path));
    const first = await org.get(path);
    for (let twice = 0; twice < 2; twice += 1) await org.call('DELETE', `/api/v1/users/${all[0]}`);
    expect(idsOf(await org.list(nextOf(first)!))).toEqual(all.slice(1));
  });
});
