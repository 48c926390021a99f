import { returnsOf } from '../sign-ins/returns.js';
import { activeWithin, type PeopleOfDay } from './active.js';

const first = 20_000;
/** The days on which each of some people came, the same ones in each run. */
const people = Array.from({ length: 60 }, (_none, who) =>
  Array.from({ length: 120 }, (_day, at) => first + at).filter((day) => (day * 31 + who * who * 7) % (who + 2) === 0),
);

/** The figures as they are kept. */
function figures(): Map<number, PeopleOfDay> {
  const days = new Map<number, PeopleOfDay>();
  const of = (day: number) => {
    const found = days.get(day) ?? { people: 0, back: {} };
    days.set(day, found);
    return found;
  };
  for (const came of people) {
    for (const day of came) of(day).people += 1;
    for (const { day, gap, by } of returnsOf([], came)) of(day).back[gap] = (of(day).back[gap] ?? 0) + by;
  }
  return days;
}

describe('people active within some days', () => {
  it.each([1, 7, 30])('are as many as there are, looked at one by one, in %d', (length) => {
    const days = figures();
    for (let last = first; last < first + 130; last += 1) {
      const active = people.filter((came) => came.some((day) => day > last - length && day <= last)).length;
      expect(activeWithin(length, last, days)).toBe(active);
    }
  });
});
