import { Injectable, type OnModuleInit } from '@nestjs/common';
import { eventEntry, actionRequested, type ListActions } from '@seatwise/contracts';
import { Database, Outbox } from '@seatwise/persistence';
import { mongo, type ClientSession } from 'mongoose';
import { dtoOf, type Action } from './action.js';

/** Who has a lane at the moment. */
interface Lane {
  _id: string;
  holder: string;
}

/** What one action must know of another on the same person, to tell its traces from its own. */
export type OtherAction = Pick<Action, 'action' | 'effect' | 'endedAt' | 'requests'>;

const longestLookedForMs = 86_400_000;

/** This attempt is not the action's any more: another worker has taken it over. */
export class AttemptLost extends Error {}

const isDuplicate = (error: unknown): boolean => error instanceof mongo.MongoServerError && error.code === 11_000;

/** The actions and whose turn it is. */
@Injectable()
export class ActionsRepository implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  private get actions(): mongo.Collection<Action> {
    return this.database.collection<Action>('actions');
  }
  private get lanes(): mongo.Collection<Lane> {
    return this.database.collection<Lane>('lanes');
  }

  async onModuleInit(): Promise<void> {
    await this.database.ensureIndexes([
      { collection: 'actions', key: { workspace: 1, idempotencyKey: 1 }, options: { unique: true } },
      { collection: 'actions', key: { workspace: 1, _id: -1 } },
      { collection: 'actions', key: { workspace: 1, connection: 1, person: 1, _id: -1 } },
      { collection: 'actions', key: { lane: 1, endedAt: 1, _id: 1 } },
      { collection: 'actions', key: { connection: 1, endedAt: 1 } },
      {
        collection: 'actions',
        key: { 'bulk.job': 1, _id: -1 },
        options: { partialFilterExpression: { 'bulk.job': { $exists: true } } },
      },
      {
        collection: 'actions',
        key: { nextLookAt: 1 },
        options: { partialFilterExpression: { nextLookAt: { $type: 'date' } } },
      },
    ]);
  }

  find(id: string): Promise<Action | null> {
    return this.actions.findOne({ _id: id });
  }

  /** As it stands within a transaction. */
  async read(id: string, session: ClientSession): Promise<Action> {
    const found = await this.actions.findOne({ _id: id }, { session });
    if (!found) throw new Error(`there is no action ${id}`);
    return found;
  }

  inWorkspace(workspace: string, id: string): Promise<Action | null> {
    return this.actions.findOne({ _id: id, workspace });
  }

  byKey(workspace: string, idempotencyKey: string): Promise<Action | null> {
    return this.actions.findOne({ workspace, idempotencyKey });
  }

  /** Keeps a new action and tells of it; false when its idempotency key is taken. */
  async insert(action: Action): Promise<boolean> {
    try {
      await this.database.transaction((session) => this.insertIn([action], session));
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
    this.outbox.kick();
    return true;
  }

  /** Keeps new actions and tells of them, within a transaction. */
  async insertIn(actions: Action[], session: ClientSession): Promise<void> {
    await this.actions.insertMany(actions, { session });
    for (const action of actions)
      await this.outbox.add(eventEntry(actionRequested, action.workspace, dtoOf(action)), session);
  }

  /** The newest first. */
  page(
    { workspace, connection, person, action, state, bulk }: Omit<ListActions, 'limit' | 'cursor'>,
    limit: number,
    before: string | undefined,
  ): Promise<Action[]> {
    const query: mongo.Filter<Action> = {
      workspace,
      ...(connection !== undefined && { connection }),
      ...(person !== undefined && { person }),
      ...(action !== undefined && { action }),
      ...(state !== undefined && { state }),
      ...(bulk !== undefined && { 'bulk.job': bulk }),
      ...(before !== undefined && { _id: { $lt: before } }),
    };
    return this.actions.find(query).sort({ _id: -1 }).limit(limit).toArray();
  }

  /**
   * Whether this action has its lane now: it keeps it until it has ended, whoever works on it. Of those that wait the one
   * that was made first goes first.
   */
  async hasTurn({ _id, lane }: Action): Promise<boolean> {
    const taken = await this.lanes.findOne({ _id: lane });
    if (taken?.holder === _id) return true;
    if (taken) {
      const holder = await this.actions.findOne({ _id: taken.holder }, { projection: { endedAt: 1 } });
      if (holder?.endedAt === null) return false;
      // Somebody took it for an action that had just ended.
      await this.lanes.deleteOne({ _id: lane, holder: taken.holder });
    }
    if (
      await this.actions.findOne({ lane, dryRun: false, endedAt: null, _id: { $lt: _id } }, { projection: { _id: 1 } })
    )
      return false;
    try {
      await this.lanes.updateOne({ _id: lane, holder: _id }, { $set: { holder: _id } }, { upsert: true });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  /** Begins an attempt; null when the action has ended or another attempt is under way. */
  claim(id: string, leaseMs: number): Promise<Action | null> {
    return this.actions.findOneAndUpdate(
      { _id: id, endedAt: null, $expr: { $lte: ['$leaseUntil', '$$NOW'] } },
      [
        {
          $set: {
            state: 'running',
            attempt: { $add: ['$attempt', 1] },
            triedAt: { $ifNull: ['$triedAt', '$$NOW'] },
            leaseUntil: { $add: ['$$NOW', leaseMs] },
            nextLookAt: { $add: ['$$NOW', 2 * leaseMs] },
          },
        },
      ],
      { returnDocument: 'after' },
    );
  }

  /** Throws {@link AttemptLost} when another attempt has it. */
  async extend({ _id, attempt }: Action, leaseMs: number): Promise<void> {
    const lease = { leaseUntil: { $add: ['$$NOW', leaseMs] }, nextLookAt: { $add: ['$$NOW', 2 * leaseMs] } };
    const { matchedCount } = await this.actions.updateOne({ _id, attempt, endedAt: null }, [{ $set: lease }]);
    if (matchedCount === 0) throw new AttemptLost();
  }

  /** Lets the next attempt begin at once. */
  async release({ _id, attempt }: Action): Promise<void> {
    await this.actions.updateOne({ _id, attempt, endedAt: null }, { $set: { leaseUntil: new Date(0) } });
  }

  /** Writes of this attempt. Throws {@link AttemptLost} when another has it, and then nothing is written. */
  async write({ _id, attempt }: Action, set: Partial<Action>, session?: ClientSession): Promise<void> {
    const { matchedCount } = await this.actions.updateOne(
      { _id, attempt, endedAt: null },
      { $set: set, $inc: { version: 1 } },
      session ? { session } : {},
    );
    if (matchedCount === 0) throw new AttemptLost();
  }

  async leaveLane({ _id, lane }: Action, session?: ClientSession): Promise<void> {
    await this.lanes.deleteOne({ _id: lane, holder: _id }, session ? { session } : {});
  }

  async markUndone(id: string, by: string, session: ClientSession): Promise<void> {
    await this.actions.updateOne({ _id: id }, { $set: { undoneBy: by }, $inc: { version: 1 } }, { session });
  }

  /** What was found out about an action that had ended unknown; false when somebody else has found it out. */
  async settled({ _id, version }: Action, set: Partial<Action>, session?: ClientSession): Promise<boolean> {
    const { matchedCount } = await this.actions.updateOne(
      { _id, version, state: 'unknown' },
      { $set: set, $inc: { version: 1 } },
      session ? { session } : {},
    );
    return matchedCount === 1;
  }

  /**
   * An action that somebody should look at by now: left behind, or ended unknown. Each is handed out once in a while, less
   * often the older it is, and one that ended unknown for a day.
   */
  async nextToLookAt(): Promise<Action | null> {
    const age = { $subtract: ['$$NOW', '$createdAt'] };
    const next = { $add: ['$$NOW', { $max: [60_000, { $divide: [age, 4] }] }] };
    const isOver = { $and: [{ $eq: ['$state', 'unknown'] }, { $gt: [age, longestLookedForMs] }] };
    return this.actions.findOneAndUpdate(
      // Without the type in it the index of dates is not taken, and each look goes through all that was ever done.
      { nextLookAt: { $lte: new Date(), $type: 'date' } },
      [{ $set: { nextLookAt: { $cond: [isOver, null, next] } } }],
      { sort: { nextLookAt: 1 }, returnDocument: 'before' },
    );
  }

  /** Those that would still change something in Okta, as they are when each is read. */
  unended(): AsyncIterable<Action> {
    return this.actions.find({ endedAt: null, dryRun: false }).sort({ _id: 1 });
  }

  /** Has one that ended unknown looked at as soon as somebody can. */
  async lookNow(id: string): Promise<void> {
    await this.actions.updateOne({ _id: id, state: 'unknown' }, { $set: { nextLookAt: new Date() } });
  }

  async hasUnended(connection: string): Promise<boolean> {
    return (await this.actions.findOne({ connection, endedAt: null }, { projection: { _id: 1 } })) !== null;
  }

  async erase(connection: string): Promise<void> {
    await this.actions.deleteMany({ connection });
  }

  /** Other actions on this person that have not ended, or did so since this one came to be. */
  others({ _id, lane, createdAt }: Action): Promise<OtherAction[]> {
    return this.actions
      .find({ lane, _id: { $ne: _id }, dryRun: false, $or: [{ endedAt: null }, { endedAt: { $gte: createdAt } }] })
      .project<OtherAction>({ action: 1, effect: 1, endedAt: 1, requests: 1 })
      .toArray();
  }
}
