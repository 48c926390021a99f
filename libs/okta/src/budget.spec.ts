import { LocalStore, RateBudget, type Permit } from './budget.js';
import { BudgetWaitError } from './errors.js';

const request = { principal: 'p', bucket: '/api/v1/apps', priority: 'sync' as const, maxWaitMs: 100 };
const headers = (remaining: number, status = 200) => ({ status, limit: 50, remaining, resetInMs: 60_000 });
const roomy = { status: 200, limit: 600, remaining: 599, resetInMs: 60_000 };

/** Takes permits until the budget would have to wait for the next window. */
async function takeAll(budget: RateBudget, priority: 'sync' | 'action'): Promise<Permit[]> {
  const permits: Permit[] = [];
  for (;;) {
    try {
      permits.push(await budget.acquire({ ...request, priority }));
    } catch (error) {
      if (error instanceof BudgetWaitError) return permits;
      throw error;
    }
  }
}

describe('the rate budget', () => {
  it('sends one request alone to find out how a bucket stands', async () => {
    const budget = new RateBudget(new LocalStore());
    const probe = await budget.acquire(request);
    await expect(budget.acquire(request)).rejects.toThrow(BudgetWaitError);
    await probe.settle(headers(49));
    await expect(budget.acquire(request)).resolves.toBeDefined();
  });

  it('then gives no more than remain, and leaves a tenth to actions', async () => {
    const budget = new RateBudget(new LocalStore());
    await (await budget.acquire(request)).settle(headers(49));
    expect(await takeAll(budget, 'sync')).toHaveLength(44);
    expect(await takeAll(budget, 'action')).toHaveLength(5);
  });

  it('shares one window among replicas', async () => {
    const store = new LocalStore();
    const first = new RateBudget(store);
    const replicas = [first, new RateBudget(store), new RateBudget(store)];
    await (await first.acquire(request)).settle(headers(49));
    const taken = await Promise.all(replicas.map((replica) => takeAll(replica, 'action')));
    expect(taken.flat()).toHaveLength(49);
  });

  it('says how the buckets stand, and nothing of those that nobody asked of', async () => {
    const budget = new RateBudget(new LocalStore());
    const look = () => budget.standing('p', ['/api/v1/apps', '/api/v1/logs']);
    expect(await look()).toEqual([]);
    await (await budget.acquire(request)).settle(headers(49));
    expect(await look()).toEqual([{ bucket: '/api/v1/apps', limit: 50, left: 49, fullAt: expect.any(Number) }]);
    await takeAll(budget, 'action');
    expect(await look()).toMatchObject([{ left: 0 }]);
  });

  it('stops at a 429 for as long as Okta says', async () => {
    const budget = new RateBudget(new LocalStore());
    await (await budget.acquire(request)).settle(headers(0, 429));
    const refused = await budget.acquire(request).catch((error: unknown) => error as BudgetWaitError);
    expect(refused).toBeInstanceOf(BudgetWaitError);
    expect((refused as BudgetWaitError).waitMs).toBeGreaterThan(55_000);
  });

  it('takes what other integrations use into account', async () => {
    const budget = new RateBudget(new LocalStore());
    await (await budget.acquire(request)).settle(headers(49));
    await (await budget.acquire(request)).settle(headers(10));
    expect((await takeAll(budget, 'action')).length).toBeLessThanOrEqual(10);
  });

  it('takes the limit on parallel requests, which is zero of zero, for no empty bucket', async () => {
    const budget = new RateBudget(new LocalStore());
    await (await budget.acquire(request)).settle(headers(49));
    await (await budget.acquire(request)).settle({ status: 429, limit: 0, remaining: 0, resetInMs: 60_000 });
    await expect(budget.acquire(request)).resolves.toBeDefined();
  });

  it('asks nothing for some seconds after a 429 that says nothing of the limit', async () => {
    const budget = new RateBudget(new LocalStore());
    await (
      await budget.acquire(request)
    ).settle({
      status: 429,
      limit: undefined,
      remaining: undefined,
      resetInMs: undefined,
    });
    const refused = await budget.acquire(request).catch((error: unknown) => error as BudgetWaitError);
    expect((refused as BudgetWaitError).waitMs).toBeGreaterThan(3_000);
  });

  it('finds out anew, one request alone, when a window is over or its reset lies in the past', async () => {
    const budget = new RateBudget(new LocalStore());
    await (await budget.acquire(request)).settle({ ...headers(0), resetInMs: -30_000 });
    // A reset in the past is one that is a second away, for the margin of two clocks.
    const probe = await budget.acquire({ ...request, maxWaitMs: 3_000 });
    await expect(budget.acquire(request)).rejects.toThrow(BudgetWaitError);
    await probe.settle(headers(49));
    await expect(budget.acquire(request)).resolves.toBeDefined();
  });

  it('lets another find out when the one that should gave no answer', async () => {
    const store = new LocalStore();
    const [one, other] = [new RateBudget(store), new RateBudget(store)];
    const probe = await one.acquire(request);
    await expect(other.acquire(request)).rejects.toThrow(BudgetWaitError);
    await probe.settle();
    await expect(other.acquire(request)).resolves.toBeDefined();
  });

  it('sends nothing of what a replica took before another found the bucket empty', async () => {
    const store = new LocalStore();
    const [one, other] = [new RateBudget(store), new RateBudget(store)];
    const probe = await one.acquire(request);
    await probe.settle(roomy);
    // Each has taken some of the window for its next requests.
    const [ofOne] = await Promise.all([one.acquire(request), other.acquire(request)]);
    await ofOne.settle({ ...roomy, status: 429, remaining: 0 });
    await expect(other.acquire(request)).rejects.toThrow(BudgetWaitError);
    await expect(one.acquire(request)).rejects.toThrow(BudgetWaitError);
  });

  it('lets no replica take of a bucket anew that was found empty, when it asks the moment it hears so', async () => {
    let other: RateBudget | undefined;
    const store = new LocalStore();
    const announce = store.announce.bind(store);
    store.announce = async (key, value) => {
      await announce(key, value);
      await other!.acquire(request).catch(() => undefined);
    };
    const one = new RateBudget(store);
    other = new RateBudget(store);
    await (await one.acquire(request)).settle(roomy);
    await (await one.acquire(request)).settle({ ...roomy, status: 429, remaining: 0 });
    await expect(other.acquire(request)).rejects.toThrow(BudgetWaitError);
  });

  it('sends nothing of what it was just taking when it hears that the bucket is empty', async () => {
    const store = new LocalStore();
    const [one, other] = [new RateBudget(store), new RateBudget(store)];
    await (await one.acquire(request)).settle(roomy);
    const ofOne = await one.acquire(request);
    const put = store.put.bind(store);
    store.put = async (...entry) => {
      const isPut = await put(...entry);
      store.put = put;
      await ofOne.settle({ ...roomy, status: 429, remaining: 0 });
      return isPut;
    };
    await expect(other.acquire(request)).rejects.toThrow(BudgetWaitError);
  });

  it('knows that a bucket is empty, and tells it, though the shared map cannot be written just now', async () => {
    const store = new LocalStore();
    const [one, other] = [new RateBudget(store), new RateBudget(store)];
    await (await one.acquire(request)).settle(roomy);
    const [ofOne] = await Promise.all([one.acquire(request), other.acquire(request)]);
    const put = store.put.bind(store);
    store.put = () => {
      store.put = put;
      return Promise.reject(new Error('no leader'));
    };
    await ofOne.settle({ ...roomy, status: 429, remaining: 0 });
    await expect(one.acquire(request)).rejects.toThrow(BudgetWaitError);
    await expect(other.acquire(request)).rejects.toThrow(BudgetWaitError);
  });

  it('sends nothing of what was taken after a 429 that says nothing of the limit', async () => {
    const store = new LocalStore();
    const [one, other] = [new RateBudget(store), new RateBudget(store)];
    await (await one.acquire(request)).settle(roomy);
    const [ofOne] = await Promise.all([one.acquire(request), other.acquire(request)]);
    await ofOne.settle({ status: 429, limit: undefined, remaining: undefined, resetInMs: undefined });
    await expect(one.acquire(request)).rejects.toThrow(BudgetWaitError);
    await expect(other.acquire(request)).rejects.toThrow(BudgetWaitError);
  });

  it('is not told by a later refusal that a bucket is full sooner', async () => {
    const store = new LocalStore();
    const [one, other] = [new RateBudget(store), new RateBudget(store)];
    await (await one.acquire(request)).settle(headers(49));
    const [first, second, third] = [
      await one.acquire(request),
      await one.acquire(request),
      await other.acquire(request),
    ];
    await first.settle(headers(0, 429));
    await second.settle({ status: 429, limit: undefined, remaining: undefined, resetInMs: undefined });
    await third.settle({ ...headers(0, 429), resetInMs: 0 });
    for (const budget of [one, other]) {
      const refused = await budget.acquire(request).catch((error: unknown) => error);
      expect((refused as BudgetWaitError).waitMs).toBeGreaterThan(55_000);
    }
  });

  it('is held up by the wrong clock of another for no longer than a window lasts, and sends on nothing for a slow one', async () => {
    const store = new LocalStore();
    const budget = new RateBudget(store);
    const key = 'p._api_v1_apps';
    await (await budget.acquire(request)).settle(roomy);
    // What it has taken already is worth nothing, though by its own clock that is over.
    await budget.acquire(request);
    const left = async () => (JSON.parse((await store.get(key))!.value) as { left: number }).left;
    const before = await left();
    await store.announce(key, String(Date.now() - 5_000));
    await budget.acquire(request);
    expect(await left()).toBeLessThan(before);
    await store.announce(key, String(Date.now() + 3_600_000));
    const refused = await budget.acquire(request).catch((error: unknown) => error);
    expect((refused as BudgetWaitError).waitMs).toBeLessThan(122_000);
  });

  it('believes no answer from before over a bucket that was found empty', async () => {
    const budget = new RateBudget(new LocalStore());
    const probe = await budget.acquire(request);
    await probe.settle(headers(49));
    const [early, late] = [await budget.acquire(request), await budget.acquire(request)];
    await late.settle(headers(0, 429));
    await early.settle(headers(40));
    await expect(budget.acquire(request)).rejects.toThrow(BudgetWaitError);
  });

  it('tells of a permit whether it may still be used', async () => {
    const store = new LocalStore();
    const [one, other] = [new RateBudget(store), new RateBudget(store)];
    await (await one.acquire(request)).settle(headers(49));
    const [kept, found] = [await one.acquire(request), await other.acquire(request)];
    expect(kept.isGood()).toBe(true);
    await found.settle(headers(0, 429));
    expect(kept.isGood()).toBe(false);
  });

  it.each([
    [0.5, 44],
    [0.25, 22],
    [1, 44],
  ])('of a token that is shown half, with a share of %d uses %i in a window', async (share, most) => {
    const budget = new RateBudget(new LocalStore(), share);
    await (await budget.acquire(request)).settle(headers(49));
    const taken = await takeAll(budget, 'sync');
    expect(Math.abs(taken.length - most)).toBeLessThanOrEqual(1);
  });
});
