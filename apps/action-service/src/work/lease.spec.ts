import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { TryLater } from '@seatwise/messaging';
import { AttemptLost } from '../actions/actions.repository.js';
import { Lease } from './lease.js';

describe('the lease of an attempt', () => {
  let lease: Lease;
  afterEach(() => lease.end());

  it('is prolonged before anything leaves, when a slow database let it run short', async () => {
    let extended = 0;
    const { promise: answers, resolve: answer } = Promise.withResolvers<void>();
    lease = new Lease(60_000, performance.now() - 50_000, () => answers.then(() => void (extended += 1)));
    const held = lease.hold();
    expect(extended).toBe(0);
    answer();
    await held;
    expect(extended).toBe(1);
    await lease.hold();
    expect(extended).toBe(1);
  });

  it('holds without a question while it is prolonged in time', async () => {
    let extended = 0;
    lease = new Lease(60_000, performance.now(), () => Promise.resolve(void (extended += 1)));
    await lease.hold();
    expect(extended).toBe(0);
  });

  it('counts from before it was claimed, however long that took', async () => {
    let extended = 0;
    lease = new Lease(60_000, performance.now() - 50_000, () => Promise.resolve(void (extended += 1)));
    await lease.hold();
    expect(extended).toBe(1);
  });

  it('lets nothing leave when prolonging it took most of it', async () => {
    lease = new Lease(200, performance.now() - 190, () => sleep(180));
    await expect(lease.hold()).rejects.toThrow(TryLater);
  });

  it('is over for good once another has the attempt', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    lease = new Lease(300, performance.now(), () => {
      ask();
      return Promise.reject(new AttemptLost());
    });
    // By its own beat, while most of it is left; and then it has heard the answer.
    await asked;
    await setImmediate();
    await expect(lease.hold()).rejects.toThrow(AttemptLost);
    await expect(lease.hold()).rejects.toThrow(AttemptLost);
  });
});
