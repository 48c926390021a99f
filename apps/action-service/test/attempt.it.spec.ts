import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionName } from '@seatwise/contracts';
import { TryLater } from '@seatwise/messaging';
import { LocalStore, OktaClient, RateBudget } from '@seatwise/okta';
import { spawnSimulator, type RunningService } from '@seatwise/testing';
import { newAction, type Action } from '../src/actions/action.js';
import { actOf } from '../src/acts/index.js';
import { Attempt, type Hands } from '../src/work/attempt.js';
import { orderWithout } from '../src/work/worker.js';

const token = `00attempt${'x'.repeat(33)}`;

const passes = () => Promise.resolve();
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
  const attempt = ({ keep = passes, ...hands }: Partial<Hands> = {}, act: ActionName = 'suspend_user') => {
    const action = structuredClone(known);
    const own: Hands = {
      keep: async (set) => {
        Object.assign(known, structuredClone(set));
        // What is written, though the answer may never come.
        await keep(set);
        Object.assign(action, set);
      },
      hold: passes,
      forbidden: () => Promise.resolve(undefined),
      rejected: passes,
      handOver: () => Promise.resolve(true),
      others: () => Promise.resolve([]),
      ...hands,
    };
    return new Attempt(action, actOf(act), orderWithout(action), okta, own);
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

  it('counts nothing as sent that never left, when it cannot hold on', async () => {
    await expect(attempt({ hold: fails }).run()).rejects.toThrow('the database is away');
    expect(known).toMatchObject({ requests: [{ sent: 0 }], sentAt: null });
    expect(await sendings()).toBe(0);
    await expect(attempt().run()).resolves.toMatchObject({ state: 'done', effect: 'changed' });
    expect(known.requests).toMatchObject([{ sent: 1, status: 200 }]);
    expect(await sendings()).toBe(1);
  });

  it('takes back what was written down though the answer never came, as soon as the database is there again', async () => {
    let failures = 0;
    const awayForAWhile = (set: Partial<Action>) =>
      set.sentAt || (failures > 0 && failures < 3) ? ((failures += 1), fails()) : passes();
    await expect(attempt({ keep: awayForAWhile }).run()).rejects.toThrow('the database is away');
    expect(failures).toBe(3);
    expect(known).toMatchObject({ requests: [{ sent: 0 }], sentAt: null });
    expect(await sendings()).toBe(0);
  });

  it('leaves what was sent before as it was, when the next sending never leaves', async () => {
    await control('PUT', 'faults', [{ kind: 'error500', path: '/lifecycle/suspend', times: 1 }]);
    let holds = 0;
    const hold = () => ((holds += 1) === 1 ? Promise.resolve() : fails());
    await expect(attempt({ hold }).run()).rejects.toThrow('the database is away');
    expect(known.requests).toMatchObject([{ sent: 1, status: 500 }]);
    expect(await sendings()).toBe(1);
  });

  it('looks for a while after a 500, however long Okta took to say it', async () => {
    await control('PUT', 'faults', [
      { kind: 'latency', path: '/lifecycle/suspend', milliseconds: 4_000 },
      { kind: 'error500', path: '/lifecycle/suspend', times: 1 },
    ]);
    let looks = 0;
    const act = actOf('suspend_user');
    const look = act.look.bind(act);
    act.look = (...about) => ((looks += 1), look(...about));
    await expect(attempt().run()).resolves.toMatchObject({ state: 'done' });
    act.look = look;
    expect(known.requests).toMatchObject([{ sent: 2, status: 200 }]);
    // Before, at least twice between the two sendings, and after.
    expect(looks).toBeGreaterThanOrEqual(4);
  });

  it('sends nothing, and keeps no place for it, while the database takes so long that the moment kept is past', async () => {
    await expect(attempt({ keep: slow }).run()).rejects.toThrow(TryLater);
    expect(known).toMatchObject({ requests: [{ sent: 0 }], sentAt: null });
    expect(await sendings()).toBe(0);
  });

  it('keeps the moment of the sending anew when it comes to it', async () => {
    await expect(attempt({ keep: slow }).run()).rejects.toThrow(TryLater);
    const since = Date.now();
    await expect(attempt().run()).resolves.toMatchObject({ state: 'done' });
    expect(known.sentAt!.getTime()).toBeGreaterThanOrEqual(since);
    expect(known.requests).toMatchObject([{ sent: 1, status: 200 }]);
  });
});
