import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { By, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromPath, FromQuery } from '../door/reading.js';
import { csvExample } from './audit.csv.js';
import { AuditCsvQuery, AuditPageDto, AuditQuery, AuditRecordDto, RecordPath } from './audit.dto.js';
import { AuditService } from './audit.service.js';

@Controller('api/v1')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get('audit')
  @Operation({
    allows: 'admin',
    summary: 'The audit log',
    description:
      'Who did what, on whom and why, the newest first. A request that changes something leaves two records with the ' +
      'same `operation`: one before it is done, with the outcome `asked`, and one of what came of it.',
    answer: { status: 200, description: 'One page of records.', Type: AuditPageDto },
    refuses: ['invalid_cursor'],
  })
  listRecords(@By() caller: Caller, @FromQuery(AuditQuery) query: AuditQuery): Promise<AuditPageDto> {
    return this.audit.page(caller.workspace, query);
  }

  @Get('audit.csv')
  @Operation({
    allows: 'admin',
    summary: 'The audit log as a file',
    description:
      'All records that fit, the newest first, as CSV (RFC 4180). What a spreadsheet would take for a formula has an ' +
      'apostrophe before it.',
    answer: { status: 200, description: 'The file.', contentType: 'text/csv', example: csvExample },
    deadlineMs: null,
  })
  exportRecords(
    @By() caller: Caller,
    @FromQuery(AuditCsvQuery) query: AuditCsvQuery,
    @Res() response: Response,
  ): Promise<void> {
    return this.audit.export(caller, query, response);
  }

  @Get('audit/:record')
  @Operation({
    allows: 'admin',
    summary: 'One record of the audit log',
    answer: { status: 200, description: 'The record.', Type: AuditRecordDto },
    refuses: ['audit_record_not_found'],
  })
  getRecord(@By() caller: Caller, @FromPath(RecordPath) { record }: RecordPath): Promise<AuditRecordDto> {
    return this.audit.get(caller.workspace, record);
  }
}
