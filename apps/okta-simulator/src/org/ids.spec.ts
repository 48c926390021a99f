import { Ids } from './ids.js';

it('lead back to the number that they were made from, for every seed', () => {
  for (const seed of [0, 1, 7, 123_456]) {
    const ids = new Ids('00u', seed);
    const made = Array.from({ length: 2_000 }, (_, n) => ids.of(n * 499));
    expect(new Set(made).size).toBe(made.length);
    expect(made.every((id) => /^00u[A-Za-z0-9]{17}$/.test(id))).toBe(true);
    expect(made.map((id) => ids.numberOf(id))).toEqual(made.map((_id, n) => n * 499));
  }
});

it('are known from those of another org, another kind, and from nonsense', () => {
  const ids = new Ids('00u', 1);
  for (const other of [
    new Ids('00u', 2).of(5),
    new Ids('00g', 1).of(5),
    '',
    'me',
    `${ids.of(5).slice(0, 4)}!${ids.of(5).slice(5)}`,
  ])
    expect(ids.numberOf(other)).toBe(-1);
});
