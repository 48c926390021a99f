import { Controller, Get } from '@nestjs/common';
import { getBudgets } from '@seatwise/contracts';
import { Bus, DeadLetters, Queues } from '@seatwise/messaging';
import { By, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { HealthDto, type ParkedDto } from './health.dto.js';

const lookedThrough = 500;
const shown = 50;

@Controller('api/v1/health')
export class SystemHealthController {
  constructor(
    private readonly bus: Bus,
    private readonly queues: Queues,
    private readonly deadLetters: DeadLetters,
  ) {}

  @Get()
  @Operation({
    allows: 'operator',
    summary: 'How the system is',
    description:
      'How much waits in each queue, for all workspaces together; and of this workspace what is left of the rate limits ' +
      'of its orgs, and the newest messages that could not be taken. `/readyz` says whether the gateway is ready.',
    answer: { status: 200, description: 'How it is now.', Type: HealthDto },
  })
  async getHealth(@By() { workspace }: Caller): Promise<HealthDto> {
    const [queues, budgets, parked] = await Promise.all([
      this.queues.standing(),
      this.bus.request(getBudgets, { workspace }).then(
        (answer) => answer.budgets,
        () => null,
      ),
      this.parkedOf(workspace),
    ]);
    return { queues, budgets, parked };
  }

  private async parkedOf(workspace: string): Promise<ParkedDto[]> {
    const found: ParkedDto[] = [];
    for await (const { sequence, consumer, subject, reason, parkedAt, traceId } of this.deadLetters.list({
      newest: lookedThrough,
    })) {
      // `seatwise.v1.{workspace}.{entity}.{event}` or `sync.tasks.{workspace}.{connection}`
      const [, , owner, ...about] = subject.split('.');
      if (owner === workspace)
        found.push({ number: sequence, queue: consumer, about: about.join('.'), reason, parkedAt, traceId });
    }
    return found.toReversed().slice(0, shown);
  }
}
