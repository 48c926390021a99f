import { LocalStore, RateBudget, type Permit } from './budget.js';
import { BudgetWaitError } from './errors.js';

const request = { principal: 'p', bucket: '/api/v1/apps', priority: 'sync' as const, maxWaitMs: 100 };
const headers = (remaining: number, status = 200) => ({ status, limit: 50, remaining, resetInMs: 60_000 });

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
});
