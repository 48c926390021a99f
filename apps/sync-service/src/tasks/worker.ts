import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Refusal, type MissingDto, type StageKind } from '@seatwise/contracts';
import { DeadLetters, isTransient, routeOf, StreamConsumer, Streams, TryLater } from '@seatwise/messaging';
import { createLogger, inSpan } from '@seatwise/observability';
import {
  BudgetWaitError,
  FeatureMissingError,
  NotFoundError,
  OktaError,
  PermissionDeniedError,
  readings,
  RefusedError,
  TokenRejectedError,
} from '@seatwise/okta';
import { SyncConfig } from '../config.js';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import type { Connection } from '../connections/connection.js';
import { Orgs } from '../connections/orgs.js';
import { SweepTask } from '../directory/sweep.task.js';
import { LogTask } from '../log/log.task.js';
import { RunsService } from '../runs/runs.service.js';
import { ListingTask } from './listing.task.js';
import { LeaseLost, taskQueued, type Task } from './task.js';
import { Queue } from './queue.js';
import { TasksRepository } from './tasks.repository.js';
import { Interrupted, type Work } from './work.js';

const logger = createLogger('sync-worker');
const mostAttempts = 4;

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
    private readonly tasks: TasksRepository,
    private readonly queue: Queue,
    private readonly connections: ConnectionsRepository,
    private readonly orgs: Orgs,
    private readonly runs: RunsService,
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
      routeOf(taskQueued, ({ task }) => this.take(task)),
    ]);
    this.consumer.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.ending = true;
    await this.consumer?.stop();
  }

  private async take(id: string): Promise<void> {
    const queued = await this.tasks.find(id);
    if (!queued || (queued.state !== 'queued' && queued.state !== 'running')) return;
    const busy = this.inWork.get(queued.connection) ?? 0;
    if (busy >= this.config.workerConcurrencyPerConnection) throw new TryLater(100 + Math.random() * 200);
    this.inWork.set(queued.connection, busy + 1);
    try {
      const task = await this.tasks.acquire(id);
      if (task) await this.work(task).catch(unlessLeaseLost);
      // Another worker has it: should that one die, the message is still there.
      else if (queued.lease.until.getTime() > Date.now())
        throw new TryLater(queued.lease.until.getTime() - Date.now() + 50);
    } finally {
      this.inWork.set(queued.connection, (this.inWork.get(queued.connection) ?? 1) - 1);
    }
  }

  private async work(task: Task): Promise<void> {
    const connection = await this.connections.find(task.connection);
    if (!connection || connection.removed) return this.tasks.finish(task, 'skipped', 'the connection is gone');
    if (task.run && !(await this.runs.isRunning(task.run))) {
      await this.tasks.finish(task, 'skipped', 'the run has ended');
      return this.queue.refill(task.connection);
    }
    const lost = new AbortController();
    const beat = setInterval(
      () => {
        this.tasks.extend(task).then(
          (held) => held || lost.abort(new LeaseLost(task._id)),
          () => undefined,
        );
      },
      (this.config.leaseSeconds * 1_000) / 3,
    );
    const spent = { requests: 0, waitedMs: 0 };
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
        'okta.sync.id': task.run ?? '',
        'seatwise.connection': task.connection,
        'seatwise.scope': task.scope,
      };
      const finished = await this.orgs.counting(spent, () =>
        inSpan(`sync ${task.kind}`, { attributes }, () => this.perform(work)),
      );
      if (finished) await this.tasks.finish(task, 'done', null);
    } catch (error) {
      await this.settle(task, connection, error);
    } finally {
      clearInterval(beat);
    }
    await this.queue.refill(task.connection);
    if (!task.run) return;
    await this.runs.advance(task.run);
    await this.runs.tell(task.run);
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

  /** What a fault means for the task and for its run. */
  private async settle(task: Task, connection: Connection, error: unknown): Promise<void> {
    if (error instanceof LeaseLost) return;
    if (error instanceof Interrupted) {
      await this.tasks.release(task);
      throw new TryLater(0);
    }
    if (error instanceof BudgetWaitError) {
      await this.tasks.release(task, { waitedMs: Math.round(error.waitMs) });
      throw new TryLater(error.waitMs);
    }
    // Of an app or a group that has gone since it was listed, nothing is listed: that is complete.
    if (error instanceof NotFoundError && task.scope) return this.tasks.finish(task, 'done', null);
    if (error instanceof PermissionDeniedError || error instanceof FeatureMissingError) {
      if (task.run) await this.runs.miss(task.run, missingOf(task.kind, error));
      return this.tasks.finish(task, 'skipped', error.message);
    }
    if (error instanceof TokenRejectedError) {
      await this.tasks.finish(task, 'failed', error.message);
      await this.orgs.rejected(connection);
      if (task.run)
        await this.runs.fail(
          task.run,
          'Okta no longer accepts the token. Make a new one in the Admin Console and rotate it here.',
        );
      return;
    }
    // The bus or the database is away: the task is free at once, and its message is tried again.
    if (isTransient(error)) {
      await this.tasks.release(task).catch(() => undefined);
      throw error;
    }
    // connection-service does not answer for the credential just now: nobody's fault, and waited for.
    if (error instanceof Refusal) {
      await this.tasks.release(task);
      throw new TryLater(2_000);
    }
    if (!(error instanceof OktaError)) logger.error({ task: task._id, err: error }, 'a task failed');
    const isStaleLink = error instanceof RefusedError && task.next !== null;
    const reason = error instanceof Error ? error.message : String(error);
    const now = (await this.tasks.find(task._id)) ?? task;
    const attempts = Math.max(now.attempts, isStaleLink ? now.restarts : 0) + 1;
    logger.warn({ task: task._id, attempt: attempts, reason }, 'a listing failed');
    if (attempts >= mostAttempts || (error instanceof RefusedError && !isStaleLink))
      return this.tasks.finish(task, 'failed', reason);
    await this.tasks.release(task, { attempts: 1, restart: isStaleLink });
    throw new TryLater(500 * 2 ** attempts);
  }
}

/** Another has the task now, or it was called off: that is its end here. */
function unlessLeaseLost(error: unknown): void {
  if (!(error instanceof LeaseLost)) throw error;
}

const capabilityOf = {
  people: 'users',
  deprovisioned_people: 'users',
  groups: 'groups',
  memberships: 'groups',
  sign_ins: 'usage',
  sweep: 'users',
} as const;

/** What is missing when Okta forbids a kind of listing, in the words of the connection test. */
function missingOf(kind: StageKind, error: OktaError): MissingDto {
  const capability = kind in capabilityOf ? capabilityOf[kind as keyof typeof capabilityOf] : 'apps';
  const words = readings.find((reading) => reading.capability === capability)?.missing;
  return { kind, capability, reason: words?.reason ?? error.message, mend: words?.mend ?? '' };
}
