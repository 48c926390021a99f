import { Controller, Get, Post, Res, UseGuards } from '@nestjs/common';
import {
  approveBulk,
  cancelBulk,
  getBulk,
  getConnection,
  listBulk,
  listBulkItems,
  pauseBulk,
  resumeBulk,
  retryBulk,
  startBulk,
  type ProblemCode,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import type { Response } from 'express';
import { ConnectionPath } from '../connections/connections.dto.js';
import { By, within, type Caller } from '../door/caller.js';
import { LargeBody } from '../door/large-body.js';
import { Operation } from '../door/operation.js';
import { FromBody, FromHeaders, FromPath, FromQuery } from '../door/reading.js';
import { Progress } from '../runs/progress.js';
import {
  BulkDto,
  BulkItemsDto,
  BulkItemsQuery,
  BulkListDto,
  BulkOnceHeaders,
  BulkPath,
  BulkQuery,
  NewBulk,
} from './bulk.dto.js';
import { BulkService } from './bulk.service.js';
import { resultsExample } from './results.csv.js';

/** A hundred thousand people are read and written in parts. */
const whileTheyComeInMs = 120_000;
const whileTheyAreSetBackMs = 65_000;

const refusedConnections: ProblemCode[] = [
  'connection_not_found',
  'connection_removed',
  'connection_paused',
  'permission_level_required',
  'capability_missing',
  'credential_rejected',
];
const asItIs = { status: 200, description: 'The job as it is now.', Type: BulkDto };

@Controller('api/v1')
export class BulkController {
  constructor(
    private readonly bulk: BulkService,
    private readonly bus: Bus,
    private readonly progress: Progress,
  ) {}

  @Post('connections/:connection/bulk')
  @UseGuards(LargeBody)
  @Operation({
    allows: 'operator',
    summary: 'Prepare an action for many people',
    audited: 'bulk.prepared',
    description:
      'For up to 100,000 `people`, those of a `csv`, or those whom a `filter` of the people list finds. Nothing is sent ' +
      'to Okta: the answer is a preview, by the mirror, which is started with a call of its own. The body may have 8 MB.',
    answer: { status: 201, description: 'The job, as a preview.', Type: BulkDto, headers: ['Location'] },
    refuses: [
      'idempotency_key_required',
      'idempotency_key_reused',
      ...refusedConnections,
      'app_not_found',
      'action_not_in_bulk',
      'bulk_state',
    ],
    deadlineMs: whileTheyComeInMs,
  })
  async prepareBulk(
    @By() caller: Caller,
    @FromPath(ConnectionPath) { connection }: ConnectionPath,
    @FromHeaders(BulkOnceHeaders) { 'Idempotency-Key': key }: BulkOnceHeaders,
    @FromBody(NewBulk) wish: NewBulk,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BulkDto> {
    const job = await this.bulk.create(caller, connection, wish, key);
    response.location(`/api/v1/bulk/${job.id}`);
    return job;
  }

  @Get('bulk')
  @Operation({
    allows: 'viewer',
    summary: 'List bulk jobs',
    description: 'The newest first.',
    answer: { status: 200, description: 'One page of jobs.', Type: BulkListDto },
    refuses: ['connection_not_found', 'invalid_cursor'],
  })
  async listBulk(@By() caller: Caller, @FromQuery(BulkQuery) query: BulkQuery): Promise<BulkListDto> {
    const { connection } = query;
    const [jobs] = await Promise.all([
      this.bus.request(listBulk, within(caller, query)),
      // Whether there is such a connection its owner knows.
      connection !== undefined && this.bus.request(getConnection, within(caller, { connection })),
    ]);
    return jobs;
  }

  @Get('bulk/:bulk')
  @Operation({
    allows: 'viewer',
    summary: 'One bulk job',
    answer: { status: 200, description: 'The job and its counts.', Type: BulkDto },
    refuses: ['bulk_not_found'],
  })
  getBulk(@By() caller: Caller, @FromPath(BulkPath) path: BulkPath): Promise<BulkDto> {
    return this.bus.request(getBulk, within(caller, path));
  }

  @Post('bulk/:bulk/start')
  @Operation({
    allows: 'operator',
    summary: 'Start a bulk job',
    audited: 'bulk.started',
    description:
      'A job for very many people, or of a grave action, then waits until another person or API key approves it.',
    answer: asItIs,
    refuses: ['bulk_not_found', 'bulk_state', ...refusedConnections],
  })
  startBulk(@By() caller: Caller, @FromPath(BulkPath) { bulk }: BulkPath): Promise<BulkDto> {
    return this.bulk.command(caller, startBulk, bulk);
  }

  @Post('bulk/:bulk/approve')
  @Operation({
    allows: 'admin',
    summary: 'Approve a bulk job',
    audited: 'bulk.approved',
    description:
      'By another person, or with another API key, than it was made by; a key counts as the person who issued it. The job starts.',
    answer: asItIs,
    refuses: ['bulk_not_found', 'bulk_state', 'second_key_required'],
  })
  approveBulk(@By() caller: Caller, @FromPath(BulkPath) { bulk }: BulkPath): Promise<BulkDto> {
    return this.bulk.command(caller, approveBulk, bulk);
  }

  @Post('bulk/:bulk/pause')
  @Operation({
    allows: 'operator',
    summary: 'Pause a bulk job',
    audited: 'bulk.paused',
    description: 'Nobody more is acted on; what is in flight comes to its end.',
    answer: asItIs,
    refuses: ['bulk_not_found', 'bulk_state'],
  })
  pauseBulk(@By() caller: Caller, @FromPath(BulkPath) { bulk }: BulkPath): Promise<BulkDto> {
    return this.bulk.command(caller, pauseBulk, bulk);
  }

  @Post('bulk/:bulk/resume')
  @Operation({
    allows: 'operator',
    summary: 'Go on with a bulk job',
    audited: 'bulk.resumed',
    description: 'One that was paused, or that stopped by itself because too much failed.',
    answer: asItIs,
    refuses: ['bulk_not_found', 'bulk_state'],
  })
  resumeBulk(@By() caller: Caller, @FromPath(BulkPath) { bulk }: BulkPath): Promise<BulkDto> {
    return this.bulk.command(caller, resumeBulk, bulk);
  }

  @Post('bulk/:bulk/cancel')
  @Operation({
    allows: 'operator',
    summary: 'Cancel a bulk job',
    audited: 'bulk.cancelled',
    description: 'For good. What is in flight comes to its end; whoever still waits is left as they are.',
    answer: asItIs,
    refuses: ['bulk_not_found', 'bulk_state'],
  })
  cancelBulk(@By() caller: Caller, @FromPath(BulkPath) { bulk }: BulkPath): Promise<BulkDto> {
    return this.bulk.command(caller, cancelBulk, bulk);
  }

  @Post('bulk/:bulk/retry')
  @Operation({
    allows: 'operator',
    summary: 'Try again whoever failed',
    audited: 'bulk.retried',
    description:
      'Whoever was refused or failed waits again; a job that was done goes on. Whose outcome is unknown is left alone ' +
      'until it is settled.',
    answer: asItIs,
    refuses: ['bulk_not_found', 'bulk_state'],
    deadlineMs: whileTheyAreSetBackMs,
  })
  retryBulk(@By() caller: Caller, @FromPath(BulkPath) { bulk }: BulkPath): Promise<BulkDto> {
    return this.bulk.command(caller, retryBulk, bulk);
  }

  @Get('bulk/:bulk/items')
  @Operation({
    allows: 'viewer',
    summary: 'The people of a bulk job',
    description: 'In the order in which they were named, all or those in one state.',
    answer: { status: 200, description: 'One page of them.', Type: BulkItemsDto },
    refuses: ['bulk_not_found', 'invalid_cursor'],
  })
  listBulkItems(
    @By() caller: Caller,
    @FromPath(BulkPath) path: BulkPath,
    @FromQuery(BulkItemsQuery) query: BulkItemsQuery,
  ): Promise<BulkItemsDto> {
    return this.bus.request(listBulkItems, within(caller, path, query));
  }

  @Get('bulk/:bulk/results.csv')
  @Operation({
    allows: 'viewer',
    summary: 'What became of each, as a file',
    description:
      'CSV (RFC 4180). What a spreadsheet would take for a formula has an apostrophe before it. The file, or a part of ' +
      'it, can be given as the `csv` of another job.',
    answer: { status: 200, description: 'The file.', contentType: 'text/csv', example: resultsExample },
    refuses: ['bulk_not_found'],
    deadlineMs: null,
  })
  exportResults(
    @By() caller: Caller,
    @FromPath(BulkPath) { bulk }: BulkPath,
    @Res() response: Response,
  ): Promise<void> {
    return this.bulk.export(caller, bulk, response);
  }

  @Get('bulk/:bulk/progress')
  @Operation({
    allows: 'viewer',
    summary: 'Follow a bulk job',
    description:
      'Server-sent events: an event `bulk` with the whole job at once and at each change, a second apart, whose id is ' +
      'the version of the job. The stream ends when the job has ended.',
    answer: { status: 200, description: 'The events.', Type: BulkDto, contentType: 'text/event-stream', event: 'bulk' },
    refuses: ['bulk_not_found'],
    deadlineMs: null,
  })
  followBulk(@By() caller: Caller, @FromPath(BulkPath) { bulk }: BulkPath, @Res() response: Response): Promise<void> {
    return this.progress.follow(caller, this.bulk.followed(caller, bulk), response);
  }
}
