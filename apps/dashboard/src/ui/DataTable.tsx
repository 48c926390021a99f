import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, useCallback, useEffect, useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { number } from '../format';
import { t } from '../texts';
import { cx } from './cx';
import styles from './DataTable.module.css';
import { Checkbox } from './Field';
import { useNarrow } from './useNarrow';

export interface Column<Row, Sort extends string = string> {
  id: string;
  title: string;
  /** A track of CSS grid. */
  width: string;
  cell: (row: Row) => ReactNode;
  isNumber?: boolean;
  /** What the server sorts it by. */
  sort?: Sort;
  /** It is shown on a phone too. */
  isNarrow?: boolean;
}

export interface Sorting<Sort extends string> {
  by: Sort;
  order: 'asc' | 'desc';
}

export interface Selection {
  keys: ReadonlySet<string>;
  onChange: (keys: ReadonlySet<string>) => void;
}

const rowHeight = 38;
const tallRowHeight = 52;
const beforeEnd = 30;

/**
 * Rows of a list that the server pages, filters and sorts: only those in view are in the document, and the next page is asked
 * for before the end is reached. Up and down go from row to row.
 */
export function DataTable<Row, Sort extends string = string>({
  label,
  columns,
  rows,
  keyOf,
  nameOf,
  sorting,
  onSort,
  selection,
  hasMore = false,
  isLoadingMore = false,
  onMore,
  empty,
  isDimmed = false,
  isWide = false,
  total,
}: {
  label: string;
  columns: Column<Row, Sort>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  nameOf: (row: Row) => string;
  sorting?: Sorting<Sort>;
  onSort?: (sorting: Sorting<Sort>) => void;
  selection?: Selection | undefined;
  hasMore?: boolean;
  isLoadingMore?: boolean;
  onMore?: () => void;
  empty: ReactNode;
  /** It shows the answer before, while another is on its way. */
  isDimmed?: boolean;
  /** All columns are shown on a phone too, and it scrolls sideways below its first column. */
  isWide?: boolean;
  /** How many there are in all, where it is known. */
  total?: number | undefined;
}) {
  const isNarrow = useNarrow();
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useMemo(
    () => (isNarrow && !isWide ? columns.filter((column) => column.isNarrow) : columns),
    [columns, isNarrow, isWide],
  );
  const height = isNarrow ? tallRowHeight : rowHeight;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [height, virtual]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoadingMore && last >= rows.length - beforeEnd) onMore?.();
  }, [hasMore, isLoadingMore, last, rows.length, onMore]);

  const tracks = [selection && '34px', ...shown.map(({ width }) => width)].filter(Boolean).join(' ');
  const template = { gridTemplateColumns: tracks };
  const current = useRef(selection);
  useEffect(() => {
    current.current = selection;
  }, [selection]);
  const select = useCallback((key: string, isOn: boolean) => {
    const keys = new Set(current.current!.keys);
    if (isOn) keys.add(key);
    else keys.delete(key);
    current.current!.onChange(keys);
  }, []);
  const selectedHere = selection ? rows.filter((row) => selection.keys.has(keyOf(row))).length : 0;

  const step = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (!row || !(event.target as HTMLElement).matches('a')) return;
    const to = Number(row.dataset.index) + (event.key === 'ArrowDown' ? 1 : -1);
    if (to < 0 || to >= rows.length) return;
    event.preventDefault();
    virtual.scrollToIndex(to);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"] a`)?.focus());
  };

  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={cx(styles.scroller, isDimmed && styles.dimmed, isWide && styles.wide)}
        tabIndex={-1}
      >
        <div
          role="table"
          aria-label={label}
          aria-busy={isDimmed}
          aria-rowcount={total ?? (hasMore ? -1 : rows.length + 1)}
          className={styles.table}
        >
          <div role="rowgroup" className={styles.headGroup}>
            <div role="row" className={cx(styles.row, styles.head)} style={template}>
              {selection && (
                <span role="columnheader" className={cx(styles.cell, styles.select)}>
                  <Checkbox
                    label={t.table.selectAll}
                    isSelected={selectedHere > 0 && selectedHere === rows.length}
                    isIndeterminate={selectedHere > 0 && selectedHere < rows.length}
                    onChange={(on) => selection.onChange(new Set(on ? rows.map(keyOf) : []))}
                  />
                </span>
              )}
              {shown.map((column, place) => (
                <HeadCell key={column.id} column={column} isFirst={place === 0} sorting={sorting} onSort={onSort} />
              ))}
            </div>
          </div>
          <div
            role="rowgroup"
            className={styles.body}
            style={{ height: virtual.getTotalSize() }}
            onKeyDown={step}
            onPointerOver={({ target }) => sayWhole(target as HTMLElement)}
          >
            {items.map(({ index, start }) => {
              const row = rows[index]!;
              const key = keyOf(row);
              return (
                <BodyRow
                  key={key}
                  id={key}
                  name={nameOf(row)}
                  row={row}
                  index={index}
                  start={start}
                  height={height}
                  tracks={tracks}
                  columns={shown}
                  isSelected={selection?.keys.has(key) ?? false}
                  onSelect={selection && select}
                />
              );
            })}
          </div>
        </div>
        {rows.length === 0 && empty}
      </div>
      <footer className={styles.foot} aria-live="polite">
        {isLoadingMore
          ? t.table.loadingMore
          : total !== undefined
            ? t.table.of(number(rows.length), number(total))
            : hasMore
              ? t.table.more(number(rows.length))
              : t.table.all(rows.length)}
      </footer>
    </div>
  );
}

/** Drawn anew only when something of it changes: a list that scrolls leaves most of its rows as they are. */
const BodyRow = memo(PlainRow) as typeof PlainRow;

function PlainRow<Row, Sort extends string>({
  id,
  name,
  row,
  index,
  start,
  height,
  tracks,
  columns,
  isSelected,
  onSelect,
}: {
  id: string;
  name: string;
  row: Row;
  index: number;
  start: number;
  height: number;
  tracks: string;
  columns: Column<Row, Sort>[];
  isSelected: boolean;
  onSelect: ((id: string, isOn: boolean) => void) | undefined;
}) {
  return (
    <div
      role="row"
      data-index={index}
      aria-rowindex={index + 2}
      className={cx(styles.row, styles.bodyRow, isSelected && styles.selected)}
      style={{ gridTemplateColumns: tracks, height, transform: `translateY(${start}px)` }}
    >
      {onSelect && (
        <span role="cell" className={cx(styles.cell, styles.select, styles.above)}>
          <Checkbox label={t.table.select(name)} isSelected={isSelected} onChange={(isOn) => onSelect(id, isOn)} />
        </span>
      )}
      {columns.map((column, place) => (
        <span
          key={column.id}
          role="cell"
          className={cx(styles.cell, column.isNumber && styles.number, place === 0 && styles.first)}
        >
          {column.cell(row)}
        </span>
      ))}
    </div>
  );
}

function HeadCell<Row, Sort extends string>({
  column,
  isFirst,
  sorting,
  onSort,
}: {
  column: Column<Row, Sort>;
  isFirst: boolean;
  sorting: Sorting<Sort> | undefined;
  onSort: ((sorting: Sorting<Sort>) => void) | undefined;
}) {
  const look = cx(styles.cell, column.isNumber && styles.number, isFirst && styles.first);
  const { sort } = column;
  if (!sort || !onSort)
    return (
      <span role="columnheader" className={look}>
        {column.title}
      </span>
    );
  const isOn = sorting?.by === sort;
  const isUp = sorting?.order === 'asc';
  return (
    <span role="columnheader" className={look} aria-sort={isOn ? (isUp ? 'ascending' : 'descending') : 'none'}>
      <button
        type="button"
        className={cx(styles.sort, isOn && styles.sortOn)}
        onClick={() => onSort({ by: sort, order: isOn ? (isUp ? 'desc' : 'asc') : column.isNumber ? 'desc' : 'asc' })}
      >
        {column.title}
        {isOn && (isUp ? <ArrowUp aria-hidden /> : <ArrowDown aria-hidden />)}
      </button>
    </span>
  );
}

/** What does not fit is said in full where the pointer is. */
function sayWhole(shown: HTMLElement): void {
  if (shown.scrollWidth > shown.clientWidth && !shown.title) shown.title = shown.textContent;
}

/** What leads from a row to its page: it fills the row. */
export const rowLink = styles.rowLink;
/** What in a row has a life of its own. */
export const aboveRow = styles.above;
/** A main line and one below it. */
export const twoLines = styles.twoLines;
