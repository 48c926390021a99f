import { OrgClient, type Item } from './org-client.js';

let org: OrgClient;
beforeEach(async () => {
  org = await OrgClient.start({ people: 1_000 });
});
afterEach(() => org.running.close());

const statusOf = async (id: string) => ((await org.get(`/api/v1/users/${id}`)).body as Item).status;
const lifecycle = (id: string, act: string) => `/api/v1/users/${id}/lifecycle/${act}`;
const change = (old: string) => ({ oldPassword: { value: old }, newPassword: { value: 'Brand-New-22' } });
const profile = (login: string) => ({ login, email: login, firstName: 'Ada', lastName: 'Lovelace' });
const create = async (login: string, credentials: object, activate: boolean) =>
  (await org.call('POST', `/api/v1/users?activate=${activate}`, { profile: profile(login), credentials })).body;

it('leaves a deactivation in flight when asked to, and takes the apps for good', async () => {
  org.running.control.call('PUT options', { activationMs: 2_000 });
  const id = await org.somebody('ACTIVE', ({ id: person }) =>
    org.truth('assignments').some((held) => held.person === person && held.scope === 'USER'),
  );
  const answer = await org.call('POST', lifecycle(id, 'deactivate'), {}, { prefer: 'respond-async' });
  expect([answer.status, answer.body]).toEqual([200, {}]);
  expect((await org.get(`/api/v1/users/${id}`)).body).toMatchObject({
    status: 'ACTIVE',
    transitioningToStatus: 'DEPROVISIONED',
  });
  org.running.control.call('PUT clock', { advanceMs: 2_001 });
  const { body } = await org.get(`/api/v1/users/${id}`);
  expect(body).toMatchObject({ status: 'DEPROVISIONED' });
  expect(body).not.toHaveProperty('transitioningToStatus');
  expect(org.truth('assignments').some(({ person }) => person === id)).toBe(false);
});

it('creates people from elsewhere, and with a password that was hashed there', async () => {
  const social = { provider: { type: 'SOCIAL', name: 'SOCIAL' } };
  expect(await create('s@acme.example', social, true)).toMatchObject({ status: 'ACTIVE', credentials: social });
  const hash = { password: { hash: { algorithm: 'BCRYPT', workFactor: 10, salt: 'x', value: 'y' } } };
  expect(await create('h@acme.example', hash, false)).toMatchObject({
    status: 'STAGED',
    passwordChanged: expect.any(String),
    credentials: { password: {}, provider: { type: 'IMPORT' } },
  });
});

it('gives a way in instead of a mail, by the path of its engine', async () => {
  const link = async () => {
    const id = await org.somebody('STAGED', () => true);
    const { body } = await org.call('POST', `${lifecycle(id, 'activate')}?sendEmail=false`, {});
    return (body as { activationUrl: string }).activationUrl;
  };
  expect(await link()).toMatch(/\/tokens\/\w{20}\/verify$/);
  await org.running.close();
  org = await OrgClient.start({ people: 300, pipeline: 'v1' });
  expect(await link()).toMatch(/\/welcome\/\w{20}$/);
  const open = await fetch(`${org.running.url}/.well-known/okta-organization`);
  expect(await open.json()).toMatchObject({ pipeline: 'v1' });
  const filter = encodeURIComponent('eventType eq "user.session.start"');
  const events = (await org.get(`/api/v1/logs?since=2026-10-01T00:00:00Z&limit=100&filter=${filter}`)).body as Item[];
  expect(events.length).toBeGreaterThan(50);
  expect(events.every(({ target }) => target === null)).toBe(true);
});

it('locks out whom it is told to, and lets an administrator unlock them', async () => {
  const id = await org.somebody('ACTIVE');
  expect(org.running.control.call('POST lock-outs', { person: id })).toEqual({ status: 'LOCKED_OUT' });
  expect(() => org.running.control.call('POST lock-outs', { person: id })).toThrow('ACTIVE');
  expect(await statusOf(id)).toBe('LOCKED_OUT');
  await org.call('POST', lifecycle(id, 'unlock'), {});
  org.running.control.call('PUT clock', { advanceMs: 1_000 });
  const filter = encodeURIComponent('eventType sw "user.account."');
  const events = await org.list(`/api/v1/logs?since=2026-10-14T15:29:00Z&filter=${filter}`);
  expect(events).toMatchObject([
    { eventType: 'user.account.lock', outcome: { result: 'FAILURE', reason: 'LOCKED_OUT' }, severity: 'WARN' },
    { eventType: 'user.account.unlock_by_admin', outcome: { result: 'SUCCESS' } },
  ]);
});

it('changes a password in RECOVERY back to ACTIVE, and strictly to no old one', async () => {
  const id = await org.somebody('RECOVERY');
  const path = `/api/v1/users/${id}/credentials/change_password`;
  expect((await org.call('POST', path, change('Simulated-1'))).status).toBe(200);
  expect(await statusOf(id)).toBe('ACTIVE');
  expect(await org.refusal('POST', `${path}?strict=true`, change('Brand-New-22'))).toEqual([403, 'E0000080']);
  expect((await org.call('POST', path, change('Brand-New-22'))).status).toBe(200);
  const locked = await org.somebody('LOCKED_OUT');
  expect(
    await org.refusal('POST', `/api/v1/users/${locked}/credentials/change_password`, change('Simulated-1')),
  ).toEqual([403, 'E0000035']);
});

it('does not take an app away by hand while a group grants it as well', async () => {
  const inGroup = new Set(org.truth('memberships').map(({ group, person }) => `${String(group)} ${String(person)}`));
  const granting = Map.groupBy(org.truth('group-assignments'), ({ app }) => app);
  const both = org
    .truth('assignments')
    .find(
      ({ app, person, scope }) =>
        scope === 'USER' && granting.get(app)?.some(({ group }) => inGroup.has(`${String(group)} ${String(person)}`)),
    )!;
  expect(await org.refusal('DELETE', `/api/v1/apps/${String(both.app)}/users/${String(both.person)}`)).toEqual([
    403,
    'E0000046',
  ]);
  const inactive = org.truth('apps').find(({ status }) => status === 'INACTIVE')!;
  const [group] = org.truth('groups').filter(({ type }) => type === 'OKTA_GROUP');
  expect(await org.refusal('PUT', `/api/v1/apps/${inactive.id}/groups/${group!.id}`)).toEqual([404, 'E0000007']);
});

it('takes every attribute that Okta brings along, and shows of the unset ones two', async () => {
  const more = { displayName: 'Countess', city: 'London', costCenter: '42', title: 'Analyst' };
  const { body } = await org.call('POST', '/api/v1/users', { profile: { ...profile('c@acme.example'), ...more } });
  const { id } = body as Item;
  expect(body).toMatchObject({ profile: { ...more, mobilePhone: null, secondEmail: null } });
  const changed = await org.call('POST', `/api/v1/users/${id}`, { profile: { city: null } });
  expect((changed.body as { profile: object }).profile).not.toHaveProperty('city');
  expect(changed.body).toMatchObject({ profile: { displayName: 'Countess' } });
  const search = encodeURIComponent('profile.costCenter eq "42"');
  expect(await org.list(`/api/v1/users?search=${search}`)).toMatchObject([{ id }]);
});

it('lets the last sign-in of those who use it follow the clock', async () => {
  const now = () => Date.parse((org.running.control.call('GET clock') as { now: string }).now);
  const active = async () =>
    (await org.list('/api/v1/users')).filter(({ status, lastLogin }) => status === 'ACTIVE' && lastLogin !== null);
  const recent = (users: Item[]) =>
    users.filter(({ lastLogin }) => now() - Date.parse(String(lastLogin)) < 7 * 86_400_000).length;
  const before = await active();
  expect(before.every(({ lastLogin }) => Date.parse(String(lastLogin)) <= now())).toBe(true);
  const many = recent(before);
  expect(many).toBeGreaterThan(before.length * 0.8);
  expect(many).toBeLessThan(before.length);
  const { etag } = Object.fromEntries((await org.get(`/api/v1/users/${before[1]!.id}`)).headers);
  org.running.control.call('PUT clock', { advanceMs: 20 * 86_400_000 });
  expect(recent(await active())).toBe(many);
  expect((await org.get(`/api/v1/users/${before[1]!.id}`)).headers.get('etag')).toBe(etag);
});
