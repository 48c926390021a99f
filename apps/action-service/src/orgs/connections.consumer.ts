import { Injectable } from '@nestjs/common';
import { bulkCancelled, connectionRemoved, type ConnectionRemovedV1 } from '@seatwise/contracts';
import { Consumes, TryLater } from '@seatwise/messaging';
import { Outbox } from '@seatwise/persistence';
import { ActionsRepository } from '../actions/actions.repository.js';
import { BulkRepository } from '../bulk/bulk.repository.js';
import { DeliveriesRepository } from '../webhooks/deliveries.repository.js';

const untilTheyEndMs = 5_000;

/** Follows what becomes of the connections. */
@Injectable()
export class ConnectionsConsumer {
  constructor(
    private readonly actions: ActionsRepository,
    private readonly bulk: BulkRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly outbox: Outbox,
  ) {}

  /** Nothing more is done in its org; with `erase` nothing is kept of what was done, when all of it has ended. */
  @Consumes(connectionRemoved, { stream: 'EVENTS', durable: 'action-connections', concurrency: 4 })
  async removed({ connection, history }: ConnectionRemovedV1): Promise<void> {
    const jobs = await this.bulk.unended(connection);
    for (const job of jobs)
      if (job.state !== 'cancelled') await this.bulk.move(job, { state: 'cancelled', live: true }, bulkCancelled);
    if (jobs.length > 0) throw new TryLater(untilTheyEndMs);
    if (history !== 'erase') return;
    if (await this.actions.hasUnended(connection)) throw new TryLater(untilTheyEndMs);
    await this.actions.erase(connection);
    await this.bulk.erase(connection);
    await this.deliveries.erase(connection);
    await this.outbox.erase(connection);
  }
}
