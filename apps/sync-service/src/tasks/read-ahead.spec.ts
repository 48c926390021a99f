import { setImmediate as turn } from 'node:timers/promises';
import { ReadAhead } from './read-ahead.js';

async function* counting(to: number, fault?: Error): AsyncGenerator<number> {
  for (let n = 1; n <= to; n += 1) {
    await turn();
    yield n;
  }
  if (fault) throw fault;
}

const settled = async () => {
  for (let at = 0; at < 20; at += 1) await turn();
};

describe('reading ahead', () => {
  it('answers everything once, in order, and then nothing', async () => {
    const ahead = new ReadAhead(counting(10), 3);
    const seen: number[] = [];
    for (let batch = await ahead.take(); batch.length > 0; batch = await ahead.take()) {
      expect(batch.length).toBeLessThanOrEqual(3);
      seen.push(...batch);
      if (seen.length > 4) await settled();
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await expect(ahead.take()).resolves.toEqual([]);
  });

  it('gathers what came while its taker was busy, and no more than it may hold', async () => {
    const ahead = new ReadAhead(counting(10), 3);
    await settled();
    await expect(ahead.take()).resolves.toEqual([1, 2, 3]);
    await settled();
    await expect(ahead.take()).resolves.toEqual([4, 5, 6]);
  });

  it('throws the fault of the source only after what came before it', async () => {
    const ahead = new ReadAhead(counting(2, new Error('cut off')), 5);
    await settled();
    await expect(ahead.take()).resolves.toEqual([1, 2]);
    await expect(ahead.take()).rejects.toThrow('cut off');
  });
});
