import { randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  eventEntry,
  itemStates,
  type BulkDto,
  type BulkState,
  type EventType,
  type ForeseenDto,
  type ItemState,
  type ListBulk,
  type ProblemCode,
} from '@seatwise/contracts';
import { Database, Outbox } from '@seatwise/persistence';
import { mongo, type ClientSession } from 'mongoose';
import type { Action } from '../actions/action.js';
import { dtoOf, isFailure, itemId, type BulkItem, type BulkJob, type Counts, type Tally } from './job.js';

const batch = 500;
const again: ItemState[] = ['refused', 'failed'];

/** What changes of a job that moves on; a function of its counts where it needs them. */
type Change = Partial<BulkJob> | ((counts: Counts) => Partial<BulkJob>);

/** In so many documents a process writes what it counts of a job, so that its own ends seldom wait for each other. */
const slots = 16;
const nothing = {
  waiting: 0,
  running: 0,
  done: 0,
  none: 0,
  refused: 0,
  failed: 0,
  unknown: 0,
  failures: 0,
  version: 0,
};
const isCode = (error: unknown, code: number): boolean =>
  error instanceof mongo.MongoServerError && error.code === code;

/** Somebody else writes this person at the moment, or did before he died: MongoDB keeps what is his for a minute then. */
export class ItemHeld extends Error {}

/** Bulk jobs, their people, and how many are in which state. */
@Injectable()
export class BulkRepository implements OnModuleInit {
  /** Of this process: what a dead one had begun to write in its own tallies holds up nobody. */
  private readonly me = randomBytes(8).toString('hex');
  private readonly opened = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  private get jobs(): mongo.Collection<BulkJob> {
    return this.database.collection<BulkJob>('bulk_jobs');
  }
  private get items(): mongo.Collection<BulkItem> {
    return this.database.collection<BulkItem>('bulk_items');
  }
  private get tallies(): mongo.Collection<Tally> {
    return this.database.collection<Tally>('bulk_tallies');
  }

  async onModuleInit(): Promise<void> {
    const live = { partialFilterExpression: { live: true } };
    await this.database.ensureIndexes([
      { collection: 'bulk_jobs', key: { workspace: 1, idempotencyKey: 1 }, options: { unique: true } },
      { collection: 'bulk_jobs', key: { workspace: 1, _id: -1 } },
      { collection: 'bulk_jobs', key: { live: 1 }, options: live },
      { collection: 'bulk_jobs', key: { connection: 1 } },
      {
        collection: 'bulk_jobs',
        key: { createdAt: 1 },
        options: { partialFilterExpression: { state: 'gathering' } },
      },
      { collection: 'bulk_items', key: { job: 1, n: 1 } },
      { collection: 'bulk_items', key: { job: 1, state: 1, n: 1 } },
      { collection: 'bulk_tallies', key: { job: 1 } },
    ]);
  }

  /** False when its idempotency key is taken. */
  async insert(job: BulkJob): Promise<boolean> {
    try {
      await this.jobs.insertOne(job);
      return true;
    } catch (error) {
      if (isCode(error, 11_000)) return false;
      throw error;
    }
  }

  find(workspace: string, id: string): Promise<BulkJob | null> {
    return this.jobs.findOne({ _id: id, workspace });
  }

  byKey(workspace: string, idempotencyKey: string): Promise<BulkJob | null> {
    return this.jobs.findOne({ workspace, idempotencyKey });
  }

  /** The newest first. */
  page({ workspace, connection, state }: Omit<ListBulk, 'limit' | 'cursor'>, limit: number, before?: string) {
    const query: mongo.Filter<BulkJob> = {
      workspace,
      ...(connection !== undefined && { connection }),
      ...(state !== undefined && { state }),
      ...(before !== undefined && { _id: { $lt: before } }),
    };
    return this.jobs.find(query).sort({ _id: -1 }).limit(limit).toArray();
  }

  /** In their order, from a place on. */
  itemsOf(job: string, state: ItemState | undefined, from: number, limit: number): Promise<BulkItem[]> {
    const query = { job, ...(state !== undefined && { state }), n: { $gte: from } };
    return this.items.find(query).sort({ n: 1 }).limit(limit).toArray();
  }

  async gatherFor(job: string, gatherer: string): Promise<void> {
    await this.jobs.updateOne({ _id: job, state: 'gathering' }, { $set: { gatherer } });
  }

  /** Adds people in their places, while they are still coming in; false when another brings them by now. */
  async add(job: string, gatherer: string, added: BulkItem[]): Promise<boolean> {
    return this.database.transaction(async (session) => {
      const gathering = await this.jobs.findOneAndUpdate(
        { _id: job, state: 'gathering' },
        { $inc: { feeds: 1 } },
        { session },
      );
      if (!gathering) return true;
      if (gathering.gatherer !== gatherer) return false;
      const writes = added.map(({ _id, ...replacement }) => ({
        replaceOne: { filter: { _id }, replacement: replacement as BulkItem, upsert: true },
      }));
      await this.items.bulkWrite(writes, { session, ordered: false });
      return true;
    });
  }

  /**
   * Nobody comes in any more. Answers how many there are: nothing is closed unless there are as many as there should be; null
   * when another brings them by now.
   */
  async close(job: string, gatherer: string, total: number): Promise<number | null> {
    // What an earlier attempt to add others has left behind.
    await this.items.deleteMany({ job, $or: [{ n: { $gte: total } }, { gatherer: { $ne: gatherer } }] });
    const foreseen = await this.items
      .aggregate<ForeseenDto & { code: ProblemCode }>([
        { $match: { job, foreseen: { $ne: null } } },
        { $group: { _id: '$foreseen', count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
        { $project: { _id: 0, code: '$_id', count: 1 } },
      ])
      .toArray();
    return this.database.transaction(async (session) => {
      // Whoever adds somebody at this moment writes the job too: one of the two comes after the other.
      const gathering = await this.jobs.findOneAndUpdate(
        { _id: job, state: 'gathering' },
        { $inc: { feeds: 1 } },
        { session },
      );
      if (!gathering) return total;
      if (gathering.gatherer !== gatherer) return null;
      const count = await this.items.countDocuments({ job }, { session });
      if (count !== total) return count;
      await this.jobs.updateOne(
        { _id: job },
        { $set: { state: 'preview', foreseen }, $inc: { version: 1 } },
        { session },
      );
      await this.tallies.insertOne({ _id: `${job}|all`, job, ...nothing, waiting: total }, { session });
      return total;
    });
  }

  async counts(job: string, session?: ClientSession): Promise<Counts> {
    // All parts of one moment: what one writer took from a state another may have added to it.
    const atOnce = session ? { session } : { readConcern: new mongo.ReadConcern('snapshot') };
    const parts = await this.tallies.find({ job }, atOnce).toArray();
    const sum = (name: ItemState | 'failures' | 'version') => parts.reduce((all, part) => all + part[name], 0);
    const states = Object.fromEntries(itemStates.map((state) => [state, sum(state)])) as Record<ItemState, number>;
    const total = itemStates.reduce((all, state) => all + states[state], 0);
    return { total, ...states, failures: sum('failures'), version: sum('version') };
  }

  /** The jobs that somebody must look at. */
  live(): Promise<BulkJob[]> {
    return this.jobs.find({ live: true }).toArray();
  }

  /** Jobs of the connection that have not ended. */
  unended(connection: string): Promise<BulkJob[]> {
    return this.jobs.find({ connection, $or: [{ state: { $nin: ['done', 'cancelled'] } }, { live: true }] }).toArray();
  }

  async erase(connection: string): Promise<void> {
    for await (const { _id: job } of this.jobs.find({ connection }).project<{ _id: string }>({ _id: 1 })) {
      await this.items.deleteMany({ job });
      await this.tallies.deleteMany({ job });
      await this.jobs.deleteOne({ _id: job });
    }
  }

  /** Those whose people never all came in. */
  abandoned(before: Date): Promise<BulkJob[]> {
    return this.jobs
      .find({ state: 'gathering', createdAt: { $lt: before } })
      .limit(100)
      .toArray();
  }

  /**
   * Moves a job on from the state in which it was read, and tells of it; null when it has changed since. `holds` may refuse
   * by what is counted at that moment.
   */
  async move(
    { _id, version, state }: BulkJob,
    change: Change,
    event: EventType<BulkDto> | null,
    holds: (counts: Counts) => boolean = () => true,
  ): Promise<BulkDto | null> {
    const moved = await this.database.transaction(async (session) => {
      const counts = await this.counts(_id, session);
      if (!holds(counts)) return null;
      const set = typeof change === 'function' ? change(counts) : change;
      const job = await this.jobs.findOneAndUpdate(
        { _id, version, state },
        { $set: set, $inc: { version: 1 } },
        { session, returnDocument: 'after' },
      );
      if (!job) return null;
      const dto = dtoOf(job, counts);
      if (event) await this.outbox.add(eventEntry(event, job.workspace, dto), session);
      return dto;
    });
    this.outbox.kick();
    return moved;
  }

  /** Whether this process takes people of the job into work from now on: one does at a time, while it is alive. */
  async mayFeed(job: string, forMs: number): Promise<boolean> {
    const now = Date.now();
    const free = { $or: [{ feeder: this.me }, { feedUntil: { $lte: new Date(now) } }] };
    const mine = { $set: { feeder: this.me, feedUntil: new Date(now + forMs) } };
    const { matchedCount } = await this.jobs.updateOne({ _id: job, state: 'running', ...free }, mine);
    return matchedCount === 1;
  }

  /** The next who wait, but for some. */
  waitingOf(job: string, but: number[], limit: number): Promise<BulkItem[]> {
    const query = { job, state: 'waiting' as const, ...(but.length > 0 && { n: { $nin: but } }) };
    return this.items.find(query).sort({ n: 1 }).limit(limit).toArray();
  }

  /** Makes this process's own tallies of a job, before a transaction counts in them. */
  open(job: string): Promise<void> {
    let opened = this.opened.get(job);
    if (!opened) {
      opened = this.makeTallies(job).catch((error: unknown) => {
        this.opened.delete(job);
        throw error;
      });
      this.opened.set(job, opened);
    }
    return opened;
  }

  private async makeTallies(job: string): Promise<void> {
    const made = Array.from({ length: slots }, (_none, n) => ({ _id: this.tallyId(job, n), job, ...nothing }));
    await this.tallies.insertMany(made, { ordered: false }).catch((error: unknown) => {
      if (!isCode(error, 11_000)) throw error;
    });
  }

  private tallyId(job: string, n: number): string {
    return `${job}|${this.me}|${n % slots}`;
  }

  /** They are in work by this action; false when the job does not go on, or somebody has taken them. Throws {@link ItemHeld}. */
  async begin(item: BulkItem, action: Action, session: ClientSession): Promise<boolean> {
    const { _id, job } = item;
    const update = { $set: { state: 'running' as const, action: action._id }, $inc: { tries: 1 } };
    const begun = await this.items.updateOne({ _id, state: 'waiting' }, update, { session }).catch((error: unknown) => {
      throw isCode(error, 112) ? new ItemHeld() : error;
    });
    if (begun.matchedCount === 0) return false;
    if (!(await this.jobs.findOne({ _id: job, state: 'running' }, { session, projection: { _id: 1 } })))
      throw new ItemHeld();
    await this.count([item], () => ({ waiting: -1, running: 1 }), session);
    return true;
  }

  /** Counts the end of an action of a job, in the transaction of that end; and what it is found to be later. */
  async ended(action: Action, session: ClientSession): Promise<void> {
    if (!action.bulk) return;
    const { job, n } = action.bulk;
    const { state, effect, fault, endedAt, login } = action;
    const now = state === 'done' && effect === 'none' ? 'none' : (state as ItemState);
    const set = {
      state: now,
      isFailure: isFailure(action),
      code: fault?.code ?? null,
      detail: fault?.detail.slice(0, 300) ?? null,
      endedAt,
      ...(login !== null && { login }),
    };
    // Whoever was tried anew since is in work by another action.
    const item = await this.items.findOneAndUpdate(
      { _id: itemId(job, n), action: action._id },
      { $set: set },
      { session, returnDocument: 'before' },
    );
    if (!item || item.state === now) return;
    const failures = Number(set.isFailure) - Number(item.isFailure);
    await this.count([item], () => ({ [item.state]: -1, [now]: 1, failures }), session);
  }

  /** Those of the next places who were refused or failed wait again; answers the place to go on from, or null at the end. */
  async retryFrom(job: string, from: number): Promise<number | null> {
    await this.open(job);
    return this.database.transaction(async (session) => {
      const open = { _id: job, state: { $in: ['running', 'paused', 'stopped', 'done'] as BulkState[] } };
      if (!(await this.jobs.findOne(open, { session, projection: { _id: 1 } }))) return null;
      const found = await this.items
        .find({ job, n: { $gte: from }, state: { $in: again } }, { session })
        .sort({ n: 1 })
        .limit(batch)
        .toArray();
      if (found.length === 0) return null;
      const set = { state: 'waiting' as const, isFailure: false, code: null, detail: null, endedAt: null };
      await this.items.updateMany({ _id: { $in: found.map(({ _id }) => _id) } }, { $set: set }, { session });
      await this.count(
        found,
        ({ state, isFailure: was }) => ({ [state]: -1, waiting: 1, failures: -Number(was) }),
        session,
      );
      return found.at(-1)!.n + 1;
    });
  }

  /** Adds up what changes by each of these, and writes it to the tallies. */
  private async count(
    items: BulkItem[],
    changeOf: (item: BulkItem) => Record<string, number>,
    session: ClientSession,
  ): Promise<void> {
    const changes = new Map<string, Record<string, number>>();
    for (const item of items) {
      const id = this.tallyId(item.job, item.n);
      const sum = changes.get(id) ?? { version: 0 };
      for (const [name, by] of Object.entries({ ...changeOf(item), version: 1 })) sum[name] = (sum[name] ?? 0) + by;
      changes.set(id, sum);
    }
    const writes = [...changes].map(([_id, $inc]) => ({ updateOne: { filter: { _id }, update: { $inc } } }));
    await this.tallies.bulkWrite(writes, { session });
  }
}
