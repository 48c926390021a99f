import { setTimeout as sleep } from 'node:timers/promises';
import { TryLater } from '@seatwise/messaging';
import { LocalStore, OktaClient, RateBudget } from '@seatwise/okta';
import { spawnSimulator, type RunningService } from '@seatwise/testing';
import { newAction, type Action } from '../src/actions/action.js';
import { actOf } from '../src/acts/index.js';
import { Attempt, type Hands } from '../src/work/attempt.js';
import { orderWithout } from '../src/work/worker.js';

const token = `00attempt${'x'.repeat(33)}`;

const fails = () => Promise.reject(new Error('the database is away'));
/** Whenever it keeps that it is sending. */
const slow = (set: Partial<Action>) => (set.sentAt ? sleep(3_050) : Promise.resolve());

describe('an attempt whose database fails it', () => {
  let org: RunningService;
  let okta: OktaClient;
  let people: string[];
  /** The action, as the database has it. */
  let known: Action;

  const control = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${org.url}/control/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  };
  const sendings = async () => {
    const requests = await control<{ method: string }[]>('GET', 'ledger/requests');
    return requests.filter(({ method }) => method === 'POST').length;
  };
  /** The next attempt, by what was kept. `hands` stand in for its own. */
  const attempt = (hands: Partial<Hands> = {}) => {
    const action = structuredClone(known);
    const own: Hands = {
      keep: (set) => {
        Object.assign(action, set);
        Object.assign(known, structuredClone(set));
        return Promise.resolve();
      },
      hold: () => Promise.resolve(),
      forbidden: () => Promise.resolve(undefined),
      rejected: () => Promise.resolve(),
      handOver: () => Promise.resolve(true),
      others: () => Promise.resolve([]),
    };
    return new Attempt(action, actOf('suspend_user'), orderWithout(action), okta, {
      ...own,
      ...hands,
      keep: async (set) => {
        await hands.keep?.(set);
        await own.keep(set);
      },
    });
  };

  beforeAll(async () => {
    org = await spawnSimulator({
      env: { SIMULATOR_PEOPLE: '50', SIMULATOR_APPS: '2', SIMULATOR_LIMITS: 'none', SIMULATOR_TOKEN: token },
    });
    okta = new OktaClient({
      orgUrl: org.url,
      credential: () => Promise.resolve({ kind: 'api_token', token }),
      policy: { allowedOrigins: [org.url], allowedHostSuffixes: [] },
      budget: new RateBudget(new LocalStore()),
    });
    const listed = await okta.executor.send({ method: 'GET', path: '/api/v1/users?filter=status+eq+%22ACTIVE%22' });
    people = (listed.body as { id: string }[]).map(({ id }) => id).slice(1);
  });
  afterAll(async () => {
    await okta.close();
    await org.stop();
  });
  beforeEach(async () => {
    await control('DELETE', 'faults');
    await control('DELETE', 'ledger');
    const [workspace, connection, by] = ['ws_1', 'conn_1', { key: null, role: 'operator' }];
    const wish = {
      workspace,
      connection,
      by,
      action: 'suspend_user',
      person: people.pop()!,
      reason: 'test',
      parameters: {},
    } as const;
    known = newAction({ ...wish, idempotencyKey: 'k' }, {}, '');
  });

  it.each([
    ['when it holds on', () => ({ hold: fails })],
    [
      'when it keeps that it is sending',
      () => ({ keep: (set: Partial<Action>) => (set.sentAt ? fails() : Promise.resolve()) }),
    ],
  ])('counts nothing as sent that never left: %s', async (_when, hands) => {
    await expect(attempt(hands()).run()).rejects.toThrow('the database is away');
    expect(known.requests.map(({ sent }) => sent).filter(Boolean)).toEqual([]);
    expect(await sendings()).toBe(0);
    await expect(attempt().run()).resolves.toMatchObject({ state: 'done', effect: 'changed' });
    expect(known.requests).toMatchObject([{ sent: 1, status: 200 }]);
    expect(await sendings()).toBe(1);
  });

  it('leaves what was sent before as it was, when the next sending never leaves', async () => {
    await control('PUT', 'faults', [{ kind: 'error500', path: '/lifecycle/suspend', times: 1 }]);
    let holds = 0;
    const hold = () => ((holds += 1) === 1 ? Promise.resolve() : fails());
    await expect(attempt({ hold }).run()).rejects.toThrow('the database is away');
    expect(known.requests).toMatchObject([{ sent: 1, status: 500 }]);
    expect(await sendings()).toBe(1);
  });

  it('sends nothing, and keeps no place for it, while the database takes so long that the moment kept is past', async () => {
    await expect(attempt({ keep: slow }).run()).rejects.toThrow(TryLater);
    expect(known).toMatchObject({ requests: [{ sent: 0 }], sentAt: null });
    expect(await sendings()).toBe(0);
  });

  it('keeps the moment anew, when the database was slow once', async () => {
    const kept: number[] = [];
    const slowOnce = async (set: Partial<Action>) => {
      if (set.sentAt) await sleep(kept.push(Date.now()) === 1 ? 3_050 : 0);
    };
    await expect(attempt({ keep: slowOnce }).run()).resolves.toMatchObject({ state: 'done' });
    expect(known.sentAt!.getTime()).toBeGreaterThanOrEqual(kept[0]! + 3_000);
    expect(known.requests).toMatchObject([{ sent: 1, status: 200 }]);
  });
});
