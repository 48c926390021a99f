import { stringify } from 'csv-stringify';
import type { Response } from 'express';
import { sendStreamed } from './streamed.js';

type Cell = string | number | null;

/** The columns of a file, and what each shows of a record. */
export type Columns<T> = Record<string, (record: T) => Cell>;

export const headOf = <T>(columns: Columns<T>): string => `${Object.keys(columns).join(',')}\r\n`;

/** Sends these records as one file by RFC 4180: lines end in CRLF, and a field with a comma, quote or line break is quoted. */
export async function sendFile<T>(
  name: string,
  columns: Columns<T>,
  records: AsyncIterable<T>,
  response: Response,
): Promise<void> {
  const headers = {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="${name}"`,
  };
  const written = stringify({
    header: true,
    columns: Object.keys(columns),
    record_delimiter: '\r\n',
    escape_formulas: true,
  });
  await sendStreamed(headers, rowsOf(columns, records), written, response);
}

async function* rowsOf<T>(columns: Columns<T>, records: AsyncIterable<T>): AsyncGenerator<Cell[]> {
  for await (const record of records) yield Object.values(columns).map((of) => of(record));
}
