import { Controller, Get, Post, Res } from '@nestjs/common';
import {
  agreeToShrink,
  cancelRun,
  getConnection,
  getRun,
  listRuns,
  syncRunChanged,
  type RunState,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import type { Response } from 'express';
import { By, within, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromPath, FromQuery } from '../door/reading.js';
import { Progress } from './progress.js';
import { RunDto, RunListDto, RunPath, RunsQuery } from './runs.dto.js';

const ended = new Set<RunState>(['complete', 'partial', 'failed', 'cancelled']);
const hasEnded = ({ state }: RunDto): boolean => ended.has(state);

@Controller('api/v1/runs')
export class RunsController {
  constructor(
    private readonly bus: Bus,
    private readonly progress: Progress,
  ) {}

  @Get()
  @Operation({
    allows: 'viewer',
    summary: 'List sync runs',
    description: 'The newest first, of one connection or of all.',
    answer: { status: 200, description: 'One page of runs.', Type: RunListDto },
    refuses: ['connection_not_found', 'invalid_cursor'],
  })
  async listRuns(@By() caller: Caller, @FromQuery(RunsQuery) query: RunsQuery): Promise<RunListDto> {
    const { connection } = query;
    const [runs] = await Promise.all([
      this.bus.request(listRuns, within(caller, query)),
      // sync-service learns of a connection a moment after it is made; whether there is one its owner knows.
      connection !== undefined && this.bus.request(getConnection, within(caller, { connection })),
    ]);
    return runs;
  }

  @Get(':run')
  @Operation({
    allows: 'viewer',
    summary: 'One sync run',
    answer: { status: 200, description: 'The run with its stages.', Type: RunDto },
    refuses: ['run_not_found'],
  })
  getRun(@By() caller: Caller, @FromPath(RunPath) path: RunPath): Promise<RunDto> {
    return this.bus.request(getRun, within(caller, path));
  }

  @Get(':run/progress')
  @Operation({
    allows: 'viewer',
    summary: 'Follow a sync run',
    description:
      'Server-sent events: an event `run` with the whole run at once and at each change, whose id is the version of ' +
      'the run. The stream ends after the state that the run ends in.',
    answer: { status: 200, description: 'The events.', Type: RunDto, contentType: 'text/event-stream' },
    refuses: ['run_not_found'],
    deadlineMs: null,
  })
  followRun(@By() caller: Caller, @FromPath(RunPath) { run }: RunPath, @Res() response: Response): Promise<void> {
    const { workspace } = caller;
    const look = () => this.bus.request(getRun, { workspace, run });
    const told = { published: [syncRunChanged], live: [syncRunChanged] };
    return this.progress.follow(caller, { name: 'run', look, ...told, hasEnded }, response);
  }

  @Post(':run/agree')
  @Operation({
    allows: 'operator',
    summary: 'Agree to a suspicious shrink',
    audited: 'run.agreed',
    description: 'A run that would take away suspiciously much waits for a person; with this it goes on.',
    answer: { status: 200, description: 'The run as it is now.', Type: RunDto },
    refuses: ['run_not_found', 'run_not_paused'],
  })
  agreeToShrink(@By() caller: Caller, @FromPath(RunPath) path: RunPath): Promise<RunDto> {
    return this.bus.request(agreeToShrink, within(caller, path));
  }

  @Post(':run/cancel')
  @Operation({
    allows: 'operator',
    summary: 'Cancel a sync run',
    audited: 'run.cancelled',
    answer: { status: 200, description: 'The run as it is now.', Type: RunDto },
    refuses: ['run_not_found'],
  })
  cancelRun(@By() caller: Caller, @FromPath(RunPath) path: RunPath): Promise<RunDto> {
    return this.bus.request(cancelRun, within(caller, path));
  }
}
