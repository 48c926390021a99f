import type { ReactNode } from 'react';
import { cx } from './cx';
import styles from './Sheet.module.css';

export interface SheetColumn<Row> {
  title: string;
  /** Only said: what is in the column speaks for itself. */
  isTitleHidden?: boolean;
  cell: (row: Row) => ReactNode;
  isNumber?: boolean;
}

/** A table of few rows, all of them there at once. */
export function Sheet<Row>({
  label,
  columns,
  rows,
  keyOf,
}: {
  label: string;
  columns: SheetColumn<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
}) {
  return (
    // What scrolls can be reached by the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map(({ title, isNumber, isTitleHidden }) => (
              <th key={title} scope="col" className={cx(isNumber && styles.number)}>
                {isTitleHidden ? <span className="visually-hidden">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, cell, isNumber }) => (
                <td key={title} className={cx(isNumber && styles.number)}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
