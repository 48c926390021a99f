import type { HourOfWeek } from '@seatwise/contracts';
import { weekOf } from './week.js';

const dayOf = (text: string): number => Date.parse(text) / 86_400_000;
const momentOf = (text: string): number => Date.parse(text);
/** One sign-in at each of these moments. */
const at = (...moments: string[]) =>
  moments.map((moment) => {
    const day = Math.floor(momentOf(moment) / 86_400_000);
    return { day, quarters: { [Math.floor((momentOf(moment) % 86_400_000) / 900_000)]: 1 } };
  });
const used = (hours: HourOfWeek[]) =>
  hours.filter(({ signIns }) => signIns > 0).map(({ weekday, hour, signIns }) => [weekday, hour, signIns]);
const hourOf = (hours: HourOfWeek[], weekday: number, hour: number) =>
  hours.find((one) => one.weekday === weekday && one.hour === hour)!;

describe('the hours of a week', () => {
  // 23 November 2026 is a Monday.
  const week = [dayOf('2026-11-23'), momentOf('2026-11-30')] as const;

  it('are those of the time zone, also where it is off by a part of an hour', () => {
    const late = at('2026-11-23T18:40:00Z', '2026-11-23T23:59:59Z');
    expect(used(weekOf(late, 'UTC', ...week))).toEqual([
      [1, 18, 1],
      [1, 23, 1],
    ]);
    expect(used(weekOf(late, 'America/New_York', ...week))).toEqual([
      [1, 13, 1],
      [1, 18, 1],
    ]);
    expect(used(weekOf(late, 'Asia/Kolkata', ...week))).toEqual([
      [2, 0, 1],
      [2, 5, 1],
    ]);
    expect(used(weekOf(late, 'Asia/Kathmandu', ...week))).toEqual([
      [2, 0, 1],
      [2, 5, 1],
    ]);
    expect(used(weekOf(at('2026-11-29T23:00:00Z'), 'Europe/Berlin', ...week))).toEqual([[1, 0, 1]]);
  });

  it('are all of the clock, before and after summer time ends', () => {
    const nine = at('2026-10-23T07:10:00Z', '2026-10-26T08:10:00Z');
    expect(used(weekOf(nine, 'Europe/Berlin', dayOf('2026-10-19'), momentOf('2026-11-02')))).toEqual([
      [1, 9, 1],
      [5, 9, 1],
    ]);
  });

  it('pass twice in the night in which the clocks go back, and not in the one in which they go forward', () => {
    const back = weekOf(
      at('2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'),
      'Europe/Berlin',
      dayOf('2026-10-24'),
      momentOf('2026-10-26'),
    );
    expect(hourOf(back, 7, 2)).toMatchObject({ signIns: 2, times: 2 });
    expect(hourOf(back, 7, 3)).toMatchObject({ times: 1 });
    const forward = weekOf([], 'Europe/Berlin', dayOf('2026-03-28'), momentOf('2026-03-30'));
    expect(hourOf(forward, 7, 1)).toMatchObject({ times: 1 });
    expect(hourOf(forward, 7, 2)).toMatchObject({ times: 0 });
    expect(hourOf(forward, 7, 3)).toMatchObject({ times: 1 });
    // By half an hour, in the only place that does so.
    const half = weekOf([], 'Australia/Lord_Howe', dayOf('2026-10-02'), momentOf('2026-10-05'));
    expect(hourOf(half, 7, 2)).toMatchObject({ times: 0.5 });
  });

  it('have passed as often as they have, up to the moment that is asked for or the last sign-in', () => {
    const hours = weekOf([], 'UTC', dayOf('2026-11-23'), momentOf('2026-12-01T09:20:00Z'));
    expect(hourOf(hours, 1, 9).times).toBe(2);
    expect(hourOf(hours, 2, 8).times).toBe(2);
    expect(hourOf(hours, 2, 9).times).toBe(1.5);
    expect(hourOf(hours, 2, 10).times).toBe(1);
    const later = weekOf(at('2026-12-01T11:50:00Z'), 'UTC', dayOf('2026-11-23'), momentOf('2026-12-01T09:20:00Z'));
    expect(hourOf(later, 2, 11)).toMatchObject({ signIns: 1, times: 2 });
    expect(hours.map(({ weekday, hour }) => `${weekday} ${hour}`)).toHaveLength(168);
  });
});
