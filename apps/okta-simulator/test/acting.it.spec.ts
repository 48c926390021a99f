import { OrgClient, type Item } from './org-client.js';

let org: OrgClient;
beforeEach(async () => {
  org = await OrgClient.start({ people: 1_500 });
});
afterEach(() => org.running.close());

const statusOf = async (id: string) => ((await org.get(`/api/v1/users/${id}`)).body as Item).status;
const lifecycle = (id: string, act: string) => `/api/v1/users/${id}/lifecycle/${act}`;
const holders = (app: unknown, person?: unknown) =>
  `/api/v1/apps/${String(app)}/users${typeof person === 'string' ? `/${person}` : ''}`;
const change = (old: string) => ({ oldPassword: { value: old }, newPassword: { value: 'Brand-New-22' } });
const profile = (login: string) => ({ login, email: login, firstName: 'Ada', lastName: 'Lovelace' });

it.each([
  [
    'STAGED',
    'activate',
    'ACTIVE',
    (user: Item) => (user.credentials as { provider: { type: string } }).provider.type === 'IMPORT',
  ],
  [
    'STAGED',
    'activate',
    'PROVISIONED',
    (user: Item) =>
      !('password' in (user.credentials as object)) &&
      (user.credentials as { provider: { type: string } }).provider.type === 'OKTA',
  ],
  ['STAGED', 'deactivate', 'DEPROVISIONED', undefined],
  ['PROVISIONED', 'reactivate', 'PROVISIONED', () => true],
  ['ACTIVE', 'suspend', 'SUSPENDED', undefined],
  ['SUSPENDED', 'unsuspend', 'ACTIVE', undefined],
  ['LOCKED_OUT', 'unlock', 'ACTIVE', undefined],
  ['ACTIVE', 'deactivate', 'DEPROVISIONED', undefined],
  ['ACTIVE', 'expire_password', 'PASSWORD_EXPIRED', undefined],
  ['ACTIVE', 'reset_password', 'RECOVERY', undefined],
  ['ACTIVE', 'reset_factors', 'ACTIVE', undefined],
] as const)('moves %s by %s to %s', async (from, act, to, wanted) => {
  const id = await org.somebody(from, wanted ?? (from === 'STAGED' ? () => true : undefined));
  const answer = await org.call('POST', lifecycle(id, act), {});
  expect(answer.status).toBe(200);
  if (act !== 'expire_password') expect(answer.body).toEqual({});
  expect(await statusOf(id)).toBe(to);
  expect(org.truth('people').find((person) => person.id === id)!.status).toBe(to);
  expect(org.running.control.changes().at(0)).toMatchObject({
    by: 'super-admin',
    subject: id,
    request: answer.headers.get('x-okta-request-id'),
  });
});

it.each([
  ['ACTIVE', 'activate', 403, 'E0000016'],
  ['STAGED', 'reactivate', 403, 'E0000038'],
  ['DEPROVISIONED', 'deactivate', 404, 'E0000007'],
  ['SUSPENDED', 'suspend', 400, 'E0000001'],
  ['ACTIVE', 'unsuspend', 400, 'E0000001'],
  ['ACTIVE', 'unlock', 403, 'E0000032'],
  ['STAGED', 'expire_password', 403, 'E0000038'],
  ['PROVISIONED', 'reset_password', 403, 'E0000017'],
  ['SUSPENDED', 'reset_password', 403, 'E0000038'],
])('refuses %s %s with %i %s, and changes nothing', async (from, act, status, code) => {
  const isAnybody = from === 'STAGED' || from === 'PROVISIONED' || from === 'DEPROVISIONED';
  const id = await org.somebody(from, isAnybody ? () => true : undefined);
  expect(await org.refusal('POST', lifecycle(id, act), {})).toEqual([status, code]);
  expect(await statusOf(id)).toBe(from);
  expect(org.running.control.changes()).toEqual([]);
});

it('deletes by calling twice, and nothing tells the answers apart', async () => {
  const id = await org.somebody('ACTIVE');
  expect((await org.call('DELETE', `/api/v1/users/${id}`)).status).toBe(204);
  expect(await statusOf(id)).toBe('DEPROVISIONED');
  expect(await org.refusal('POST', `/api/v1/users/${id}`, { profile: { lastName: 'X' } })).toEqual([404, 'E0000007']);
  expect((await org.call('DELETE', `/api/v1/users/${id}`)).status).toBe(204);
  expect(await org.refusal('GET', `/api/v1/users/${id}`)).toEqual([404, 'E0000007']);
  expect(org.truth('people').some((person) => person.id === id)).toBe(false);
});

it('creates people: staged, provisioned, active, or with an expired password', async () => {
  const create = (query: string, more: object, login: string) =>
    org.call('POST', `/api/v1/users${query}`, { profile: profile(login), ...more });
  const password = { credentials: { password: { value: 'Long-Enough-1' } } };
  expect((await create('?activate=false', {}, 'a@acme.example')).body).toMatchObject({
    status: 'STAGED',
    activated: null,
    statusChanged: null,
  });
  expect((await create('', {}, 'b@acme.example')).body).toMatchObject({ status: 'PROVISIONED' });
  const active = await create('?activate=true', password, 'c@acme.example');
  expect(active.status).toBe(200);
  expect(active.body).toMatchObject({ status: 'ACTIVE', credentials: { password: {} } });
  expect((await create('?nextLogin=changePassword', password, 'd@acme.example')).body).toMatchObject({
    status: 'PASSWORD_EXPIRED',
  });
  expect(active.text).not.toContain('Long-Enough-1');
  expect((await org.get('/api/v1/users/C@acme.example')).body).toMatchObject({ id: (active.body as Item).id });
  const listed = await org.list(`/api/v1/users?search=${encodeURIComponent('profile.lastName eq "lovelace"')}`);
  expect(listed).toHaveLength(4);
});

it.each([
  [{ profile: { ...profile('n@acme.example'), shoeSize: 44 } }, '', 400, 'E0000001'],
  [{ profile: { login: 'n@acme.example' } }, '', 400, 'E0000001'],
  [{ profile: profile('no-address') }, '', 400, 'E0000001'],
  [{ profile: { ...profile('n@acme.example'), firstName: '😀' } }, '', 400, 'E0000001'],
  [{ profile: { ...profile('n@acme.example'), deskNumber: 'many' } }, '', 400, 'E0000001'],
  [{ profile: profile('n@acme.example'), credentials: { password: { value: 'short' } } }, '', 403, 'E0000080'],
  [{ profile: profile('n@acme.example') }, '?nextLogin=changePassword', 400, 'E0000124'],
  [{ profile: profile('n@acme.example') }, '?nextLogin=changePassword&activate=false', 400, 'E0000125'],
  [{ profile: profile('n@acme.example'), groupIds: Array.from({ length: 21 }, () => 'x') }, '', 400, 'E0000093'],
  ['not an object', '', 400, 'E0000001'],
])('does not create %j %s', async (body, query, status, code) => {
  expect(await org.refusal('POST', `/api/v1/users${query}`, body)).toEqual([status, code]);
  expect(org.truth('people')).toHaveLength(1_500);
});

it('refuses a login that somebody has, in whatever case', async () => {
  const { login } = (org.truth('people')[3]!.profile ?? {}) as { login: string };
  const answer = await org.call('POST', '/api/v1/users', { profile: profile(login.toUpperCase()) });
  expect(answer.body).toMatchObject({ errorSummary: 'Api validation failed: login' });
});

it('changes a profile in part by POST and in whole by PUT, and minds the ETag', async () => {
  const id = await org.somebody('ACTIVE', (user) => 'department' in (user.profile as object));
  const path = `/api/v1/users/${id}`;
  const before = await org.get(path);
  const old = (before.body as { profile: Record<string, unknown> }).profile;
  const posted = await org.call('POST', path, { profile: { lastName: 'Neu', department: null } });
  expect(posted.body).toMatchObject({ profile: { firstName: old.firstName, lastName: 'Neu' } });
  expect((posted.body as { profile: object }).profile).not.toHaveProperty('department');
  const put = await org.call('PUT', path, { profile: profile(String(old.login)) });
  expect((put.body as { profile: object }).profile).toEqual({
    ...profile(String(old.login)),
    mobilePhone: null,
    secondEmail: null,
  });
  const stale = await org.call(
    'POST',
    path,
    { profile: { lastName: 'Alt' } },
    { 'if-match': before.headers.get('etag')! },
  );
  expect([stale.status, (stale.body as { errorCode: string }).errorCode]).toEqual([412, 'E0000231']);
});

it('changes a password with the old one, and sets one without', async () => {
  const id = await org.somebody('ACTIVE');
  const path = `/api/v1/users/${id}/credentials/change_password`;
  expect(await org.refusal('POST', path, change('wrong'))).toEqual([403, 'E0000014']);
  expect((await org.call('POST', path, change('Simulated-1'))).body).toMatchObject({ password: {} });
  expect((await org.call('POST', path, change('Brand-New-22'))).status).toBe(200);
  const waiting = await org.somebody(
    'PROVISIONED',
    (user) =>
      !('password' in (user.credentials as object)) &&
      (user.credentials as { provider: { type: string } }).provider.type === 'OKTA',
  );
  await org.call('POST', `/api/v1/users/${waiting}`, { credentials: { password: { value: 'Brand-New-22' } } });
  expect(await statusOf(waiting)).toBe('ACTIVE');
  const temporary = await org.call('POST', lifecycle(id, 'expire_password_with_temp_password'), {});
  expect(temporary.body).toEqual({ tempPassword: expect.any(String) });
});

it('adds to groups and takes out, twice without harm; but not for groups of apps nor Everyone', async () => {
  const groups = org.truth('groups');
  const id = await org.somebody('ACTIVE');
  const of = (type: string) => groups.find((group) => group.type === type)!.id;
  const path = `/api/v1/groups/${of('OKTA_GROUP')}/users/${id}`;
  const isMember = () =>
    org.truth('memberships').some(({ group, person }) => group === of('OKTA_GROUP') && person === id);
  for (const [method, expected] of [
    ['PUT', true],
    ['PUT', true],
    ['DELETE', false],
    ['DELETE', false],
  ] as const) {
    expect((await org.call(method, path)).status).toBe(204);
    expect(isMember()).toBe(expected);
  }
  expect(await org.refusal('PUT', `/api/v1/groups/${of('APP_GROUP')}/users/${id}`)).toEqual([403, 'E0000006']);
  expect(await org.refusal('DELETE', `/api/v1/groups/${of('BUILT_IN')}/users/${id}`)).toEqual([501, 'E0000060']);
});

it('assigns and unassigns an app, but not what a group grants', async () => {
  const assignments = org.truth('assignments');
  const byGroup = assignments.find(({ scope }) => scope === 'GROUP')!;
  const held = await org.call('DELETE', holders(byGroup.app, byGroup.person));
  expect(held.status).toBe(403);
  expect(held.body).toMatchObject({
    errorCode: 'E0000046',
    errorSummary: 'Deactivate application for user forbidden.',
  });
  const app = org.truth('apps').find(({ status, signOnMode }) => status === 'ACTIVE' && signOnMode === 'SAML_2_0')!;
  const id = await org.somebody(
    'ACTIVE',
    (user) => !assignments.some((other) => other.person === user.id && other.app === app.id),
  );
  expect(await org.refusal('DELETE', holders(app.id, id))).toEqual([404, 'E0000007']);
  expect(await org.refusal('POST', holders(app.id), { id, profile: { x: 1 } })).toEqual([400, 'E0000001']);
  expect(
    await org.refusal('POST', holders(app.id), { id, credentials: { userName: 'a', password: { value: 'b' } } }),
  ).toEqual([400, 'E0000041']);
  expect((await org.call('POST', holders(app.id), { id, scope: 'USER' })).body).toMatchObject({ id, scope: 'USER' });
  expect((await org.call('POST', holders(app.id), { id, scope: 'USER' })).status).toBe(200);
  org.running.control.call('PUT options', { unknowns: { repeatedAssignment: 409 } });
  expect(await org.refusal('POST', holders(app.id), { id })).toEqual([409, 'E0000062']);
  expect((await org.call('DELETE', holders(app.id, id))).status).toBe(204);
  const inactive = org.truth('apps').find(({ status }) => status === 'INACTIVE')!;
  expect(await org.refusal('POST', holders(inactive.id), { id })).toEqual([404, 'E0000007']);
  expect(await org.refusal('POST', holders(app.id), { id: await org.somebody('SUSPENDED') })).toEqual([
    403,
    'E0000117',
  ]);
  expect(await org.refusal('DELETE', `/api/v1/apps/${app.id}`)).toEqual([403, 'E0000056']);
});

it('loses every app with a deactivation, and gets back by activation what groups grant', async () => {
  const byPerson = Map.groupBy(org.truth('assignments'), ({ person }) => String(person));
  const active = new Set(
    (await org.list('/api/v1/users')).filter(({ status }) => status === 'ACTIVE').map(({ id }) => id),
  );
  const [person, held] = [...byPerson]
    .slice(1)
    .find(([id, list]) => active.has(id) && new Set(list.map(({ scope }) => scope)).size === 2)!;
  await org.call('POST', lifecycle(person, 'deactivate'), {});
  const now = () => org.truth('assignments').filter((assignment) => assignment.person === person);
  expect(now()).toEqual([]);
  await org.call('POST', lifecycle(person, 'activate'), {});
  expect(now().every(({ scope }) => scope === 'GROUP')).toBe(true);
  expect(now().length).toBeGreaterThanOrEqual(held.filter(({ scope }) => scope === 'GROUP').length);
});

it('shows a change at once by id, and in lists when the index has it', async () => {
  org.running.control.call('PUT options', { indexLagMs: 5_000, activationMs: 2_000 });
  const id = await org.somebody('ACTIVE');
  await org.call('POST', lifecycle(id, 'suspend'), {});
  const found = async () => (await org.list(`/api/v1/users?search=${encodeURIComponent(`id eq "${id}"`)}`))[0]!.status;
  expect([await statusOf(id), await found()]).toEqual(['SUSPENDED', 'ACTIVE']);
  org.running.control.call('PUT clock', { advanceMs: 5_001 });
  expect(await found()).toBe('SUSPENDED');

  const staged = await org.somebody(
    'STAGED',
    (user) => (user.credentials as { provider: { type: string } }).provider.type === 'IMPORT',
  );
  await org.call('POST', lifecycle(staged, 'activate'), {});
  expect((await org.get(`/api/v1/users/${staged}`)).body).toMatchObject({
    status: 'STAGED',
    transitioningToStatus: 'ACTIVE',
  });
  expect(await org.refusal('POST', `/api/v1/users/${staged}`, { profile: { lastName: 'X' } })).toEqual([
    409,
    'E0000112',
  ]);
  org.running.control.call('PUT clock', { advanceMs: 2_001 });
  expect(await statusOf(staged)).toBe('ACTIVE');
});

it('lets an administrator at the control door do the same without a token', async () => {
  const id = await org.somebody('ACTIVE');
  const acted = org.running.control.call('POST act', { method: 'POST', path: lifecycle(id, 'suspend') });
  expect(acted).toEqual({ status: 200, body: {} });
  expect(org.running.control.changes()).toMatchObject([
    { by: 'control', request: null, what: 'user.lifecycle.suspend' },
  ]);
  expect(org.running.control.call('POST act', { method: 'POST', path: lifecycle(id, 'suspend') })).toMatchObject({
    status: 400,
  });
});

it('refuses malformed bodies, other methods, and a body without a length', async () => {
  const malformed = await fetch(`${org.running.url}/api/v1/users`, {
    method: 'POST',
    body: '{',
    headers: { 'content-type': 'application/json', authorization: 'SSWS 00simulatorSuperAdministratorToken00000000' },
  });
  expect(await malformed.json()).toMatchObject({ errorCode: 'E0000003' });
  const other = await org.call('PATCH', '/api/v1/users', {});
  expect([other.status, (other.body as { errorCode: string }).errorCode]).toEqual([405, 'E0000022']);
  expect(other.headers.has('x-rate-limit-limit')).toBe(false);
});
