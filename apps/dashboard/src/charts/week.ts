import type { Schemas } from '../api/client';

/** All 168 of a week, from Monday's first on. */
export type HourOfWeek = Schemas['HourOfWeek'];

/** How many sign-ins such an hour has; of one that has not passed yet, those that it has. */
export const averageOf = ({ signIns, times }: HourOfWeek): number => signIns / Math.max(times, 1);

/** How many sign-ins an average Monday has, and each other day of the week. */
export const averagesOf = (week: HourOfWeek[]): number[] =>
  Array.from({ length: 7 }, (_none, day) =>
    week.filter(({ weekday }) => weekday === day + 1).reduce((sum, hour) => sum + averageOf(hour), 0),
  );

export const hourName = (hour: number): string => `${String(hour % 24).padStart(2, '0')}:00`;

/** The hour that is used most; none in a week without a sign-in. */
export function busiestOf(week: HourOfWeek[]): HourOfWeek | undefined {
  const busiest = week.reduce((a, b) => (averageOf(b) > averageOf(a) ? b : a));
  return busiest.signIns > 0 ? busiest : undefined;
}

/** How many of the sign-ins come on Saturdays and Sundays. */
export const weekendOf = (week: HourOfWeek[]): number =>
  week.filter(({ weekday }) => weekday > 5).reduce((sum, { signIns }) => sum + signIns, 0);
