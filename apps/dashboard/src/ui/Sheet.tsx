import { Fragment, type ReactNode } from 'react';
import { cx } from './cx';
import styles from './Sheet.module.css';
import { useNarrow } from './useNarrow';

export interface SheetColumn<Row> {
  title: string;
  /** Only said: what is in the column speaks for itself. */
  isTitleHidden?: boolean;
  cell: (row: Row) => ReactNode;
  isNumber?: boolean;
  /** Sentences: on a phone they have a line of their own. */
  isLong?: boolean;
}

interface SheetOf<Row> {
  label: string;
  columns: SheetColumn<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
}

/** So many columns have room on a phone. */
const mostNarrow = 3;

/** A table of few rows, all of them there at once; on a phone each row of many columns is a list of what it says. */
export function Sheet<Row>(sheet: SheetOf<Row>) {
  const isNarrow = useNarrow();
  return isNarrow && sheet.columns.length > mostNarrow ? <Cards {...sheet} /> : <Table {...sheet} />;
}

function Table<Row>({ label, columns, rows, keyOf }: SheetOf<Row>) {
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

/** The first column is the name of each row, and what has no title stands beside it. */
function Cards<Row>({ label, columns: [name, ...others], rows, keyOf }: SheetOf<Row>) {
  return (
    <ul className={styles.cards} aria-label={label}>
      {rows.map((row) => (
        <li key={keyOf(row)}>
          <div className={styles.cardHead}>
            <div className={styles.cardName}>{name?.cell(row)}</div>
            <div className={styles.cardActions}>
              {others
                .filter(({ isTitleHidden }) => isTitleHidden)
                .map(({ title, cell }) => (
                  <Fragment key={title}>{cell(row)}</Fragment>
                ))}
            </div>
          </div>
          <dl className={styles.cardFacts}>
            {others
              .filter(({ isTitleHidden }) => !isTitleHidden)
              .map(({ title, cell, isLong, isNumber }) => (
                <div key={title} className={cx(isLong && styles.long, isNumber && styles.short)}>
                  <dt>{title}</dt>
                  <dd>{cell(row)}</dd>
                </div>
              ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}
