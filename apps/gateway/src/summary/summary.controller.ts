import { Controller, Get } from '@nestjs/common';
import { getSummary } from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { By, within, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromQuery } from '../door/reading.js';
import { SummaryDto, SummaryQuery } from './summary.dto.js';

@Controller('api/v1/summary')
export class SummaryController {
  constructor(private readonly bus: Bus) {}

  @Get()
  @Operation({
    allows: 'viewer',
    summary: 'The figures at a glance',
    description: 'People by status, seats, sign-ins and the apps with most unused seats, of one connection or of all.',
    answer: { status: 200, description: 'The figures, each with the moment it is true for.', Type: SummaryDto },
    refuses: ['connection_not_found'],
  })
  getSummary(@By() caller: Caller, @FromQuery(SummaryQuery) query: SummaryQuery): Promise<SummaryDto> {
    return this.bus.request(getSummary, within(caller, query));
  }
}
