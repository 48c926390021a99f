import type { Response } from 'express';
import type { mongo } from 'mongoose';
import { headOf, sendFile, type Columns } from '../door/csv.js';
import type { AuditRecord } from './record.js';

const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

const columns: Columns<AuditRecord> = {
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
  member: ({ who }) => who.person?.id ?? null,
  email: ({ who }) => who.person?.email ?? null,
  role: ({ who }) => who.role,
  on_kind: ({ on }) => on.kind,
  on_id: ({ on }) => on.id,
  on_name: ({ on }) => on.name,
  connection: ({ connection }) => connection,
  reason: ({ reason }) => reason,
  asked: ({ asked }) => json(asked),
  before: ({ before }) => json(before),
  after: ({ after }) => json(after),
  effect: ({ effect }) => effect ?? null,
  verified: ({ verified }) => (typeof verified === 'boolean' ? String(verified) : null),
  undoes: ({ undoes }) => undoes ?? null,
  bulk: ({ bulk }) => bulk ?? null,
  okta: ({ okta }) => json(okta),
  operation: ({ operation }) => operation,
  source: ({ source }) => source,
  trace_id: ({ traceId }) => traceId,
  previous: ({ previous }) => previous,
  hash: ({ hash }) => hash,
};

export const csvExample = headOf(columns);

export async function sendCsv(records: mongo.FindCursor<AuditRecord>, response: Response): Promise<void> {
  try {
    await sendFile('audit.csv', columns, records, response);
  } finally {
    await records.close();
  }
}
