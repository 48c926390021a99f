import { OrgClient, type Item } from './org-client.js';

const day = 86_400_000;
let org: OrgClient;
afterEach(() => org.running.close());

const limitOf = async (client: OrgClient, path = '/api/v1/apps') =>
  Number((await client.get(path)).headers.get('x-rate-limit-limit'));
const shares = '/api/v1/principal-rate-limits';

it('a token gets as much of each bucket as its principal rate limit says', async () => {
  org = await OrgClient.start({ people: 50, limits: 'real' });
  const [mine] = await org.list(`${shares}?filter=${encodeURIComponent('principalType eq "SSWS_TOKEN"')}`);
  expect(mine).toMatchObject({ defaultPercentage: 50, defaultConcurrencyPercentage: 50 });
  expect(await org.list(`${shares}?filter=${encodeURIComponent('principalType eq "OAUTH_CLIENT"')}`)).toEqual([]);
  expect(await limitOf(org)).toBe(50);
  const change = { ...mine, defaultPercentage: 80 };
  expect((await org.call('PUT', `${shares}/${mine!.id}`, change)).body).toMatchObject({ defaultPercentage: 80 });
  expect(await limitOf(org)).toBe(80);
  expect((await org.get(`${shares}/${mine!.id}`)).body).toMatchObject({ defaultPercentage: 80 });
  expect(await org.refusal('PUT', `${shares}/${mine!.id}`, { defaultPercentage: 101 })).toEqual([400, 'E0000001']);
  const { body } = await org.get(`${shares}/nowhere`);
  expect(body).toMatchObject({ errorSummary: expect.stringContaining('(PrincipalRateLimit)') });
});

it.each([
  ['free', 10, 50, 10],
  ['enterprise', 50, 300, 25],
] as const)('the %s plan has numbers of its own', async (limits, apps, users, logs) => {
  org = await OrgClient.start({ people: 50, limits });
  expect([await limitOf(org), await limitOf(org, '/api/v1/users'), await limitOf(org, '/api/v1/logs')]).toEqual([
    apps,
    users,
    logs,
  ]);
});

it('the org has no more requests at a time than its plan, whosever they are', async () => {
  const tokens = ['one', 'two', 'three', 'four'].map((label) => ({ label, token: `token-${label}` }));
  org = await OrgClient.start({
    people: 50,
    limits: 'free',
    tokens,
    faults: [{ kind: 'latency', milliseconds: 400 }],
  });
  const answers = await Promise.all(
    tokens.flatMap(({ token }) =>
      Array.from({ length: 14 }, () => new OrgClient(org.running, token).get('/api/v1/users/me')),
    ),
  );
  const crowded = answers.filter(({ headers }) => headers.get('x-rate-limit-limit') === '0');
  // Nobody has more than the 17 of their share; together they are 56 where 35 may be.
  expect(crowded.length).toBeGreaterThan(0);
  expect(crowded.every(({ status }) => status === 429)).toBe(true);
});

it('the log tells of a limit that is nearly reached and of one that is passed, once each', async () => {
  org = await OrgClient.start({ people: 50, limits: { '/api/v1/groups': 40 } });
  for (let n = 0; n < 25; n += 1) await org.get('/api/v1/groups?limit=1');
  org.running.control.setFaults([{ kind: 'concurrency429', path: '/users' }]);
  for (let n = 0; n < 3; n += 1) await org.get('/api/v1/users');
  org.running.control.call('PUT clock', { advanceMs: 1_000 });
  const since = new Date(Date.UTC(2026, 9, 14, 15, 29)).toISOString();
  const filter = encodeURIComponent('eventType sw "system.org.rate_limit" or eventType sw "core.concurrency"');
  const events = await org.list(`/api/v1/logs?since=${since}&filter=${filter}`);
  expect(events.map(({ eventType }) => eventType)).toEqual([
    'system.org.rate_limit.warning',
    'system.org.rate_limit.violation',
    'core.concurrency.org.limit.violation',
  ]);
  expect(events[0]).toMatchObject({
    actor: { type: 'SystemPrincipal' },
    client: { ipAddress: null, userAgent: null },
    transaction: { type: 'JOB' },
    target: [{ id: '/api/v1/groups' }],
  });
});

it('a token lives for thirty days from its last use', async () => {
  org = await OrgClient.start({ people: 50 });
  for (let month = 0; month < 3; month += 1) {
    org.running.control.call('PUT clock', { advanceMs: 29 * day });
    expect((await org.get('/api/v1/users/me')).status).toBe(200);
  }
  const [token] = (await org.get('/api/v1/api-tokens')).body as (Item & { expiresAt: string })[];
  const { now } = org.running.control.call('GET clock') as { now: string };
  expect(Date.parse(token!.expiresAt) - Date.parse(now)).toBe(30 * day);
  org.running.control.call('PUT clock', { advanceMs: 30 * day + 1 });
  expect(await org.refusal('GET', '/api/v1/users/me')).toEqual([401, 'E0000011']);
});

it('a call to the token in use that means to look at it revokes it', async () => {
  org = await OrgClient.start({ people: 50 });
  expect(await org.refusal('GET', '/api/v1/api-tokens/current')).toEqual([405, 'E0000022']);
  expect((await org.call('DELETE', '/api/v1/api-tokens/current')).status).toBe(204);
  expect(await org.refusal('GET', '/api/v1/users/me')).toEqual([401, 'E0000011']);
});
