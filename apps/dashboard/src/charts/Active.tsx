import { useCallback } from 'react';
import type { Schemas } from '../api/client';
import { dayName, number } from '../format';
import { t } from '../texts';
import { Chart } from './Chart';
import { overDays, type Drawing, type Figures, type Palette } from './looks';

export type ActiveDay = Schemas['ActiveDay'];

const orUnknown = (count: number | null) => (count === null ? '–' : number(count));

/** How many different people came in a day, in seven, and in thirty: three lines that differ without colour too. */
export default function Active({ days, label }: { days: ActiveDay[]; label: string }) {
  const draw = useCallback(
    (colours: Palette): Drawing => {
      const line = (data: (number | null)[], colour: string, dash: number[]): Figures => ({
        type: 'line',
        data,
        borderColor: colour,
        borderDash: dash,
        borderWidth: 1.75,
        // A line of one point is none.
        pointRadius: data.filter((value) => value !== null).length === 1 ? 3 : 0,
        pointHoverRadius: 3,
        pointBackgroundColor: colour,
        pointBorderWidth: 0,
      });
      return {
        type: 'line',
        data: {
          datasets: [
            line(
              days.map(({ daily }) => daily),
              colours.accent,
              [],
            ),
            line(
              days.map(({ weekly }) => weekly),
              colours.text,
              [7, 3.5],
            ),
            line(
              days.map(({ monthly }) => monthly),
              colours.text,
              [2, 2],
            ),
          ],
        },
        options: overDays(
          colours,
          days,
          (place) => {
            const { day, daily, weekly, monthly } = days[place]!;
            return [
              dayName(day),
              t.charts.activeDay(number(daily)),
              ...(weekly === null ? [] : [t.charts.activeWeek(number(weekly))]),
              ...(monthly === null ? [] : [t.charts.activeMonth(number(monthly))]),
            ];
          },
          { colour: colours.muted, look: 'line' },
        ),
      };
    },
    [days],
  );
  return (
    <Chart
      label={label}
      draw={draw}
      height={210}
      table={{
        head: [t.charts.day, t.charts.inDay, t.charts.inWeek, t.charts.inMonth],
        rows: days
          .toReversed()
          .map(({ day, daily, weekly, monthly }) => [day, number(daily), orUnknown(weekly), orUnknown(monthly)]),
      }}
    />
  );
}
