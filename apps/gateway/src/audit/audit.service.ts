import { Injectable } from '@nestjs/common';
import { InvalidRequest, Refusal } from '@seatwise/contracts';
import type { Response } from 'express';
import { countedAs, type Caller } from '../door/caller.js';
import { OpenStreams } from '../runs/open-streams.js';
import { sendCsv } from './audit.csv.js';
import type { AuditCsvQuery, AuditPageDto, AuditQuery, AuditRecordDto } from './audit.dto.js';
import { AuditRepository, type AuditFilter, type Place } from './audit.repository.js';
import type { AuditRecord } from './record.js';

const filesPerKey = 2;
const filesInAll = 20;

/** The audit log for whoever reads it. */
@Injectable()
export class AuditService {
  private readonly files = new OpenStreams(filesPerKey, filesInAll);

  constructor(private readonly audit: AuditRepository) {}

  async page(workspace: string, { limit, cursor, ...query }: AuditQuery): Promise<AuditPageDto> {
    const found = await this.audit.page(filterOf(workspace, query), limit + 1, placeOf(cursor));
    const records = found.slice(0, limit);
    return { records: records.map(dtoOf), nextCursor: found.length > limit ? cursorOf(records.at(-1)!) : null };
  }

  async get(workspace: string, id: string): Promise<AuditRecordDto> {
    const record = await this.audit.find(workspace, id);
    if (!record) throw new Refusal('audit_record_not_found', `The audit log of this workspace has no record ${id}.`);
    return dtoOf(record);
  }

  /** Resolves when the file is sent, or its reader gone. */
  async export(caller: Caller, query: AuditCsvQuery, response: Response): Promise<void> {
    const leave = this.files.enter(countedAs(caller));
    try {
      await sendCsv(this.audit.all(filterOf(caller.workspace, query)), response);
    } finally {
      leave();
    }
  }
}

function filterOf(workspace: string, { from, to, ...rest }: AuditCsvQuery): AuditFilter {
  return {
    ...rest,
    workspace,
    ...(from !== undefined && { from: momentOf('from', from) }),
    ...(to !== undefined && { to: momentOf('to', to) }),
  };
}

/** ISO 8601 has weeks and days of the year too. */
function momentOf(name: string, text: string): Date {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime()))
    throw new InvalidRequest([{ path: `$.${name}`, detail: 'must be a moment such as 2026-11-23T09:15:00Z' }]);
  return moment;
}

const cursorOf = ({ at, seq }: Place): string => `${at.getTime()}.${seq}`;

function placeOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const [, at, seq] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (at === undefined) throw new Refusal('invalid_cursor', 'Take nextCursor from the page before, unchanged.');
  return { at: new Date(Number(at)), seq: Number(seq) };
}

/** Records from before there were these fields have none of them, and stay as they are. */
const unsaid = { effect: null, verified: null, undoes: null, bulk: null };

const dtoOf = ({ _id: id, at, who, ...record }: AuditRecord): AuditRecordDto => ({
  id,
  at: at.toISOString(),
  who: { key: who.key, person: who.person ?? null, role: who.role },
  ...unsaid,
  ...record,
});
