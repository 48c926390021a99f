import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { By, type Caller } from '../door/caller.js';
import { ndjson, sendLines } from '../door/ndjson.js';
import { Operation } from '../door/operation.js';
import { FromQuery } from '../door/reading.js';
import { SnapshotQuery } from './snapshot.dto.js';
import { snapshotExample } from './snapshot.example.js';
import { SnapshotService } from './snapshot.service.js';

@Controller('api/v1/snapshot')
export class SnapshotController {
  constructor(private readonly snapshot: SnapshotService) {}

  @Get()
  @Operation({
    allows: 'viewer',
    summary: 'All that events tell of',
    description:
      'How a consumer of the events starts: a JSON text a line. The first, `snapshot.started`, says after which message of ' +
      'the stream the changes come that are to be applied over it. Each line between is an event that would make it so, with ' +
      'its `type` and its `data` as on the stream: connections, the newest sync run of each, and people, apps, assignments, ' +
      'groups, memberships, group assignments, at most 1,000 a line, with their versions, and days of use. What is gone is told of for 31 ' +
      'days. The last, `snapshot.ended`, counts them: without it the snapshot is not whole.',
    answer: { status: 200, description: 'The lines.', contentType: ndjson, example: snapshotExample },
    refuses: ['connection_not_found'],
    deadlineMs: null,
  })
  takeSnapshot(
    @By() caller: Caller,
    @FromQuery(SnapshotQuery) { connection }: SnapshotQuery,
    @Res() response: Response,
  ): Promise<void> {
    return sendLines(this.snapshot.lines(caller, connection), response);
  }
}
