import { monthName } from '../format';
import type { Day } from './days';

export interface Weeks {
  /** Of each day: how many weeks after the first it lies, and its place in its week, from Monday on. */
  places: { week: number; weekday: number }[];
  /** Of each week the month that begins with it or the days before it; where there is no room for its name, nothing. */
  months: string[];
}

/** A name is wider than a week. */
const weeksOfName = 2;

/** The weeks of days of which none is left out between the first and the last. */
export function weeksOf(days: Day[]): Weeks {
  const first = weekdayOf(days[0]!.day);
  const places = days.map((_day, at) => ({ week: Math.floor((first + at) / 7), weekday: (first + at) % 7 }));
  const months: string[] = [];
  let last = '';
  for (const [at, { week }] of places.entries()) {
    if (week < months.length) continue;
    const month = monthName(days[at]!.day);
    months.push(month === last ? '' : month);
    last = month;
  }
  const second = months.findIndex((name, week) => week > 0 && name !== '');
  if (second > 0 && second < weeksOfName) months[0] = '';
  return { places, months };
}

const weekdayOf = (day: string) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
