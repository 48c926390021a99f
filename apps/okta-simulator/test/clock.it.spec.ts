import { OrgClient } from './org-client.js';

let org: OrgClient;
afterEach(() => org.running.close());

const statusOf = async () => (await org.get('/api/v1/apps?limit=1')).status;

it('runs faster when told, so that a window of a minute passes in less', async () => {
  org = await OrgClient.start({ people: 50, limits: { '/api/v1/apps': 4 }, frozen: false });
  expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([200, 200, 429]);
  expect(org.running.control.call('PUT clock', { scale: 600 })).toMatchObject({ scale: 600 });
  const started = Date.now();
  while ((await statusOf()) === 429) if (Date.now() - started > 20_000) throw new Error('the window does not end');
  expect(org.running.control.ledger().requestsIntoEmptyBucket).toBe(0);
});

it('is set forward, so that a window passes at once', async () => {
  org = await OrgClient.start({ people: 50, limits: { '/api/v1/apps': 4 } });
  expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([200, 200, 429]);
  org.running.control.call('PUT clock', { advanceMs: 60_000 });
  expect(await statusOf()).toBe(200);
});

it('starts as fast as its option says, and goes no way but forward', async () => {
  org = await OrgClient.start({ people: 50, frozen: false, timeScale: 1_000_000 });
  const now = () => Date.parse((org.running.control.call('GET clock') as { now: string }).now);
  const first = now();
  await org.get('/api/v1/users/me');
  expect(now()).toBeGreaterThan(first);
  for (const body of [{ now: '2020-01-01' }, { advanceMs: -1 }, { scale: 0 }])
    expect(() => org.running.control.call('PUT clock', body)).toThrow();
});
