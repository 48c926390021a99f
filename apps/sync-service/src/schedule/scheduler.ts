import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { createLogger, gauge } from '@seatwise/observability';
import { Outbox } from '@seatwise/persistence';
import { SyncConfig } from '../config.js';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import { RunsRepository } from '../runs/runs.repository.js';
import { RunsService } from '../runs/runs.service.js';
import { Queue } from '../tasks/queue.js';
import { newTask } from '../tasks/task.js';
import { TasksRepository } from '../tasks/tasks.repository.js';

const log = createLogger('sync-schedule');
const everyMs = 1_000;

/**
 * Looks each second for what is due: syncs, readings of the log, runs to carry on, tasks that lost their message.
 * Every replica has one; what is due is claimed in the database, so that it is done once.
 */
@Injectable()
export class Scheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: SyncConfig,
    private readonly connections: ConnectionsRepository,
    private readonly runs: RunsService,
    private readonly runsRepository: RunsRepository,
    private readonly tasks: TasksRepository,
    private readonly queue: Queue,
    outbox: Outbox,
  ) {
    gauge('outbox_pending', 'Outbox entries that are still to be published', [], async function () {
      this.set(await outbox.pending());
    });
    gauge('sync_tasks_unfinished', 'Tasks that are queued or in work', [], async function () {
      this.set(await tasks.countQueued());
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.looking = this.looking
        .then(() => this.look())
        .catch((error: unknown) => log.warn({ reason: (error as Error).message }, 'the schedule waits'));
    }, everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    for (const { _id, workspace, runNumber } of await this.connections.dueForSync(20))
      await this.runs.start(workspace, _id, runNumber === 0 ? 'connect' : 'schedule');
    for (
      let due = await this.connections.claimLog(this.config.logEverySeconds);
      due;
      due = await this.connections.claimLog(this.config.logEverySeconds)
    ) {
      const { _id, workspace, runNumber } = due;
      const base = { workspace, connection: _id, run: null, number: runNumber, trace: {} };
      const task = { ...newTask(base, 'sign_ins'), messageAt: new Date() };
      if (await this.tasks.requeueLog(task)) await this.queue.publish([task]);
    }
    for (const { _id, connection } of await this.runsRepository.active(50)) {
      await this.runs.advance(_id);
      await this.queue.refill(connection);
    }
    await this.queue.publish(await this.tasks.claimForgotten(500));
  }
}
