import { nextOf, OrgClient, type Answer, type Item } from './org-client.js';

let org: OrgClient;
beforeAll(async () => {
  org = await OrgClient.start();
});
afterAll(() => org.running.close());

const filter = (expression: string) => `/api/v1/users?filter=${encodeURIComponent(expression)}`;
const search = (expression: string, more = '') => `/api/v1/users?search=${encodeURIComponent(expression)}${more}`;
const text = async (client: OrgClient) => (await client.get('/api/v1/users')).text.replaceAll(client.running.url, '');
const ids = (items: Item[]) => items.map(({ id }) => id);

describe('people', () => {
  it('are everybody but the deprovisioned in the plain list, and everybody with those asked for apart', async () => {
    const plain = await org.list('/api/v1/users?limit=200');
    const gone = await org.list(filter('status eq "DEPROVISIONED"'));
    const truth = org.truth('people');
    expect(truth).toHaveLength(3_000);
    expect(plain.some(({ status }) => status === 'DEPROVISIONED')).toBe(false);
    expect(new Set(plain.map(({ status }) => status)).size).toBe(7);
    const seen = new Map([...plain, ...gone].map((user) => [user.id, user]));
    expect(seen.size).toBe(plain.length + gone.length);
    for (const person of truth) expect(seen.get(person.id)).toMatchObject(person);
    expect(seen.size).toBe(truth.length);
    expect(await org.list(search('status pr'))).toHaveLength(3_000);
  });

  it('have every field, and messy attributes', async () => {
    const users = await org.list('/api/v1/users');
    for (const field of [
      'id',
      'status',
      'created',
      'activated',
      'statusChanged',
      'lastLogin',
      'lastUpdated',
      'passwordChanged',
      'type',
      'profile',
      'credentials',
      '_links',
    ])
      expect(users.every((user) => field in user)).toBe(true);
    const profiles = users.map(({ profile }) => profile as Record<string, unknown>);
    const emails = profiles.map(({ email }) => String(email).toLowerCase());
    expect(new Set(emails).size).toBeLessThan(emails.length);
    expect(new Set(profiles.map(({ login }) => String(login).toLowerCase())).size).toBe(profiles.length);
    expect(profiles.some(({ mobilePhone }) => mobilePhone === null)).toBe(true);
    expect(profiles.some((profile) => !('department' in profile))).toBe(true);
    expect(profiles.some(({ skills }) => Array.isArray(skills))).toBe(true);
    expect(profiles.some(({ remote }) => remote === false)).toBe(true);
    expect(profiles.some(({ notes }) => String(notes).length > 2_000)).toBe(true);
    expect(profiles.some(({ firstName }) => /\p{Script=Cyrillic}|\p{Script=Han}/u.test(String(firstName)))).toBe(true);
  });

  it('come by opaque cursors in two Link lines, and a wrong cursor is refused', async () => {
    const first = await org.get('/api/v1/users?limit=3');
    expect(first.headers.get('link')).toContain(`<${org.running.url}/api/v1/users?limit=3>; rel="self"`);
    expect(nextOf(first)).toMatch(/\/api\/v1\/users\?after=200u[A-Za-z0-9]{17}&limit=3$/);
    expect((await org.get(nextOf(first)!)).body).toHaveLength(3);
    const wrong = await org.get('/api/v1/users?after=nowhere');
    expect(wrong.status).toBe(400);
    expect(wrong.body).toMatchObject({ errorCode: 'E0000029', errorCauses: [{ errorSummary: 'Invalid cursor.' }] });
  });

  it('are found by filter, search, q and key as far as Okta takes them', async () => {
    const [, person] = org
      .truth<Item & { profile: Record<string, string> }>('people')
      .filter(({ status }) => status === 'ACTIVE');
    const { login = '', lastName = '' } = person!.profile;
    for (const path of [
      filter(`profile.login eq "${login}"`),
      search(`profile.login eq "${login.toUpperCase()}"`),
      filter(`id eq "${person!.id}"`),
    ])
      expect(ids(await org.list(path))).toEqual([person!.id]);
    const sameName = await org.list(search(`profile.lastName eq "${lastName}" and status eq "ACTIVE"`));
    expect(ids(sameName)).toContain(person!.id);
    expect(sameName.every(({ status }) => status === 'ACTIVE')).toBe(true);
    expect((await org.get(`/api/v1/users?q=${encodeURIComponent(lastName)}`)).body).toHaveLength(10);
    for (const key of [person!.id, encodeURIComponent(login), encodeURIComponent(login.split('@')[0]!)])
      expect((await org.get(`/api/v1/users/${key}`)).body).toMatchObject({ id: person!.id });
    const sorted = await org.list(search('status eq "LOCKED_OUT"', '&sortBy=created&limit=5'));
    const dates = sorted.map(({ created }) => String(created));
    expect(dates).toEqual(dates.toSorted());
    expect(sorted).toHaveLength(org.truth('people').filter(({ status }) => status === 'LOCKED_OUT').length);
    expect((await org.get('/api/v1/users?limit=1&fields=status,profile:(login)')).body).toEqual([
      { id: expect.any(String), status: 'ACTIVE', profile: { login: expect.any(String) } },
    ]);
  });

  it.each([
    [filter('status ne "ACTIVE"'), 400, 'E0000031'],
    [filter('profile.department eq "Sales"'), 400, 'E0000031'],
    [search('profile.department co "Sal"'), 400, 'E0000031'],
    [search('status eq'), 400, 'E0000031'],
    [`${search('status pr')}&filter=${encodeURIComponent('status eq "ACTIVE"')}`, 400, 'E0000033'],
    ['/api/v1/users/nobody@acme.example', 404, 'E0000007'],
    ['/api/v1/users?limit=0', 400, 'E0000001'],
    ['/api/v1/unheard-of', 404, 'E0000008'],
    ['/api/v1/users/me/blocks', 401, 'E0000015'],
    [search(`profile.lastName eq "${'x'.repeat(8_000)}"`), 414, 'E0000256'],
  ])('are refused for %s', async (path, status, code) => {
    expect(await org.refusal('GET', path)).toEqual([status, code]);
  });

  it('publish the lifecycle links of their status on a single answer alone', async () => {
    const staged = await org.somebody('STAGED', () => true);
    const { _links } = (await org.get(`/api/v1/users/${staged}`)).body as { _links: Record<string, { href: string }> };
    expect(Object.keys(_links).toSorted()).toEqual(['activate', 'resetFactors', 'self']);
    const { headers, body } = await org.get('/api/v1/users?limit=1');
    expect(Object.keys((body as { _links: object }[])[0]!._links)).toEqual(['self']);
    expect(headers.get('x-okta-request-id')).toMatch(/^\w{27}$/);
  });
});

describe('groups and apps', () => {
  it('are listed whole, with members, assignments and group assignments as they are', async () => {
    const groups = await org.list('/api/v1/groups?limit=7');
    expect(ids(groups)).toEqual(ids(org.truth('groups')));
    expect(new Set(groups.map(({ type }) => type))).toEqual(new Set(['BUILT_IN', 'OKTA_GROUP', 'APP_GROUP']));
    const memberships: object[] = [];
    for (const { id } of groups)
      for (const member of await org.list(`/api/v1/groups/${id}/users?limit=1000`))
        memberships.push({ group: id, person: member.id });
    expect(memberships).toEqual(org.truth('memberships'));

    const apps = await org.list('/api/v1/apps?limit=9');
    expect(apps.map(({ id, label, status }) => ({ id, label, status }))).toEqual(
      org.truth('apps').map(({ id, label, status }) => ({ id, label, status })),
    );
    const assignments: unknown[] = [];
    const granted: unknown[] = [];
    for (const { id } of apps) {
      for (const user of await org.list(`/api/v1/apps/${id}/users?limit=500`))
        assignments.push([id, user.id, user.scope, user.status]);
      for (const group of await org.list(`/api/v1/apps/${id}/groups?limit=20`))
        granted.push({ app: id, group: group.id, priority: group.priority });
    }
    expect(assignments).toEqual(
      org.truth('assignments').map(({ app, person, scope, status }) => [app, person, scope, status]),
    );
    expect(granted).toEqual(org.truth('group-assignments'));
    expect(assignments.length).toBeGreaterThan(3_000 * 7);
    expect(assignments.length).toBeLessThan(3_000 * 9);
  });

  it('grant a GROUP assignment by a group that the person is in and the app is assigned to', async () => {
    const inGroup = new Set(org.truth('memberships').map(({ group, person }) => `${String(group)} ${String(person)}`));
    const granted = new Set(org.truth('group-assignments').map(({ app, group }) => `${String(app)} ${String(group)}`));
    const byGroup = org.truth('assignments').filter(({ scope }) => scope === 'GROUP');
    expect(byGroup.length).toBeGreaterThan(500);
    for (const { app, person, group } of byGroup) {
      expect(inGroup.has(`${String(group)} ${String(person)}`)).toBe(true);
      expect(granted.has(`${String(app)} ${String(group)}`)).toBe(true);
    }
    const [sample] = byGroup;
    const { body } = await org.get(`/api/v1/apps/${String(sample!.app)}/users/${String(sample!.person)}`);
    expect(body).toMatchObject({
      scope: 'GROUP',
      _links: { group: { href: expect.stringContaining(String(sample!.group)) } },
    });
    const mine = await org.list(`/api/v1/users/${String(sample!.person)}/groups`);
    expect(ids(mine)).toContain(sample!.group);
  });

  it('name members who are deprovisioned, and no assignments of theirs', () => {
    const gone = new Set(
      org
        .truth('people')
        .filter(({ status }) => status === 'DEPROVISIONED')
        .map(({ id }) => id),
    );
    expect(org.truth('memberships').some(({ person }) => gone.has(String(person)))).toBe(true);
    expect(org.truth('assignments').some(({ person }) => gone.has(String(person)))).toBe(false);
  });

  it('forget `expand` from the second page on, and go on by an id that is in no body', async () => {
    const { app } = org.truth('assignments')[0]!;
    const first: Answer = await org.get(`/api/v1/apps/${String(app)}/users?limit=2&expand=user`);
    expect((first.body as Item[]).every((user) => '_embedded' in user)).toBe(true);
    const next = nextOf(first)!;
    expect(next).toContain('after=0ua');
    expect(next).not.toContain('expand');
    expect(first.text).not.toContain('"0ua');
    const second = (await org.get(next)).body as Item[];
    expect(second.some((user) => '_embedded' in user)).toBe(false);
    expect(await org.refusal('GET', `/api/v1/apps/${String(app)}/groups?limit=19`)).toEqual([400, 'E0000001']);
  });

  it('answer `q` without any Link', async () => {
    const { headers, body } = await org.get('/api/v1/groups?q=Everyone');
    expect(body).toHaveLength(1);
    expect(headers.get('link')).toBeNull();
  });
});

it('is the same org for the same seed, and another for another', async () => {
  const [same, other] = await Promise.all([OrgClient.start(), OrgClient.start({ seed: 8 })]);
  expect(await text(same)).toBe(await text(org));
  expect(await text(other)).not.toBe(await text(org));
  expect(same.truth('usage')).toEqual(org.truth('usage'));
  await Promise.all([same.running.close(), other.running.close()]);
});

it('shows the org without a credential, and its administrator, tokens and schema with one', async () => {
  const open = await fetch(`${org.running.url}/.well-known/okta-organization`);
  expect(await open.json()).toMatchObject({ pipeline: 'idx', id: expect.stringMatching(/^00o/) });
  expect((await org.get('/api/v1/users/me')).body).toMatchObject({ status: 'ACTIVE' });
  expect((await org.get('/api/v1/users/me/roles')).body).toMatchObject([{ type: 'SUPER_ADMIN' }]);
  expect((await org.get('/api/v1/api-tokens')).text).not.toContain('00simulatorSuper');
  expect((await org.get('/api/v1/principal-rate-limits')).body).toMatchObject([{ defaultPercentage: 50 }]);
  expect((await org.get('/api/v1/meta/schemas/user/default')).body).toMatchObject({
    definitions: { custom: { properties: { deskNumber: { type: 'integer' } } } },
  });
});
