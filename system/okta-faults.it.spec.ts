import type { LedgerRequest } from '@seatwise/okta-simulator';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { differences, mustBeSame, truthOf } from './truth.js';

/** What had left when the answer came arrives within it, on a busy machine too; windows are longer. */
const onItsWayMs = 1_500;

const faultsOff = (org: TestOrg) => org.control('DELETE', 'faults');

describe('what Okta may do', () => {
  let seatwise: Seatwise;
  const size = { SIMULATOR_PEOPLE: '1200', SIMULATOR_APPS: '20' };
  beforeAll(async () => {
    seatwise = await Seatwise.start([size, { ...size, SIMULATOR_LIMITS: 'real', SIMULATOR_WINDOW_SECONDS: '4' }]);
  });
  afterAll(() => seatwise.stop());

  it('500s, resets, cut-off, malformed and repeated answers, late events: the same figures, or a partial run that says why and a whole one after it', async () => {
    const { api } = await seatwise.workspace('Faults');
    const org = seatwise.orgs[0]!;
    await org.control('PUT', 'faults', [
      { kind: 'error500', path: '/api/v1/', probability: 0.08 },
      { kind: 'reset', path: '/api/v1/', probability: 0.05 },
      { kind: 'resetMidBody', path: '/api/v1/', probability: 0.03 },
      { kind: 'truncated', path: '/api/v1/', probability: 0.03 },
      { kind: 'html', path: '/api/v1/', probability: 0.03 },
      { kind: 'duplicateItems', path: '/api/v1/', probability: 0.2 },
      // More events than a page of Okta's holds, on every page of the log.
      { kind: 'duplicateItems', path: '/api/v1/logs' },
      { kind: 'shuffledItems', path: '/api/v1/logs', probability: 0.3 },
      { kind: 'wrongTypedItem', path: '/api/v1/users?', times: 1, after: 4 },
      { kind: 'deletePeople', path: '/api/v1/users?', times: 1, after: 3 },
    ]);
    const connection = await api.connect({ orgUrl: org.url, token: org.token }).catch(async () => {
      // The connection's own test may be struck as well: a person would try again.
      await faultsOff(org);
      return api.connect({ orgUrl: org.url, token: org.token });
    });
    const first = await seatwise.ended(api, connection);
    expect(['complete', 'partial']).toContain(first.state);
    if (first.state === 'partial') expect(first.missing.every(({ reason, mend }) => reason && mend)).toBe(true);
    await faultsOff(org);
    // Days late, so that they lie behind what was read; Okta puts them where it stored them.
    const living = await truthOf(org, 'people', ({ id, status }) => (status === 'ACTIVE' ? String(id) : ''));
    const { now } = await org.control<{ now: string }>('GET', 'clock');
    for (const [days, person] of living.filter(Boolean).slice(0, 5).entries()) {
      const published = new Date(Date.parse(now) - (days + 1) * 86_400_000).toISOString();
      await org.control('POST', 'sign-ins', { person, published, count: 2 });
    }
    const { id } = await api.sync(connection.id);
    expect(id > first.id).toBe(true);
    expect(await seatwise.ended(api, connection, first.id)).toMatchObject({ state: 'complete', missing: [] });
    mustBeSame(await differences(seatwise, connection, org));
  });

  it('real limits and a storm of 429: complete, and no request into a bucket that is known to be empty', async () => {
    const { api } = await seatwise.workspace('Limits');
    const org = seatwise.orgs[1]!;
    // Replicas share one budget.
    await seatwise.replica('sync-service');
    await org.control('PUT', 'faults', [{ kind: 'storm429', path: '/api/v1/groups', times: 3, after: 5 }]);
    const connection = await api.connect({ orgUrl: org.url, token: org.token });
    const run = await seatwise.ended(api, connection);
    expect(run).toMatchObject({ state: 'complete', missing: [] });
    expect(run.waitedMs).toBeGreaterThan(0);
    mustBeSame(await differences(seatwise, connection, org));
    const requests = await org.control<LedgerRequest[]>('GET', 'ledger/requests?limit=10000');
    expect(requests.filter(({ was429 }) => was429).length).toBeGreaterThanOrEqual(3);
    expect(requests.filter(({ toldEmptyFor = 0 }) => toldEmptyFor > onItsWayMs)).toEqual([]);
  });
});
