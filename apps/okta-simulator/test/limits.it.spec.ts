import { OrgClient } from './org-client.js';

const readers = [
  { label: 'super-admin', token: '00simulatorSuperAdministratorToken00000000' },
  { label: 'users-only', token: '00simulatorUsersOnly', permissions: ['okta.users.read'] },
];

let org: OrgClient;
afterEach(() => org.running.close());

const rate = async (client: OrgClient, path: string) => {
  const { status, headers } = await client.get(path);
  const number = (name: string) => Number(headers.get(`x-rate-limit-${name}`));
  return {
    status,
    limit: number('limit'),
    remaining: number('remaining'),
    wait: number('reset') - Date.parse(headers.get('date')!) / 1_000,
  };
};

it('gives a token half of each bucket of an org, and says so on every answer', async () => {
  org = await OrgClient.start({ people: 50, limits: 'real', frozen: true });
  const { id } = org.truth('people')[1]!;
  for (const [path, limit] of [
    ['/api/v1/users', 300],
    [`/api/v1/users/${id}`, 1_000],
    [`/api/v1/users/${id}/groups`, 300],
    ['/api/v1/groups', 250],
    ['/api/v1/apps', 50],
    ['/api/v1/logs', 60],
    ['/api/v1/org', 600],
  ] as const) {
    const found = await rate(org, path);
    expect([path, found.limit]).toEqual([path, limit]);
    expect(found.wait).toBeGreaterThan(0);
    expect(found.wait).toBeLessThanOrEqual(60);
  }
  // The plain list and what is below a person are one bucket.
  expect((await rate(org, '/api/v1/users?limit=1')).remaining).toBe(297);
});

it('refuses what comes after the last one, and opens again when the window ends', async () => {
  org = await OrgClient.start({ people: 50, limits: { '/api/v1/apps': 6 }, windowSeconds: 2 });
  const first = [];
  for (let n = 0; n < 4; n += 1) first.push(await rate(org, '/api/v1/apps?limit=1'));
  expect(first.map(({ status, remaining }) => [status, remaining])).toEqual([
    [200, 2],
    [200, 1],
    [200, 0],
    [429, 0],
  ]);
  const refused = await org.get('/api/v1/apps');
  expect(refused.headers.has('retry-after')).toBe(false);
  expect(refused.body).toMatchObject({
    errorCode: 'E0000047',
    errorSummary: 'API call exceeded rate limit due to too many requests.',
  });
  expect((await rate(org, '/api/v1/groups')).status).toBe(200);
  let again = first.at(-1)!;
  while (again.status === 429) again = await rate(org, '/api/v1/apps');
  expect(again).toMatchObject({ status: 200, limit: 3, remaining: 2 });
  const ledger = org.running.control.ledger();
  expect(ledger.refusedForLimit).toBe(ledger.byStatus[429]);
  // The refusals came at once after the answers that told of the emptiness; the last of them came late.
  expect(ledger.requestsIntoEmptyBucket).toBeGreaterThan(0);
});

it('counts tokens apart, within what the org has', async () => {
  org = await OrgClient.start({ people: 50, limits: { '/api/v1/users': 4 }, tokens: readers });
  const other = new OrgClient(org.running, readers[1]!.token);
  expect(
    [await rate(org, '/api/v1/users'), await rate(org, '/api/v1/users'), await rate(org, '/api/v1/users')].map(
      ({ status }) => status,
    ),
  ).toEqual([200, 200, 429]);
  expect((await rate(other, '/api/v1/users')).remaining).toBe(1);
});

it('has no limit that anybody reaches when told so, with the same headers', async () => {
  org = await OrgClient.start({ people: 50 });
  expect(await rate(org, '/api/v1/apps')).toMatchObject({ status: 200, limit: 1_000_000 });
});

it('refuses more requests at a time than the token may have, with a limit of 0', async () => {
  org = await OrgClient.start({ people: 50, limits: 'real', faults: [{ kind: 'latency', milliseconds: 300 }] });
  const answers = await Promise.all(Array.from({ length: 60 }, () => rate(org, '/api/v1/users?limit=1')));
  const crowded = answers.filter(({ status }) => status === 429);
  expect(crowded.length).toBeGreaterThan(0);
  expect(crowded.every(({ limit, remaining }) => limit === 0 && remaining === 0)).toBe(true);
});

describe('tokens', () => {
  it('are refused when wrong, revoked, or of somebody who left', async () => {
    org = await OrgClient.start({ people: 50, tokens: readers });
    const wrong = await new OrgClient(org.running, 'wrong').get('/api/v1/users');
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('www-authenticate')).toBe('SSWS');
    expect(wrong.headers.has('x-rate-limit-limit')).toBe(true);
    expect(wrong.body).toMatchObject({
      errorCode: 'E0000011',
      errorSummary: 'Invalid token provided',
      errorCauses: [],
    });
    const none = await fetch(`${org.running.url}/api/v1/users`);
    expect([none.status, await none.json()]).toEqual([403, expect.objectContaining({ errorCode: 'E0000005' })]);
    const { status } = await org.get('/api/v1/users', { authorization: `SSWS${readers[0]!.token}` });
    expect(status).toBe(200);
    org.running.control.call('PUT tokens', { label: 'super-admin', revoked: true });
    expect((await org.get('/api/v1/users')).status).toBe(401);
    org.running.control.call('PUT tokens', { label: 'super-admin', revoked: false });
    expect((await org.get('/api/v1/users')).status).toBe(200);
    await org.call('POST', `/api/v1/users/${org.truth('people')[0]!.id}/lifecycle/deactivate`, {});
    expect((await org.get('/api/v1/users')).status).toBe(401);
  });

  it('may do what they are given, and more or less while the org runs', async () => {
    org = await OrgClient.start({ people: 50, tokens: readers });
    const reader = new OrgClient(org.running, readers[1]!.token);
    const may = async () =>
      Promise.all(
        ['/api/v1/users', '/api/v1/groups', '/api/v1/apps', '/api/v1/logs'].map(
          async (path) => (await reader.get(path)).status,
        ),
      );
    expect(await may()).toEqual([200, 403, 403, 403]);
    expect((await reader.get('/api/v1/users/me')).status).toBe(200);
    expect(await reader.refusal('POST', '/api/v1/users', {})).toEqual([403, 'E0000006']);
    org.running.control.call('PUT tokens', {
      label: 'users-only',
      permissions: ['okta.users.read', 'okta.apps.manage', 'okta.logs.read'],
    });
    expect(await may()).toEqual([200, 403, 200, 200]);
  });

  it('are nowhere in the ledger', async () => {
    org = await OrgClient.start({ people: 50, tokens: readers });
    await org.get('/api/v1/users?limit=2');
    expect(org.running.control.requests()).toMatchObject([
      {
        method: 'GET',
        path: '/api/v1/users',
        query: '?limit=2',
        token: 'super-admin',
        status: 200,
        bucket: '/api/v1/users',
        was429: false,
      },
    ]);
    expect(JSON.stringify([org.running.control.requests(), org.running.control.call('GET tokens')])).not.toContain(
      '00simulator',
    );
  });
});
