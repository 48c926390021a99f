import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { createLogger, gauge } from '@seatwise/observability';
import { SyncConfig } from '../config.js';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import { RunsRepository } from '../runs/runs.repository.js';
import { RunsService } from '../runs/runs.service.js';
import { RunAdvance } from '../runs/run-advance.js';
import { Queue } from '../tasks/queue.js';
import { isEnded, newTask } from '../tasks/task.js';
import { TasksRepository } from '../tasks/tasks.repository.js';

const log = createLogger('sync-schedule');
const everyMs = 1_000;
/** Of each kind of work that one look takes on: what is left over comes first at the next. */
const atOnce = { syncs: 20, logs: 200, runs: 100, tasks: 500 };

/**
 * Looks each second for what is due: syncs, readings of the log, runs to carry on, tasks that lost their message.
 * Every replica has one; what is due is claimed in the database, so that the replicas share it. One that fails holds up
 * no other.
 */
@Injectable()
export class Scheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly config: SyncConfig,
    private readonly connections: ConnectionsRepository,
    private readonly runs: RunsService,
    private readonly runAdvance: RunAdvance,
    private readonly runsRepository: RunsRepository,
    private readonly tasks: TasksRepository,
    private readonly queue: Queue,
  ) {
    gauge('sync_tasks_unfinished', 'Tasks that are queued or in work', [], async function () {
      this.set(await tasks.countQueued());
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      // While a server is away a look takes longer than a second; then there is one at a time.
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    await unlessItFails(() => this.startSyncs());
    await upTo(atOnce.logs, () => this.readLog());
    await upTo(atOnce.runs, () => this.carryOn());
    await upTo(atOnce.tasks, () => this.publishForgotten());
  }

  private async startSyncs(): Promise<void> {
    for (const { _id, workspace, runNumber } of await this.connections.dueForSync(atOnce.syncs))
      await unlessItFails(() => this.runs.start(workspace, _id, runNumber === 0 ? 'connect' : 'schedule'));
  }

  /** Each answers whether there was one. */
  private async readLog(): Promise<boolean> {
    const due = await this.connections.claimLog(this.config.logEverySeconds);
    if (!due) return false;
    // A run reads the log itself at first.
    if (due.activeRun && !isEnded((await this.tasks.single(due.activeRun)).get('sign_ins'))) return true;
    const { _id, workspace, runNumber } = due;
    const base = { workspace, connection: _id, run: null, number: runNumber, trace: {} };
    const task = { ...newTask(base, 'sign_ins'), messageAt: new Date() };
    if (await this.tasks.requeueLog(task)) await this.queue.publish(task);
    return true;
  }

  private async carryOn(): Promise<boolean> {
    const run = await this.runsRepository.claimToLook();
    if (!run) return false;
    await this.runAdvance.advance(run._id);
    await this.queue.refill(run.connection);
    await this.runs.tell(run);
    return true;
  }

  private async publishForgotten(): Promise<boolean> {
    const task = await this.tasks.claimForgotten();
    if (task) await this.queue.publish(task);
    return task !== null;
  }
}

/** Does one after another, while there is one. */
async function upTo(most: number, one: () => Promise<boolean>): Promise<void> {
  for (let done = 0; done < most; done += 1) if ((await unlessItFails(one)) === false) return;
}

async function unlessItFails<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    log.warn({ reason: (error as Error).message }, 'something that was due has to wait');
    return undefined;
  }
}
