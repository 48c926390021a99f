import { Injectable } from '@nestjs/common';
import {
  agreeToShrink,
  cancelRun,
  getRun,
  listRuns,
  Refusal,
  seatwiseId,
  startSync,
  type InConnection,
  type ListRuns,
  type RunDto,
  type RunListDto,
  type RunRequest,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { RunsService } from './runs.service.js';

@Injectable()
export class RunsController {
  constructor(private readonly runs: RunsService) {}

  @Handles(startSync)
  start({ workspace, connection }: InConnection): Promise<RunDto> {
    return this.runs.start(workspace, connection, 'demand');
  }

  @Handles(listRuns)
  async list({ workspace, connection, cursor, limit }: ListRuns): Promise<RunListDto> {
    if (cursor !== undefined && !seatwiseId.test(cursor))
      throw new Refusal('invalid_cursor', 'Use the nextCursor of the page before.');
    const runs = await this.runs.list(workspace, connection, cursor, limit + 1);
    const page = runs.slice(0, limit);
    return {
      runs: page,
      nextCursor: runs.length > limit ? page.at(-1)!.id : null,
      ...(connection && { nextSyncAt: await this.runs.nextSyncAt(workspace, connection) }),
    };
  }

  @Handles(getRun)
  get({ workspace, run }: RunRequest): Promise<RunDto> {
    return this.runs.get(workspace, run);
  }

  @Handles(agreeToShrink)
  agree({ workspace, run }: RunRequest): Promise<RunDto> {
    return this.runs.agree(workspace, run);
  }

  @Handles(cancelRun)
  cancel({ workspace, run }: RunRequest): Promise<RunDto> {
    return this.runs.cancel(workspace, run);
  }
}
