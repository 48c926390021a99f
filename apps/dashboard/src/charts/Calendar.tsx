import { useCallback } from 'react';
import { dayName, number } from '../format';
import { t } from '../texts';
import { Chart } from './Chart';
import type { Day } from './days';
import { heatOf, overSquares, squares, type Drawing, type Palette } from './looks';
import { weeksOf } from './weeks';

const cellSize = 15;
const left = 34;
const right = 14;
const bottom = 3;
/** Every second one is named: they are a guide, and the squares are small. */
const weekdays = t.charts.shortWeekdays.map((name, place) => ([0, 2, 4].includes(place) ? name : ''));

/** Each day as a square, a week in a column: when somebody, or an app, is really at work. */
export default function Calendar({ days, label }: { days: Day[]; label: string }) {
  const draw = useCallback(
    (colours: Palette): Drawing => {
      const { places, months } = weeksOf(days);
      const width = left + months.length * cellSize;
      const most = Math.max(1, ...days.map(({ signIns }) => signIns));
      const options = overSquares(
        colours,
        { names: months, position: 'top' },
        { names: weekdays, width: left },
        (place) => {
          const { day, signIns } = days[place]!;
          return [dayName(day), t.charts.signIns(signIns)];
        },
      );
      return {
        type: 'matrix',
        data: {
          datasets: [
            squares(
              places.map(({ week, weekday }, place) => ({ x: week, y: weekday, v: days[place]!.signIns })),
              colours,
              { columns: months.length, rows: 7, gap: 2 },
              (value) => (value === 0 ? colours.line : heatOf(value, most, colours.soft, colours.accent)),
            ),
          ],
        },
        options: {
          ...options,
          // A square has the same size however much room there is.
          layout: { padding: ({ chart }) => ({ right: Math.max(right, chart.width - width), bottom }) },
        },
      };
    },
    [days],
  );
  return (
    <Chart
      label={label}
      draw={draw}
      height={7 * cellSize + 26}
      minWidth={left + (Math.ceil(days.length / 7) + 1) * cellSize}
      table={{
        head: [t.charts.day, t.charts.signInsHead],
        rows: days.toReversed().map(({ day, signIns }) => [day, number(signIns)]),
      }}
    />
  );
}
