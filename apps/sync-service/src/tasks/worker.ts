import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DeadLetters, routeOf, StreamConsumer, Streams, TryLater } from '@seatwise/messaging';
import { createLogger, inSpan } from '@seatwise/observability';
import { OktaError } from '@seatwise/okta';
import { Database } from '@seatwise/persistence';
import { SyncConfig } from '../config.js';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import type { Connection } from '../connections/connection.js';
import { Orgs } from '../connections/orgs.js';
import { SweepTask } from '../directory/sweep.task.js';
import { LogTask } from '../log/log.task.js';
import { RunEnding } from '../runs/run-ending.js';
import { RunsRepository } from '../runs/runs.repository.js';
import { FollowUp } from './follow-up.js';
import { ListingTask } from './listing.task.js';
import { outcomeOf } from './outcome.js';
import { connectionIn } from './queue.js';
import { LeaseLost, taskQueued, type Task } from './task.js';
import { TasksRepository } from './tasks.repository.js';
import type { Work } from './work.js';

/** So long a task of a paused connection is left, unless it is called off before. */
const pausedMs = 5_000;

const logger = createLogger('sync-worker');

/** Takes tasks from the queue, one lease each, and does what their kind is. */
@Injectable()
export class Worker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly inWork = new Map<string, number>();
  private consumer: StreamConsumer | undefined;
  private ending = false;

  constructor(
    private readonly config: SyncConfig,
    private readonly streams: Streams,
    private readonly deadLetters: DeadLetters,
    private readonly database: Database,
    private readonly tasks: TasksRepository,
    private readonly followUp: FollowUp,
    private readonly connections: ConnectionsRepository,
    private readonly orgs: Orgs,
    private readonly runs: RunsRepository,
    private readonly runEnding: RunEnding,
    private readonly listing: ListingTask,
    private readonly sweep: SweepTask,
    private readonly log: LogTask,
  ) {}

  onApplicationBootstrap(): void {
    const options = {
      stream: 'SYNC_TASKS' as const,
      durable: 'sync-workers',
      subjects: ['sync.tasks.>'],
      concurrency: this.config.workerConcurrency,
      ackWaitMs: Math.max(2_000, this.config.leaseSeconds * 1_000),
    };
    this.consumer = new StreamConsumer(this.streams, this.deadLetters, options, [
      routeOf(taskQueued, ({ task }, { subject }) => this.take(task, connectionIn(subject))),
    ]);
    this.consumer.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.ending = true;
    await this.consumer?.stop();
  }

  private async take(id: string, connection: string): Promise<void> {
    const busy = this.inWork.get(connection) ?? 0;
    if (busy >= this.config.workerConcurrencyPerConnection) throw new TryLater(300 + Math.random() * 400);
    this.inWork.set(connection, busy + 1);
    try {
      const task = await this.tasks.acquire(id);
      if (task) await this.work(task).catch(unlessLeaseLost);
      else await this.leaveToItsHolder(id);
    } finally {
      const left = (this.inWork.get(connection) ?? 1) - 1;
      if (left === 0) this.inWork.delete(connection);
      else this.inWork.set(connection, left);
    }
  }

  /** Another worker has it: should that one die, the message is still there. */
  private async leaveToItsHolder(id: string): Promise<void> {
    const task = await this.tasks.find(id);
    const held = task?.state === 'running' ? task.lease.until.getTime() - Date.now() : 0;
    if (held > 0) throw new TryLater(held + 50);
  }

  private async work(task: Task): Promise<void> {
    const connection = await this.connections.find(task.connection);
    if (!connection || connection.removed) return this.tasks.finish(task, 'skipped', 'the connection is gone');
    if (task.run && connection.activeRun !== task.run) {
      await this.tasks.finish(task, 'skipped', 'the run has ended');
      return this.followUp.after(task);
    }
    if (connection.paused) {
      // Who hears of the pause calls it off.
      await this.tasks.release(task, { inMs: pausedMs });
      throw new TryLater(pausedMs);
    }
    const lost = new AbortController();
    let isBeating = false;
    const beat = setInterval(
      () => {
        // It waits while a page is written, and one that waits is enough.
        if (isBeating) return;
        isBeating = true;
        this.tasks
          .extend(task)
          .then(
            (held) => held || lost.abort(new LeaseLost(task._id)),
            () => undefined,
          )
          .finally(() => (isBeating = false));
      },
      (this.config.leaseSeconds * 1_000) / 3,
    );
    const spent = { requests: 0, waitedMs: 0, bytes: 0 };
    const work: Work = {
      task,
      connection,
      okta: this.orgs.of(connection),
      spent,
      signal: lost.signal,
      isEnding: () => this.ending,
    };
    try {
      const attributes = {
        'seatwise.run': task.run ?? undefined,
        'seatwise.connection': task.connection,
        'seatwise.scope': task.scope || undefined,
      };
      const finished = await this.orgs.counting(spent, () =>
        inSpan(`sync ${task.kind}`, { attributes }, () => this.perform(work)),
      );
      if (finished) await this.tasks.finish(task, 'done', null);
    } catch (error) {
      await this.conclude(task, connection, error);
    } finally {
      clearInterval(beat);
    }
    this.followUp.after(task);
  }

  /** Resolves with whether the task is still to be marked as done. */
  private async perform(work: Work): Promise<boolean> {
    if (work.task.kind === 'sweep') return this.sweep.run(work);
    if (work.task.kind !== 'sign_ins') {
      await this.listing.run(work);
      return false;
    }
    await this.log.run(work);
    return true;
  }

  /** Does what a fault means. Throws when the message is to come again. */
  private async conclude(task: Task, connection: Connection, error: unknown): Promise<void> {
    const now = await this.tasks.find(task._id);
    // Another has it, or it was called off: whatever went wrong here means nothing any more.
    if (now?.state !== 'running' || now.lease.token !== task.lease.token)
      return logger.info({ task: task._id }, 'the task is another’s now');
    const outcome = outcomeOf(now, error);
    if ('reason' in outcome) {
      const isForeseen = error instanceof OktaError || outcome.kind === 'skipped';
      logger[isForeseen ? 'warn' : 'error'](
        { task: task._id, kind: outcome.kind, reason: outcome.reason, ...(!isForeseen && { err: error }) },
        'a task met a fault',
      );
    }
    switch (outcome.kind) {
      case 'done':
        return this.tasks.finish(task, 'done', null);
      case 'skipped':
      case 'failed':
        return this.tasks.finish(task, outcome.kind, outcome.reason);
      case 'missing':
        return this.database.transaction(async (session) => {
          await this.tasks.finish(task, 'skipped', outcome.reason, session);
          if (task.run) await this.runs.miss(task.run, outcome.missing, session);
        });
      case 'rejected':
        await this.tasks.finish(task, 'failed', outcome.reason);
        await this.orgs.rejected(connection);
        if (task.run)
          await this.runEnding.fail(
            task.run,
            'Okta no longer accepts the token. Make a new one in the Admin Console and rotate it here.',
          );
        return;
      case 'away':
        await this.tasks.release(task).catch(() => undefined);
        throw error;
      case 'later':
        await this.tasks.release(task, outcome);
        if (task.run && outcome.waitedMs) await this.runs.wait(task.run, new Date(Date.now() + outcome.waitedMs));
        throw new TryLater(outcome.inMs);
      case 'again':
        await this.tasks.release(task, { ...outcome, attempts: 1 });
        throw new TryLater(outcome.inMs);
    }
  }
}

/** Another has the task now, or it was called off: that is its end here. */
function unlessLeaseLost(error: unknown): void {
  if (!(error instanceof LeaseLost)) throw error;
}
