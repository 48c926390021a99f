import { longestGap } from '../store/documents.js';

/** The people of a day, and of these who had come last so many days before. */
export interface PeopleOfDay {
  people: number;
  back: Record<string, number>;
}

/**
 * How many different people came within so many days, 30 at most, that end with `last`. Everybody counts on the first of these days
 * on which they came: of each day's people those are left out who had come before within the same days.
 */
export function activeWithin(length: number, last: number, days: ReadonlyMap<number, PeopleOfDay>): number {
  let active = 0;
  for (let day = last - length + 1, before = 0; day <= last; day += 1, before += 1) {
    const { people = 0, back = {} } = days.get(day) ?? {};
    active += people;
    for (let gap = 1; gap <= Math.min(before, longestGap); gap += 1) active -= back[gap] ?? 0;
  }
  return active;
}
