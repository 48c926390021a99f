import { Injectable } from '@nestjs/common';
import type { Republishes } from '@seatwise/messaging';
import { Outbox } from '@seatwise/persistence';
import { TasksRepository } from './tasks.repository.js';

/** Makes up for a store that NATS has lost: the events are published again, and so are the tasks that had a message in it. */
@Injectable()
export class LostMessages implements Republishes {
  constructor(
    private readonly outbox: Outbox,
    private readonly tasks: TasksRepository,
  ) {}

  async republish(since: Date): Promise<number> {
    await this.tasks.takeForForgotten();
    return this.outbox.republish(since);
  }
}
