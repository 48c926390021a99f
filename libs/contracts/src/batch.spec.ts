import { partsOf } from './batch.js';

describe('cutting a list into messages', () => {
  it('keeps every item, in order, and no part longer than was asked', () => {
    const items = Array.from({ length: 2_500 }, (_none, at) => at);
    const parts = [...partsOf(items, 1_000)];
    expect(parts.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
    expect(parts.flat()).toEqual(items);
  });

  it('puts no more into a message than NATS takes by default, whatever the script and however it is escaped', () => {
    const names = ['Ann', 'Bo', 'Chi', 'Dee', '\u6f22'.repeat(300), '\u0001'.repeat(300)];
    const items = Array.from({ length: 1_000 }, (_none, id) => ({
      id,
      login: names[id % 6],
      name: names[(id + 1) % 6],
    }));
    const parts = [...partsOf(items, 1_000)];
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(2 ** 20);
    expect(parts.flat()).toEqual(items);
  });

  it('lets an item that is too large by itself be a part of its own, and makes nothing of nothing', () => {
    expect([...partsOf(['a', 'x'.repeat(700_000), 'b'], 10)].map(({ length }) => length)).toEqual([1, 1, 1]);
    expect([...partsOf([], 10)]).toEqual([]);
  });
});
