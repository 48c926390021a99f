import { returnsOf } from './returns.js';

/** What is left when what cancels out is added up: `day after gap days`, and how often. */
function summed(known: number[], fresh: number[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { day, gap, by } of returnsOf(known, fresh))
    sums[`${day} after ${gap}`] = (sums[`${day} after ${gap}`] ?? 0) + by;
  return Object.fromEntries(Object.entries(sums).filter(([, by]) => by !== 0));
}

describe('who came back after how many days', () => {
  it('is nobody who comes for the first time, or after more than 29 days', () => {
    expect(summed([], [100])).toEqual({});
    expect(summed([100], [130])).toEqual({});
    expect(summed([100], [129])).toEqual({ '129 after 29': 1 });
  });

  it('tells each of several days from the one before', () => {
    expect(summed([100], [103, 101])).toEqual({ '101 after 1': 1, '103 after 2': 1 });
  });

  it('tells the next day anew when one comes late in between', () => {
    expect(summed([100, 110], [104])).toEqual({ '104 after 4': 1, '110 after 6': 1, '110 after 10': -1 });
    expect(summed([100, 140], [120])).toEqual({ '120 after 20': 1, '140 after 20': 1 });
  });

  it('comes to the same in whatever order the days come', () => {
    const days = [100, 101, 107, 130, 160, 161, 190];
    const inOrder = summed([], days);
    for (const order of [days, days.toReversed(), [130, 100, 190, 107, 161, 101, 160]]) {
      const sums: Record<string, number> = {};
      for (const [at, day] of order.entries())
        for (const [key, by] of Object.entries(summed(order.slice(0, at), [day]))) sums[key] = (sums[key] ?? 0) + by;
      expect(Object.fromEntries(Object.entries(sums).filter(([, by]) => by !== 0))).toEqual(inOrder);
    }
  });
});
