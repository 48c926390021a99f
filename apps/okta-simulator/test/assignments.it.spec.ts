import { OrgClient, type Item } from './org-client.js';

let org: OrgClient;
beforeEach(async () => {
  org = await OrgClient.start({ people: 400, apps: 200, groups: 60 });
});
afterEach(() => org.running.close());

const holders = (app: string, person = '') => `/api/v1/apps/${app}/users${person && `/${person}`}`;

interface AssignedEvent extends Item {
  eventType: string;
  actor: { type: string };
  legacyEventType: string | null;
  target: { id: string; type: string }[];
}

/** The log of what was done in the test, `application.*` and `group.user_membership.*` alone. */
async function events(): Promise<AssignedEvent[]> {
  org.running.control.call('PUT clock', { advanceMs: 1_000 });
  const filter = encodeURIComponent('eventType sw "application." or eventType sw "group.user_membership."');
  return (await org.list(`/api/v1/logs?since=2026-10-14T15:29:00Z&filter=${filter}`)) as AssignedEvent[];
}

const somebodyWithout = (app: string): Promise<string> => {
  const held = new Set(
    org
      .truth('assignments')
      .filter((line) => line.app === app)
      .map(({ person }) => person),
  );
  return org.somebody('ACTIVE', ({ id }) => !held.has(id));
};

async function appWith(wanted: (features: string[]) => boolean): Promise<Item> {
  const apps = await org.list('/api/v1/apps?limit=200');
  const found = apps.find((app) => app.status === 'ACTIVE' && wanted(app.features as string[]));
  if (!found) throw new Error('there is no such app');
  return found;
}

it('a person whose app is their source is not taken out of it', async () => {
  const app = await appWith((features) => features.includes('PROFILE_MASTERING'));
  const id = await somebodyWithout(app.id);
  expect((await org.call('POST', holders(app.id), { id })).status).toBe(200);
  expect(await org.refusal('DELETE', holders(app.id, id))).toEqual([405, 'E0000076']);
  expect((await org.get(holders(app.id, id))).status).toBe(200);
});

it('an attribute that is pushed from the profile is not set on an assignment', async () => {
  const app = await appWith((features) => features.includes('PUSH_PROFILE_UPDATES'));
  const id = await somebodyWithout(app.id);
  const { status, body } = await org.call('POST', holders(app.id), { id, profile: { email: 'x@acme.example' } });
  expect(status).toBe(403);
  expect(body).toMatchObject({ errorCode: 'E0000075', errorSummary: expect.stringContaining('the email attribute') });
  expect((await org.call('POST', holders(app.id), { id, profile: { role: 'x' } })).status).toBe(200);
});

it('the log tells of an assignment, its change, its renaming and its end, and of provisioning', async () => {
  const app = await appWith(
    (features) => features.includes('PUSH_NEW_USERS') && !features.includes('PROFILE_MASTERING'),
  );
  const id = await somebodyWithout(app.id);
  await org.call('POST', holders(app.id), { id });
  await org.call('POST', holders(app.id), { id, credentials: { userName: 'ada' } });
  await org.call('POST', holders(app.id), { id, profile: { role: 'x' } });
  await org.call('DELETE', holders(app.id, id));
  const told = await events();
  expect(told.map(({ eventType }) => eventType.replace('application.user_membership.', ''))).toEqual([
    'add',
    'provision',
    'change_username',
    'update',
    'remove',
    'deprovision',
  ]);
  expect(told[0]).toMatchObject({
    actor: { type: 'User' },
    legacyEventType: 'app.generic.provision.assign_user_to_app',
    transaction: { type: 'WEB' },
  });
  expect(told[0]!.target.map(({ type }) => type).toSorted()).toEqual(['AppInstance', 'AppUser', 'User']);
});

it('an app that comes and goes with a group is given and taken by Okta itself', async () => {
  const groups = new Map(org.truth('groups').map((group) => [group.id, group]));
  const rules = new Set(org.truth('rules').map(({ group }) => group));
  const { app, group } = org
    .truth('group-assignments')
    .find((line) => groups.get(String(line.group))?.type === 'OKTA_GROUP' && !rules.has(line.group))!;
  const id = await somebodyWithout(String(app));
  const path = `/api/v1/groups/${String(group)}/users/${id}`;
  await org.call('PUT', path);
  await org.call('DELETE', path);
  const told = (await events()).filter(
    ({ eventType, target }) => eventType.startsWith('group.') || target.some((one) => one.id === app),
  );
  const kinds = told.map(({ eventType, actor }) => `${eventType.split('.').slice(-2).join('.')} by ${actor.type}`);
  expect(kinds.filter((kind) => !kind.includes('provision'))).toEqual([
    'user_membership.add by User',
    'user_membership.add by SystemPrincipal',
    'user_membership.remove by User',
    'user_membership.remove by SystemPrincipal',
  ]);
  const job = told.find(({ actor }) => actor.type === 'SystemPrincipal')!;
  expect(job).toMatchObject({ client: { ipAddress: null }, request: { ipChain: [] }, transaction: { type: 'JOB' } });
});

it('an org of many apps has all of Okta’s own, every status of an assignment and of its sync', async () => {
  const names = new Set(org.truth('apps').map(({ name }) => name));
  for (const name of ['saasure', 'okta_enduser', 'okta_browser_plugin', 'flow', 'okta_iga', 'okta_account_settings'])
    expect(names).toContain(name);
  const states = new Set<unknown>();
  const statuses = new Set<unknown>();
  for (const { id } of await org.list('/api/v1/apps?limit=200'))
    for (const { status, syncState } of await org.list(`${holders(id)}?limit=500`)) {
      states.add(syncState);
      statuses.add(status);
    }
  expect(states).toEqual(new Set(['DISABLED', 'SYNCHRONIZED', 'SYNCING', 'OUT_OF_SYNC', 'ERROR']));
  for (const status of ['ACTIVE', 'PROVISIONED', 'UNASSIGNED', 'APPROVED', 'REVOKED', 'IMPLICIT', 'MATCHED'])
    expect(statuses).toContain(status);
});
