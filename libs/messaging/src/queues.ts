import { Injectable } from '@nestjs/common';
import { isConsumerUser } from '@seatwise/contracts';
import { JetStreamApiError } from '@nats-io/jetstream';
import { Streams, type StreamName } from './streams.js';

/** How far behind those are who share the messages of one durable consumer. */
export interface QueueStanding {
  /** The consumer's durable name. */
  queue: string;
  /** Messages that nobody was given yet. */
  waiting: number;
  /** Messages that somebody has in work. */
  inWork: number;
}

const worked = ['SYNC_TASKS', 'EVENTS', 'INTERNAL'] as const satisfies StreamName[];

/** The work of Seatwise that waits in JetStream, for all workspaces together. */
@Injectable()
export class Queues {
  constructor(private readonly streams: Streams) {}

  async standing(): Promise<QueueStanding[]> {
    const manager = await this.streams.manager();
    const found: QueueStanding[] = [];
    for (const stream of worked) {
      try {
        await this.streams.ensure(stream);
      } catch (error) {
        // 10059: it is not there. Nothing waits where nobody has put anything yet.
        if (error instanceof JetStreamApiError && error.code === 10059) continue;
        throw error;
      }
      for await (const { config, num_pending: waiting, num_ack_pending: inWork } of manager.consumers.list(stream)) {
        const { durable_name: queue } = config;
        if (queue && !isConsumerUser(queue)) found.push({ queue, waiting, inWork });
      }
    }
    return found.toSorted((a, b) => a.queue.localeCompare(b.queue));
  }
}
