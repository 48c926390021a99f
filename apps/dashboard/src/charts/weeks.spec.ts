import { describe, expect, it } from '@jest/globals';
import { weeksOf } from './weeks';

const from = (first: string, count: number) =>
  Array.from({ length: count }, (_none, at) => ({
    day: new Date(Date.parse(first) + at * 86_400_000).toISOString().slice(0, 10),
    signIns: 0,
  }));

describe('the weeks of a calendar', () => {
  it('begin on Monday, the first of them wherever its first day is', () => {
    // A Friday.
    const { places } = weeksOf(from('2026-10-30', 5));
    expect(places).toEqual([
      { week: 0, weekday: 4 },
      { week: 0, weekday: 5 },
      { week: 0, weekday: 6 },
      { week: 1, weekday: 0 },
      { week: 1, weekday: 1 },
    ]);
  });

  it('bear the name of a month where it begins', () => {
    expect(weeksOf(from('2026-09-14', 7 * 8)).months).toEqual(['Sep', '', '', 'Oct', '', '', '', 'Nov']);
  });

  it('leave out the name of a first month that ends before there is room for it', () => {
    expect(weeksOf(from('2026-10-27', 31)).months).toEqual(['', 'Nov', '', '', '']);
  });

  it('of a year are 53 or 54, with its twelve months and the first once more', () => {
    const { places, months } = weeksOf(from('2025-11-26', 366));
    expect(places.at(-1)).toEqual({ week: 52, weekday: 3 });
    expect(months.filter((name) => name !== '')).toHaveLength(12);
  });
});
