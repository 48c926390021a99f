import { useCallback } from 'react';
import { dayName, number } from '../format';
import { t } from '../texts';
import { Chart, overDays, tip, tooltipOf, type Palette } from './Chart';
import type { Day } from './days';

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
    (colours: Palette) => ({
      ...overDays(colours, days),
      tooltip: {
        ...tooltipOf(colours),
        trigger: 'axis',
        axisPointer: { type: 'shadow', shadowStyle: { color: colours.line, opacity: 0.45 } },
        formatter: (points: { dataIndex: number }[]) => {
          const { day, signIns, people } = days[points[0]!.dataIndex]!;
          return tip(
            dayName(day),
            t.charts.signIns(number(signIns)),
            ...(hasPeople ? [t.charts.people(number(people ?? 0))] : []),
          );
        },
      },
      series: [
        {
          type: 'bar',
          data: days.map(({ signIns }) => signIns),
          itemStyle: { color: colours.accent, borderRadius: [2, 2, 0, 0] },
          barCategoryGap: '28%',
          barMaxWidth: 26,
        },
        ...(hasPeople
          ? [
              {
                type: 'line',
                data: days.map(({ people }) => people ?? 0),
                showSymbol: false,
                smooth: 0.2,
                lineStyle: { color: colours.text, width: 1.5 },
                itemStyle: { color: colours.text },
              },
            ]
          : []),
      ],
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
