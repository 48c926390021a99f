import type { HourOfWeek } from '@seatwise/contracts';
import { dayMs, quarterMs } from '../store/documents.js';

const minutesAWeek = 7 * 24 * 60;
const quartersADay = dayMs / quarterMs;
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Tells in which hour of the week of a time zone the quarters of an hour of UTC lie: all offsets are whole quarters. */
class Clock {
  private readonly format: Intl.DateTimeFormat;

  constructor(zone: string) {
    const shown = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    this.format = new Intl.DateTimeFormat('en-US', { ...shown, timeZone: zone });
  }

  /** 0 for Monday's first hour to 167, for each quarter of a day (UTC). */
  hoursOf(day: number): number[] {
    const quarters = Array.from({ length: quartersADay }, (_none, at) => day * dayMs + at * quarterMs);
    const first = this.minuteOf(quarters[0]!);
    const length = (quartersADay - 1) * (quarterMs / 60_000);
    // Only where the clocks are put forward or back in between are all of them looked at.
    const isEven = (first + length) % minutesAWeek === this.minuteOf(quarters.at(-1)!);
    return quarters.map((quarter, at) => {
      const minute = isEven ? first + at * (quarterMs / 60_000) : this.minuteOf(quarter);
      return Math.floor((minute % minutesAWeek) / 60);
    });
  }

  /** The minute of the week, from Monday 0:00 on. */
  private minuteOf(moment: number): number {
    const parts = new Map(this.format.formatToParts(moment).map(({ type, value }) => [type, value]));
    const [weekday, hour, minute] = [parts.get('weekday')!, Number(parts.get('hour')), Number(parts.get('minute'))];
    return (weekdays.indexOf(weekday) * 24 + hour) * 60 + minute;
  }
}

/** Sign-ins by the quarters of a day (UTC), and the day, counted from 1970 on. */
export interface DayOfQuarters {
  day: number;
  quarters: Record<string, number>;
}

/**
 * The hours of a week in a time zone: how many sign-ins lie in each, and how often each has passed from day `from` on until
 * `until`, or until the last of the sign-ins.
 */
export function weekOf(days: DayOfQuarters[], zone: string, from: number, until: number): HourOfWeek[] {
  const clock = new Clock(zone);
  const signIns = Array.from({ length: 7 * 24 }, () => 0);
  const passed = Array.from({ length: 7 * 24 }, () => 0);
  const byDay = Map.groupBy(days, ({ day }) => day);
  const newest = days.flatMap(({ day, quarters }) =>
    Object.keys(quarters).map((quarter) => day * dayMs + (Number(quarter) + 1) * quarterMs),
  );
  const end = newest.reduce((a, b) => Math.max(a, b), until);
  for (let day = from; day * dayMs < end; day += 1) {
    const counts = byDay.get(day) ?? [];
    for (const [quarter, hour] of clock.hoursOf(day).entries()) {
      if (day * dayMs + quarter * quarterMs < end) passed[hour]! += 1;
      for (const { quarters } of counts) signIns[hour]! += quarters[quarter] ?? 0;
    }
  }
  return signIns.map((count, hour) => ({
    weekday: Math.floor(hour / 24) + 1,
    hour: hour % 24,
    signIns: count,
    times: passed[hour]! / 4,
  }));
}
