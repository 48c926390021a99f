import { useCallback } from 'react';
import type { Schemas } from '../api/client';
import { dayName, number } from '../format';
import { t } from '../texts';
import { Chart, overDays, tip, tooltipOf, type Palette } from './Chart';

export type ActiveDay = Schemas['ActiveDay'];

const orUnknown = (count: number | null) => (count === null ? '–' : number(count));

/** How many different people came in a day, in seven, and in thirty: three lines that differ without colour too. */
export default function Active({ days, label }: { days: ActiveDay[]; label: string }) {
  const draw = useCallback(
    (colours: Palette) => {
      const line = (values: (number | null)[], color: string, type: string) => ({
        type: 'line',
        data: values,
        // A line of one point is none.
        showSymbol: values.filter((value) => value !== null).length === 1,
        symbolSize: 6,
        lineStyle: { color, type, width: 1.75 },
        itemStyle: { color },
      });
      const axes = overDays(colours, days);
      return {
        ...axes,
        tooltip: {
          ...tooltipOf(colours),
          trigger: 'axis',
          axisPointer: { type: 'line', lineStyle: { color: colours.muted } },
          formatter: (points: { dataIndex: number }[]) => {
            const { day, daily, weekly, monthly } = days[points[0]!.dataIndex]!;
            return tip(
              dayName(day),
              t.charts.activeDay(number(daily)),
              ...(weekly === null ? [] : [t.charts.activeWeek(number(weekly))]),
              ...(monthly === null ? [] : [t.charts.activeMonth(number(monthly))]),
            );
          },
        },
        xAxis: { ...axes.xAxis, boundaryGap: false },
        series: [
          line(
            days.map(({ daily }) => daily),
            colours.accent,
            'solid',
          ),
          line(
            days.map(({ weekly }) => weekly),
            colours.text,
            'dashed',
          ),
          line(
            days.map(({ monthly }) => monthly),
            colours.text,
            'dotted',
          ),
        ],
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
