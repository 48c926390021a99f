import { Lane } from './lane.js';

describe('a lane', () => {
  it('writes what came meanwhile together, up to its limit, in the order of arrival', async () => {
    const { resolve: open, promise: opened } = Promise.withResolvers<void>();
    const written: number[][] = [];
    const lane = new Lane<number>(async (items) => {
      written.push(items);
      await opened;
    }, 4);
    const all = [[1], [2, 3], [4, 5], [6, 7, 8, 9, 10], [11]].map((items) => lane.add(items));
    open();
    await Promise.all(all);
    expect(written).toEqual([[1], [2, 3, 4, 5], [6, 7, 8, 9, 10], [11]]);
  });

  it('fails only the one that cannot be written', async () => {
    const { resolve: open, promise: opened } = Promise.withResolvers<void>();
    const written: number[] = [];
    const lane = new Lane<number>(async (items) => {
      await opened;
      if (items.includes(2)) throw new Error('not two');
      written.push(...items);
    }, 10);
    const outcomes = Promise.allSettled([lane.add([0]), lane.add([1]), lane.add([2]), lane.add([3])]);
    open();
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(written).toEqual([0, 1, 3]);
    await lane.add([4]);
    expect(written).toEqual([0, 1, 3, 4]);
  });
});
