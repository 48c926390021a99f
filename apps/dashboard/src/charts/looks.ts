import type { ChartConfiguration, ChartOptions } from 'chart.js';
import { color } from 'chart.js/helpers';
import { dayName, number } from '../format';
import type { Pointer } from './chartjs';

/** The colours of the page of now, for a canvas that knows no CSS. */
export interface Palette {
  text: string;
  muted: string;
  line: string;
  /** Of what lies above the page. */
  raised: string;
  accent: string;
  soft: string;
  font: string;
}

export type Drawing = ChartConfiguration;
export type Figures = Drawing['data']['datasets'][number];

/** What the box at the pointer says of the figure with this place among the data. */
export type Tip = (place: number) => [title: string, ...lines: string[]];

/** What all have in common. */
const looks = (colours: Palette, tip: Tip): ChartOptions => ({
  responsive: true,
  maintainAspectRatio: false,
  plugins: {
    tooltip: {
      displayColors: false,
      backgroundColor: colours.raised,
      borderColor: colours.line,
      borderWidth: 1,
      cornerRadius: 6,
      caretSize: 0,
      caretPadding: 8,
      padding: { x: 10, y: 7 },
      titleColor: colours.text,
      titleFont: { family: colours.font, size: 12, weight: 600 },
      titleMarginBottom: 4,
      bodyColor: colours.text,
      bodyFont: { family: colours.font, size: 12 },
      callbacks: {
        title: ([item]) => tip(item!.dataIndex)[0],
        // One text for all lines of a day.
        beforeBody: ([item]) => tip(item!.dataIndex).slice(1),
        label: () => [],
      },
    },
  },
});

const ticksOf = ({ muted, font }: Palette) => ({ color: muted, font: { family: font, size: 11 }, maxRotation: 0 });

/** Where figures of each day are drawn over the days. */
export function overDays(colours: Palette, days: { day: string }[], tip: Tip, pointer: Pointer): ChartOptions {
  const common = looks(colours, tip);
  const ticks = { ...ticksOf(colours), padding: 5 };
  return {
    ...common,
    layout: { padding: { top: 4 } },
    interaction: { mode: 'index', intersect: false },
    plugins: { ...common.plugins, pointer },
    scales: {
      x: {
        type: 'category',
        labels: days.map(({ day }) => dayName(day)),
        offset: pointer.look === 'band',
        grid: { display: false, drawTicks: false },
        border: { color: colours.line },
        ticks: { ...ticks, autoSkipPadding: 14 },
      },
      y: {
        beginAtZero: true,
        grid: { color: colours.line, drawTicks: false },
        border: { display: false },
        ticks: { ...ticks, maxTicksLimit: 7, precision: 0, callback: (value) => number(Number(value)) },
      },
    },
  };
}

/** A square of a heat map: its column, its row, and how much there is. */
export interface Square {
  x: number;
  y: number;
  v: number;
}

/** From a colour for nothing to one for the most of all. */
export const heatOf = (value: number, most: number, from: string, to: string): string =>
  color(to)
    .mix(color(from), most === 0 ? 0 : value / most)
    .rgbString();

/** The squares of a heat map with so much room between them, coloured by `colourOf`. */
export function squares(
  data: Square[],
  colours: Palette,
  size: { columns: number; rows: number; gap: number },
  colourOf: (value: number) => string,
): Figures {
  const cells = data.map(({ v }) => colourOf(v));
  return {
    type: 'matrix',
    data,
    width: ({ chart }) => (chart.chartArea?.width ?? 0) / size.columns - size.gap,
    height: ({ chart }) => (chart.chartArea?.height ?? 0) / size.rows - size.gap,
    borderRadius: 3,
    borderWidth: 0,
    backgroundColor: cells,
    hoverBackgroundColor: cells,
    hoverBorderColor: colours.text,
    hoverBorderWidth: 1,
  };
}

/** Where the squares of a heat map are drawn: names of its columns and rows, and no lines. */
export function overSquares(
  colours: Palette,
  columns: { names: string[]; position: 'top' | 'bottom' },
  rows: { names: string[]; width?: number },
  tip: Tip,
): ChartOptions {
  const common = looks(colours, tip);
  const ticks = { ...ticksOf(colours), autoSkip: false };
  const axis = { type: 'category', offset: true, border: { display: false } } as const;
  const grid = { display: false, drawTicks: false };
  return {
    ...common,
    // Columns and rows are told by their places: names may come twice.
    parsing: false,
    // So that no place between two squares says nothing.
    interaction: { mode: 'nearest', intersect: false },
    plugins: { ...common.plugins, pointer: false },
    scales: {
      x: { ...axis, grid, labels: columns.names, position: columns.position, ticks: { ...ticks, padding: 5 } },
      y: {
        ...axis,
        grid,
        // The first one above, which the kind of chart would have below.
        reverse: false,
        labels: rows.names,
        ticks: { ...ticks, padding: 8 },
        afterFit: (scale) => {
          // Names stand beside their squares, and need no room above and below.
          Object.assign(scale, { paddingTop: 0, paddingBottom: 0, ...(rows.width && { width: rows.width }) });
        },
      },
    },
  };
}
