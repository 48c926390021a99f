import { setTimeout as sleep } from 'node:timers/promises';
import { AttemptLost } from '../actions/actions.repository.js';
import { Lease } from './lease.js';

describe('the lease of an attempt', () => {
  let lease: Lease;
  afterEach(() => lease.end());

  it('is prolonged before anything leaves, when a slow database let it run short', async () => {
    let extended = 0;
    const { promise: answers, resolve: answer } = Promise.withResolvers<void>();
    lease = new Lease(120, performance.now(), () => answers.then(() => void (extended += 1)));
    await sleep(110);
    const held = lease.hold();
    expect(extended).toBe(0);
    answer();
    await expect(held).resolves.toBe(false);
    expect(extended).toBeGreaterThan(0);
    await expect(lease.hold()).resolves.toBe(true);
  });

  it('holds without a question while it is prolonged in time', async () => {
    let extended = 0;
    lease = new Lease(60_000, performance.now(), () => Promise.resolve(void (extended += 1)));
    await expect(lease.hold()).resolves.toBe(true);
    expect(extended).toBe(0);
  });

  it('counts from before it was claimed, however long that took', async () => {
    let extended = 0;
    lease = new Lease(60_000, performance.now() - 50_000, () => Promise.resolve(void (extended += 1)));
    await expect(lease.hold()).resolves.toBe(false);
    expect(extended).toBe(1);
  });

  it('is over for good once another has the attempt', async () => {
    lease = new Lease(60, performance.now(), () => Promise.reject(new AttemptLost()));
    await sleep(50);
    await expect(lease.hold()).rejects.toThrow(AttemptLost);
    await expect(lease.hold()).rejects.toThrow(AttemptLost);
  });
});
