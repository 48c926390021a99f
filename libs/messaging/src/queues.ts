import { Injectable } from '@nestjs/common';
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

const worked = ['SYNC_TASKS', 'EVENTS'] as const satisfies StreamName[];

/** The work that waits in JetStream, for all workspaces together. */
@Injectable()
export class Queues {
  constructor(private readonly streams: Streams) {}

  async standing(): Promise<QueueStanding[]> {
    const manager = await this.streams.manager();
    const found: QueueStanding[] = [];
    for (const stream of worked) {
      await this.streams.ensure(stream);
      for await (const { config, num_pending: waiting, num_ack_pending: inWork } of manager.consumers.list(stream))
        if (config.durable_name) found.push({ queue: config.durable_name, waiting, inWork });
    }
    return found.toSorted((a, b) => a.queue.localeCompare(b.queue));
  }
}
