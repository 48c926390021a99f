import { useCallback } from 'react';
import { dayName, number } from '../format';
import { t } from '../texts';
import { Chart } from './Chart';
import type { Day } from './days';
import { overDays, type Drawing, type Palette } from './looks';

/** Sign-ins by day as bars, and as a line how many people they were of. */
export default function SignIns({
  days,
  label,
  height = 190,
  hasPeople = true,
}: {
  days: Day[];
  label: string;
  height?: number;
  hasPeople?: boolean;
}) {
  const draw = useCallback(
    (colours: Palette): Drawing => ({
      type: 'bar',
      data: {
        datasets: [
          ...(hasPeople
            ? [
                {
                  type: 'line' as const,
                  data: days.map(({ people }) => people ?? 0),
                  borderColor: colours.text,
                  borderWidth: 1.5,
                  cubicInterpolationMode: 'monotone' as const,
                  pointRadius: 0,
                  pointHoverRadius: 3,
                  pointBackgroundColor: colours.text,
                },
              ]
            : []),
          {
            type: 'bar',
            data: days.map(({ signIns }) => signIns),
            backgroundColor: colours.accent,
            hoverBackgroundColor: colours.accent,
            borderRadius: 2,
            barPercentage: 1,
            categoryPercentage: 0.72,
            maxBarThickness: 26,
          },
        ],
      },
      options: overDays(
        colours,
        days,
        (place) => {
          const { day, signIns, people } = days[place]!;
          return [dayName(day), t.charts.signIns(signIns), ...(hasPeople ? [t.charts.people(people ?? 0)] : [])];
        },
        { colour: colours.line, look: 'band' },
      ),
    }),
    [days, hasPeople],
  );
  return (
    <Chart
      label={label}
      draw={draw}
      height={height}
      table={{
        head: [t.charts.day, t.charts.signInsHead, ...(hasPeople ? [t.charts.peopleHead] : [])],
        rows: days
          .toReversed()
          .map(({ day, signIns, people }) => [day, number(signIns), ...(hasPeople ? [number(people ?? 0)] : [])]),
      }}
    />
  );
}
