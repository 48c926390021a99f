import { useCallback } from 'react';
import { number, roughly } from '../format';
import { t } from '../texts';
import { Chart } from './Chart';
import { heatOf, overSquares, squares, type Drawing, type Palette } from './looks';
import { averageOf, hourName, type HourOfWeek } from './week';

const cellHeight = 26;
const days = t.charts.shortWeekdays;
const hours = Array.from({ length: 24 }, (_none, hour) => hour);
const named = hours.map((hour) => (hour % 6 === 0 ? hourName(hour) : ''));

/** Each hour of the week as a square: the stronger its colour, the more sign-ins it has on average. */
export default function Hours({ week, label }: { week: HourOfWeek[]; label: string }) {
  const draw = useCallback(
    (colours: Palette): Drawing => {
      const most = Math.max(...week.map(averageOf));
      return {
        type: 'matrix',
        data: {
          datasets: [
            squares(
              week.map((one) => ({ x: one.hour, y: one.weekday - 1, v: averageOf(one) })),
              colours,
              { columns: 24, rows: 7, gap: 2 },
              (value) => heatOf(value, most, colours.line, colours.accent),
            ),
          ],
        },
        options: overSquares(colours, { names: named, position: 'bottom' }, { names: days }, (place) => {
          const one = week[place]!;
          return [
            `${t.app.weekdays[one.weekday - 1]} ${hourName(one.hour)}–${hourName(one.hour + 1)}`,
            t.charts.averageSignIns(roughly(averageOf(one))),
            t.charts.signInsIn(number(one.signIns), roughly(one.times)),
          ];
        }),
      };
    },
    [week],
  );
  return (
    <Chart
      label={label}
      draw={draw}
      height={7 * cellHeight + 24}
      table={{
        head: [t.charts.hour, ...days],
        rows: hours.map((hour) => [
          hourName(hour),
          ...days.map((_name, place) => roughly(averageOf(week[place * 24 + hour]!))),
        ]),
      }}
    />
  );
}
