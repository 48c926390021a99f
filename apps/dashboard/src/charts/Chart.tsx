import type { EChartsCoreOption } from 'echarts/core';
import { Table2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { ToggleButton } from 'react-aria-components';
import { themeChanged } from '../shell/theme';
import { dayName, number } from '../format';
import { t } from '../texts';
import { Hint } from '../ui/Hint';
import styles from './Chart.module.css';
import { init, type EChartsType } from './echarts';

/** The colours of the page of now, for a canvas that knows no CSS. */
export interface Palette {
  text: string;
  muted: string;
  line: string;
  surface: string;
  accent: string;
  soft: string;
  font: string;
}

function paletteOf(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  element.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    text: colour('text'),
    muted: colour('muted'),
    line: colour('line'),
    surface: colour('surface'),
    accent: colour('used'),
    soft: colour('accent-soft'),
    font: getComputedStyle(element).fontFamily,
  };
  probe.remove();
  return palette;
}

/** What a chart shows, for whoever would rather read it. */
export interface ChartTable {
  head: string[];
  rows: string[][];
}

/** A drawing with its table beside it. `draw` is asked anew when the theme changes. */
export function Chart({
  label,
  draw,
  table,
  height = 200,
  minWidth,
}: {
  label: string;
  draw: (colours: Palette) => EChartsCoreOption;
  table: ChartTable;
  height?: number;
  /** What it needs at least; where there is less, it scrolls, its newest end shown first. */
  minWidth?: number;
}) {
  const [isTable, setIsTable] = useState(false);
  return (
    <figure className={styles.chart}>
      <div className={styles.toggle}>
        <Hint text={t.charts.asTable}>
          <ToggleButton
            className={styles.toggleButton}
            isSelected={isTable}
            onChange={setIsTable}
            aria-label={`${t.charts.asTable}: ${label}`}
          >
            <Table2 aria-hidden />
          </ToggleButton>
        </Hint>
      </div>
      {isTable ? (
        <TableOf table={table} label={label} height={height} />
      ) : (
        <Drawing label={label} draw={draw} height={height} minWidth={minWidth} />
      )}
    </figure>
  );
}

function Drawing({
  label,
  draw,
  height,
  minWidth,
}: {
  label: string;
  draw: (colours: Palette) => EChartsCoreOption;
  height: number;
  minWidth: number | undefined;
}) {
  const place = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const [themes, setThemes] = useState(0);
  useEffect(() => {
    const again = () => setThemes((n) => n + 1);
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', again);
    document.addEventListener(themeChanged, again);
    return () => {
      dark.removeEventListener('change', again);
      document.removeEventListener(themeChanged, again);
    };
  }, []);
  useEffect(() => {
    const drawn = init(place.current, undefined, { renderer: 'canvas' });
    chart.current = drawn;
    const sized = new ResizeObserver(() => drawn.resize());
    sized.observe(place.current!);
    return () => {
      sized.disconnect();
      drawn.dispose();
    };
  }, []);
  useEffect(() => {
    const colours = paletteOf(place.current!);
    const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    chart.current?.setOption(
      { animation: !isStill, animationDuration: 250, textStyle: { fontFamily: colours.font }, ...draw(colours) },
      { notMerge: true },
    );
  }, [draw, themes]);
  useEffect(() => {
    scroller.current?.scrollTo({ left: scroller.current.scrollWidth });
  }, [minWidth]);
  const drawing = (
    <div ref={place} className={styles.place} style={{ height, minWidth }} role="img" aria-label={label} />
  );
  if (minWidth === undefined) return drawing;
  return (
    // What scrolls can be reached by the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={scroller} className={styles.scroll} tabIndex={0} role="region" aria-label={label}>
      {drawing}
    </div>
  );
}

function TableOf({ table, label, height }: { table: ChartTable; label: string; height: number }) {
  return (
    // What scrolls can be reached by the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div
      className={styles.tablePlace}
      style={{ maxHeight: Math.max(height, 200) }}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <table className={styles.table}>
        <thead>
          <tr>
            {table.head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row[0]}>
              {row.map((text, place) => (
                <td key={table.head[place]}>{text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The text at the pointer, made of elements: markup with styles in it would be refused by the policy. */
export function tip(title: string, ...lines: string[]): HTMLElement {
  const box = document.createElement('div');
  const head = document.createElement('strong');
  head.textContent = title;
  box.append(head);
  for (const line of lines) {
    const one = document.createElement('div');
    one.textContent = line;
    box.append(one);
  }
  return box;
}

/** Where a figure of each day is drawn over the days. */
export const overDays = (colours: Palette, days: { day: string }[]) => ({
  grid: { left: 2, right: 2, top: 10, bottom: 0, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
  xAxis: {
    type: 'category',
    data: days.map(({ day }) => dayName(day)),
    axisLine: { lineStyle: { color: colours.line } },
    axisTick: { show: false },
    axisLabel: {
      color: colours.muted,
      fontSize: 11,
      hideOverlap: true,
      alignMinLabel: 'left',
      alignMaxLabel: 'right',
    },
  },
  yAxis: {
    type: 'value',
    splitNumber: 3,
    minInterval: 1,
    axisLabel: { color: colours.muted, fontSize: 11, formatter: (value: number) => number(value) },
    splitLine: { lineStyle: { color: colours.line } },
  },
});

/** How the box at the pointer looks. */
export const tooltipOf = (colours: Palette) => ({
  confine: true,
  backgroundColor: colours.surface,
  borderColor: colours.line,
  padding: [6, 10],
  textStyle: { color: colours.text, fontSize: 12, fontFamily: colours.font },
  transitionDuration: 0.1,
});
