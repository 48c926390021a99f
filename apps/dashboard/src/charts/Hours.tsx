import { useCallback } from 'react';
import { number, roughly } from '../format';
import { t } from '../texts';
import { Chart, tip, tooltipOf, type Palette } from './Chart';
import { averageOf, hourName, type HourOfWeek } from './week';

const cellHeight = 26;
const days = t.charts.shortWeekdays;
const hours = Array.from({ length: 24 }, (_none, hour) => hour);

/** Each hour of the week as a square: the stronger its colour, the more sign-ins it has on average. */
export default function Hours({ week, label }: { week: HourOfWeek[]; label: string }) {
  const draw = useCallback(
    (colours: Palette) => ({
      grid: { left: 2, right: 2, top: 2, bottom: 0, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        ...tooltipOf(colours),
        formatter: ({ dataIndex }: { dataIndex: number }) => {
          const one = week[dataIndex]!;
          return tip(
            `${t.app.weekdays[one.weekday - 1]} ${hourName(one.hour)}–${hourName(one.hour + 1)}`,
            t.charts.averageSignIns(roughly(averageOf(one))),
            t.charts.signInsIn(number(one.signIns), roughly(one.times)),
          );
        },
      },
      visualMap: {
        show: false,
        min: 0,
        max: Math.max(...week.map(averageOf)) || 1,
        inRange: { color: [colours.line, colours.accent] },
      },
      xAxis: {
        type: 'category',
        data: hours.map(hourName),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: colours.muted, fontSize: 11, interval: 5 },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: days,
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: colours.muted, fontSize: 11 },
      },
      series: {
        type: 'heatmap',
        data: week.map((one) => [one.hour, one.weekday - 1, averageOf(one)]),
        itemStyle: { borderRadius: 3, borderColor: colours.surface, borderWidth: 2 },
        emphasis: { itemStyle: { borderColor: colours.text, borderWidth: 1 } },
      },
    }),
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
