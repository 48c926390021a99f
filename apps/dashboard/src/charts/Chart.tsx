import { Table2 } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { ToggleButton } from 'react-aria-components';
import { themeChanged } from '../shell/theme';
import { t } from '../texts';
import { Hint } from '../ui/Hint';
import styles from './Chart.module.css';
import { Drawn } from './chartjs';
import type { Drawing as DrawingOf, Palette } from './looks';

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
    raised: colour('raised'),
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
  draw: (colours: Palette) => DrawingOf;
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
  draw: (colours: Palette) => DrawingOf;
  height: number;
  minWidth: number | undefined;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const chart = useRef<Drawn>(undefined);
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
  // Before the page is shown, so that it never shows an empty canvas.
  useLayoutEffect(() => {
    const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    const drawing = draw(paletteOf(canvas.current!.parentElement!));
    const options = { ...drawing.options, animation: isStill ? false : { duration: 250 } } as const;
    if (chart.current) {
      Object.assign(chart.current, { data: drawing.data, options });
      chart.current.update('none');
    } else {
      chart.current = new Drawn(canvas.current!, { ...drawing, options });
    }
  }, [draw, themes]);
  useLayoutEffect(
    () => () => {
      chart.current?.destroy();
      chart.current = undefined;
    },
    [],
  );
  useEffect(() => {
    scroller.current?.scrollTo({ left: scroller.current.scrollWidth });
  }, [minWidth]);
  const drawing = (
    <div className={styles.place} style={{ height, minWidth }} role="img" aria-label={label}>
      <canvas ref={canvas} />
    </div>
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
