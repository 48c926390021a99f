import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { StageKind } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import { mongo, type ClientSession } from 'mongoose';
import { SyncConfig } from '../config.js';
import { LeaseLost, nothingCounted, taskId, type PageCounts, type Task } from './task.js';

const unfinished = { $in: ['queued', 'running'] as Task['state'][] };
/** Tasks of one connection that have a message at once, so that a large org leaves the queue to others as well. */
const mostPublished = 24;

/** A message that was not taken for so long is lost; before that it may wait for its turn. */
const forgottenAfterMs = 5 * 60_000;
const singleKinds: StageKind[] = ['people', 'deprovisioned_people', 'groups', 'apps', 'sign_ins', 'sweep'];

/** The tasks of one kind, added up. */
export interface KindTally extends PageCounts {
  _id: StageKind;
  tasks: number;
  tasksDone: number;
  states: Task['state'][];
  startedAt: Date | null;
  endedAt: Date | null;
}

/** The tasks and who may write for them. */
@Injectable()
export class TasksRepository implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly config: SyncConfig,
  ) {}

  private get tasks(): mongo.Collection<Task> {
    return this.database.collection<Task>('tasks');
  }

  private leaseEnd = () => new Date(Date.now() + this.config.leaseSeconds * 1_000);

  async onModuleInit(): Promise<void> {
    await this.database.ensureIndexes([
      { collection: 'tasks', key: { run: 1, kind: 1, state: 1 } },
      { collection: 'tasks', key: { state: 1, messageAt: 1 } },
      { collection: 'tasks', key: { connection: 1, state: 1, messageAt: 1 } },
      { collection: 'tasks', key: { endedAt: 1 }, options: { expireAfterSeconds: 14 * 86_400 } },
    ]);
  }

  /** Adds those that are not there yet, and answers which. */
  async add(tasks: Task[], session?: ClientSession): Promise<Task[]> {
    if (tasks.length === 0) return [];
    if (session) {
      await this.tasks.insertMany(tasks, { session });
      return tasks;
    }
    try {
      await this.tasks.insertMany(tasks, { ordered: false });
      return tasks;
    } catch (error) {
      if (!(error instanceof mongo.MongoBulkWriteError) || error.code !== 11_000) throw error;
      const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
      const present = new Set(failures.map(({ index }) => index));
      return tasks.filter((_task, at) => !present.has(at));
    }
  }

  find(id: string, session?: ClientSession): Promise<Task | null> {
    return this.tasks.findOne({ _id: id }, session ? { session } : {});
  }

  /** The task with a new lease; null when it is finished or another's. */
  acquire(id: string): Promise<Task | null> {
    return this.tasks.findOneAndUpdate(
      { _id: id, state: unfinished, 'lease.until': { $lte: new Date() } },
      [
        {
          $set: {
            state: 'running',
            'lease.token': { $add: ['$lease.token', 1] },
            'lease.until': this.leaseEnd(),
            startedAt: { $ifNull: ['$startedAt', '$$NOW'] },
          },
        },
      ],
      { returnDocument: 'after' },
    );
  }

  /** Holds the lease longer; false when it is lost. */
  async extend({ _id, lease }: Task, session?: ClientSession): Promise<boolean> {
    const mine = { _id, state: 'running' as const, 'lease.token': lease.token };
    // One that waited for a page to be written takes nothing back of what the page has set.
    const change = { $max: { 'lease.until': this.leaseEnd() } };
    const options = session ? { session } : { maxTimeMS: Math.ceil((this.config.leaseSeconds * 1_000) / 3) };
    return (await this.tasks.updateOne(mine, change, options)).matchedCount === 1;
  }

  /**
   * To begin a transaction with that writes the task at its end: nobody else writes it meanwhile, so that prolonging the lease
   * waits, instead of undoing all that was written. Throws {@link LeaseLost}.
   */
  async hold(task: Task, session: ClientSession): Promise<void> {
    if (!(await this.extend(task, session))) throw new LeaseLost(task._id);
  }

  /**
   * Notes what a page came to and where the listing goes on; with `isDone` that it is done, with `asked` when by Okta's
   * clock it was asked for. Part of the page's transaction, where it had anything to write; throws {@link LeaseLost}.
   */
  async checkpoint(
    { _id, lease }: Task,
    next: string | null,
    counts: PageCounts,
    session: ClientSession | undefined,
    { isDone = false, asked }: { isDone?: boolean; asked?: number } = {},
  ): Promise<void> {
    const mine = { _id, state: 'running' as const, 'lease.token': lease.token };
    const ending = { state: 'done' as const, endedAt: new Date(), 'lease.until': new Date(0) };
    const on = isDone ? ending : { 'lease.until': this.leaseEnd() };
    const change = {
      $set: { next, attempts: 0, ...on },
      $inc: counts,
      ...(asked !== undefined && { $min: { listedFrom: asked } }),
    };
    if ((await this.tasks.updateOne(mine, change, session ? { session } : {})).matchedCount === 0)
      throw new LeaseLost(_id);
  }

  async finish(
    { _id, lease }: Task,
    state: 'done' | 'failed' | 'skipped',
    error: string | null,
    session?: ClientSession,
  ): Promise<void> {
    const mine = { _id, state: 'running' as const, 'lease.token': lease.token };
    const change = { $set: { state, error, endedAt: new Date(), 'lease.until': new Date(0) } };
    if ((await this.tasks.updateOne(mine, change, session ? { session } : {})).matchedCount === 0)
      throw new LeaseLost(_id);
  }

  /** Gives the lease back, so that any worker may go on. */
  async release(
    { _id, lease }: Task,
    more: { inMs?: number; attempts?: number; waitedMs?: number; restart?: boolean } = {},
  ): Promise<void> {
    await this.tasks.updateOne(
      { _id, state: 'running', 'lease.token': lease.token },
      {
        $set: {
          state: 'queued',
          'lease.until': new Date(0),
          // Its message comes back then; until a while after that it is not taken for lost.
          messageAt: new Date(Date.now() + (more.inMs ?? 0)),
          ...(more.restart && { next: null }),
        },
        $inc: { attempts: more.attempts ?? 0, restarts: more.restart ? 1 : 0, waitedMs: more.waitedMs ?? 0 },
      },
    );
  }

  /** Calls off all that is still to be done; its workers find their leases lost. */
  async callOff(filter: { run: string } | { connection: string; run?: null }, session?: ClientSession): Promise<void> {
    await this.tasks.updateMany(
      { ...filter, state: { $in: [...unfinished.$in, 'parked'] } },
      { $set: { state: 'skipped', error: 'called off', endedAt: new Date() }, $inc: { 'lease.token': 1 } },
      session ? { session } : {},
    );
  }

  async erase(connection: string): Promise<void> {
    await this.tasks.deleteMany({ connection });
  }

  /** Lays a task aside until a person agrees; throws {@link LeaseLost}. */
  async park({ _id, lease }: Task, session: ClientSession): Promise<void> {
    const mine = { _id, state: 'running' as const, 'lease.token': lease.token };
    const change = { $set: { state: 'parked' as const, 'lease.until': new Date(0) } };
    if ((await this.tasks.updateOne(mine, change, { session })).matchedCount === 0) throw new LeaseLost(_id);
  }

  /** Takes a parked task up again; its message is the next that {@link toPublish} asks for. */
  async unpark(id: string, session: ClientSession): Promise<void> {
    await this.tasks.updateOne(
      { _id: id, state: 'parked' },
      { $set: { state: 'queued', messageAt: null } },
      { session },
    );
  }

  /** Tasks of a connection whose turn it is to have a message. Two that ask at once may get the same. */
  async toPublish(connection: string): Promise<Task[]> {
    const published = await this.tasks.countDocuments({ connection, state: unfinished, messageAt: { $ne: null } });
    const free = mostPublished - published;
    return free > 0 ? this.tasks.find({ connection, state: 'queued', messageAt: null }).limit(free).toArray() : [];
  }

  /** Lost with a crash, it does no harm: they are published again under the same message id. */
  async published(ids: string[]): Promise<void> {
    await this.tasks.updateMany(
      { _id: { $in: ids }, messageAt: null },
      { $set: { messageAt: new Date() } },
      { writeConcern: { w: 1, journal: false } },
    );
  }

  /** Puts the task of the log between runs in the queue, unless it is there. */
  async requeueLog(task: Task): Promise<boolean> {
    const { lease: _lease, _id, ...fresh } = task;
    const before = await this.tasks
      .findOneAndUpdate(
        { _id, state: { $nin: unfinished.$in } },
        { $set: fresh, $setOnInsert: { lease: { token: 0, until: new Date(0) } } },
        { upsert: true, returnDocument: 'before' },
      )
      .catch((error: unknown) => {
        if (error instanceof mongo.MongoServerError && error.code === 11_000) return false as const;
        throw error;
      });
    return before !== false;
  }

  /** A task that is free but was not taken for so long that its message must be lost, claimed; null: there is none. */
  claimForgotten(): Promise<Task | null> {
    const now = Date.now();
    return this.tasks.findOneAndUpdate(
      {
        state: unfinished,
        'lease.until': { $lte: new Date(now) },
        messageAt: { $lte: new Date(now - forgottenAfterMs) },
      },
      { $set: { messageAt: new Date(now) } },
    );
  }

  /** Lets {@link claimForgotten} find every task that waits for its message, which is lost. */
  async takeForForgotten(): Promise<void> {
    const waiting = { state: unfinished, messageAt: { $ne: null } };
    await this.tasks.updateMany(waiting, { $set: { messageAt: new Date(0) } });
  }

  /** What the tasks of a run come to, by kind. */
  tally(run: string, session?: ClientSession): Promise<KindTally[]> {
    const sums = Object.fromEntries(Object.keys(nothingCounted()).map((count) => [count, { $sum: `$${count}` }]));
    return this.tasks
      .aggregate<KindTally>(
        [
          { $match: { run } },
          {
            $group: {
              _id: '$kind',
              tasks: { $sum: 1 },
              tasksDone: { $sum: { $cond: [{ $in: ['$state', ['done', 'failed', 'skipped']] }, 1, 0] } },
              states: { $addToSet: '$state' },
              startedAt: { $min: '$startedAt' },
              endedAt: { $max: '$endedAt' },
              ...sums,
            },
          },
        ],
        session ? { session } : {},
      )
      .toArray();
  }

  /** Whether anything that fills the mirror is still to be done: neither the sweep nor the log does. */
  async isListing(run: string): Promise<boolean> {
    const listing = { run, kind: { $nin: ['sweep', 'sign_ins'] as StageKind[] }, state: unfinished };
    return (await this.tasks.countDocuments(listing, { limit: 1 })) > 0;
  }

  /** The tasks of which a run has one of a kind, by kind. */
  async single(run: string): Promise<Map<StageKind, Pick<Task, 'state' | 'rejected' | 'listedFrom'>>> {
    const ids = singleKinds.map((kind) => taskId(run, kind));
    const found = await this.tasks
      .find({ _id: { $in: ids } })
      .project<Pick<Task, 'kind' | 'state' | 'rejected' | 'listedFrom'>>({
        kind: 1,
        state: 1,
        rejected: 1,
        listedFrom: 1,
      })
      .toArray();
    return new Map(found.map(({ kind, ...task }) => [kind, task]));
  }

  countQueued(): Promise<number> {
    return this.tasks.countDocuments({ state: unfinished });
  }

  /** The scopes of a kind whose listing is whole, or those whose listing is not. */
  async scopes(run: string, kind: StageKind, whole: boolean): Promise<string[]> {
    const isWhole = { state: 'done' as const, rejected: 0 };
    const filter = whole ? { run, kind, ...isWhole } : { run, kind, $nor: [isWhole] };
    return this.tasks
      .find(filter, { projection: { scope: 1 } })
      .map(({ scope }) => scope)
      .toArray();
  }
}
