import { pipeline } from 'node:stream/promises';
import { stringify, type Stringifier } from 'csv-stringify';
import type { Response } from 'express';

type Cell = string | number | null;

/** The columns of a file, and what each shows of a record. */
export type Columns<T> = Record<string, (record: T) => Cell>;

/** RFC 4180: lines end in CRLF, and a field with a comma, quote or line break is quoted. */
const written = (columns: string[]): Stringifier =>
  stringify({ header: true, columns, record_delimiter: '\r\n', escape_formulas: true });

export const headOf = <T>(columns: Columns<T>): string => `${Object.keys(columns).join(',')}\r\n`;

/**
 * Sends these records as one file, as fast as its reader takes it and no faster. A failure before the first byte is
 * thrown; after it the connection is cut, so that nobody takes a part for the whole.
 */
export async function sendFile<T>(
  name: string,
  columns: Columns<T>,
  records: AsyncIterable<T>,
  response: Response,
): Promise<void> {
  const all = records[Symbol.asyncIterator]();
  const first = await all.next();
  response.status(200).set({
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="${name}"`,
  });
  response.flushHeaders();
  // HEAD asks for the headers alone.
  if (response.req.method === 'HEAD') return void response.end();
  await pipeline(rowsOf(columns, first, all), written(Object.keys(columns)), response);
}

async function* rowsOf<T>(
  columns: Columns<T>,
  first: IteratorResult<T, unknown>,
  all: AsyncIterator<T>,
): AsyncGenerator<Cell[]> {
  for (let next = first; !next.done; next = await all.next()) yield Object.values(columns).map((of) => of(next.value));
}
