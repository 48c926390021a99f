import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { createLogger } from '@seatwise/observability';
import { RunAdvance } from '../runs/run-advance.js';
import { Queue } from './queue.js';
import type { Task } from './task.js';

const log = createLogger('sync-follow-up');

/**
 * Sees to what the end of a task makes possible: further messages, and the next phase of its run. The worker does not
 * wait for it. It is done once at a time for each connection, and once more for all tasks that ended meanwhile; should it
 * fail, or this process end, the scheduler does it within a second.
 */
@Injectable()
export class FollowUp implements BeforeApplicationShutdown {
  private readonly going = new Map<string, Promise<void>>();
  /** Connection → the runs of it that are to be looked at once more. */
  private readonly waiting = new Map<string, Set<string>>();

  constructor(
    private readonly queue: Queue,
    private readonly runAdvance: RunAdvance,
  ) {}

  after({ connection, run }: Pick<Task, 'connection' | 'run'>): void {
    const runs = this.waiting.get(connection) ?? new Set();
    this.waiting.set(connection, runs);
    if (run) runs.add(run);
    if (this.going.has(connection)) return;
    const going = this.follow(connection).finally(() => this.going.delete(connection));
    this.going.set(connection, going);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.going.values());
  }

  private async follow(connection: string): Promise<void> {
    for (let runs = this.take(connection); runs; runs = this.take(connection))
      try {
        await this.queue.refill(connection);
        for (const run of runs) await this.runAdvance.advance(run);
      } catch (error) {
        log.warn({ connection, reason: (error as Error).message }, 'what follows a task is left to the scheduler');
      }
  }

  private take(connection: string): Set<string> | undefined {
    const runs = this.waiting.get(connection);
    this.waiting.delete(connection);
    return runs;
  }
}
