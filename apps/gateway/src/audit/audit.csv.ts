import { pipeline } from 'node:stream/promises';
import { stringify, type Stringifier } from 'csv-stringify';
import type { Response } from 'express';
import type { mongo } from 'mongoose';
import type { AuditRecord } from './record.js';

const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

const columns: Record<string, (record: AuditRecord) => string | number | null> = {
  id: ({ _id }) => _id,
  seq: ({ seq }) => seq,
  at: ({ at }) => at.toISOString(),
  what: ({ what }) => what,
  action: ({ action }) => action,
  outcome: ({ outcome }) => outcome,
  code: ({ code }) => code,
  status: ({ status }) => status,
  dry_run: ({ dryRun }) => String(dryRun),
  key: ({ who }) => who.key,
  role: ({ who }) => who.role,
  on_kind: ({ on }) => on.kind,
  on_id: ({ on }) => on.id,
  on_name: ({ on }) => on.name,
  connection: ({ connection }) => connection,
  reason: ({ reason }) => reason,
  asked: ({ asked }) => json(asked),
  before: ({ before }) => json(before),
  after: ({ after }) => json(after),
  okta: ({ okta }) => json(okta),
  operation: ({ operation }) => operation,
  source: ({ source }) => source,
  trace_id: ({ traceId }) => traceId,
  previous: ({ previous }) => previous,
  hash: ({ hash }) => hash,
};

/** RFC 4180: lines end in CRLF, and a field with a comma, quote or line break is quoted. */
const written = (): Stringifier =>
  stringify({ header: true, columns: Object.keys(columns), record_delimiter: '\r\n', escape_formulas: true });

export const csvExample = `${Object.keys(columns).join(',')}\r\n`;

/**
 * Sends these records as one file, as fast as its reader takes it and no faster. A failure before the first byte is
 * thrown; after it the connection is cut, so that nobody takes a part for the whole.
 */
export async function sendCsv(records: mongo.FindCursor<AuditRecord>, response: Response): Promise<void> {
  try {
    await records.hasNext();
    response.status(200).set({
      'Content-Type': 'text/csv; charset=utf-8; header=present',
      'Content-Disposition': 'attachment; filename="audit.csv"',
    });
    response.flushHeaders();
    // HEAD asks for the headers alone.
    if (response.req.method === 'HEAD') return void response.end();
    await pipeline(records, rowsOf, written(), response);
  } finally {
    await records.close();
  }
}

async function* rowsOf(records: AsyncIterable<AuditRecord>): AsyncGenerator<(string | number | null)[]> {
  for await (const record of records) yield Object.values(columns).map((of) => of(record));
}
