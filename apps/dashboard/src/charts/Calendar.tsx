import { useCallback } from 'react';
import { dayName, number } from '../format';
import { t } from '../texts';
import { Chart, tip, tooltipOf, type Palette } from './Chart';
import type { Day } from './days';

const cellSize = 15;
const left = 34;

/** Each day as a square, a week in a column: when somebody, or an app, is really at work. */
export default function Calendar({ days, label }: { days: Day[]; label: string }) {
  const draw = useCallback(
    (colours: Palette) => {
      const most = Math.max(1, ...days.map(({ signIns }) => signIns));
      return {
        tooltip: {
          ...tooltipOf(colours),
          formatter: ({ value: [day, signIns] }: { value: [string, number] }) =>
            tip(dayName(day), t.charts.signIns(number(signIns))),
        },
        visualMap: { show: false, min: 0, max: most, inRange: { color: [colours.soft, colours.accent] } },
        calendar: {
          left,
          top: 20,
          cellSize: [cellSize, cellSize],
          range: [days[0]!.day, days.at(-1)!.day],
          splitLine: { show: false },
          itemStyle: { color: colours.line, borderColor: colours.surface, borderWidth: 2.5 },
          yearLabel: { show: false },
          monthLabel: { color: colours.muted, fontSize: 11 },
          dayLabel: { color: colours.muted, fontSize: 11, firstDay: 1, nameMap: t.charts.weekdays },
        },
        series: {
          type: 'heatmap',
          coordinateSystem: 'calendar',
          data: days.filter(({ signIns }) => signIns > 0).map(({ day, signIns }) => [day, signIns]),
          itemStyle: { borderRadius: 3, borderColor: colours.surface, borderWidth: 2.5 },
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
