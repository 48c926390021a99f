import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { MissingDto, RunState, StageDto } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import type { ClientSession, mongo } from 'mongoose';
import type { Expansion, Run } from './run.js';

@Injectable()
export class RunsRepository implements OnModuleInit {
  constructor(private readonly database: Database) {}

  private get runs(): mongo.Collection<Run> {
    return this.database.collection<Run>('runs');
  }

  async onModuleInit(): Promise<void> {
    await this.database.ensureIndexes([
      { collection: 'runs', key: { workspace: 1, _id: -1 } },
      { collection: 'runs', key: { connection: 1, _id: -1 } },
      { collection: 'runs', key: { state: 1, lookedAt: 1 } },
    ]);
  }

  async add(run: Run, session: ClientSession): Promise<void> {
    await this.runs.insertOne(run, { session });
  }

  find(id: string): Promise<Run | null> {
    return this.runs.findOne({ _id: id });
  }

  findIn(workspace: string, id: string): Promise<Run | null> {
    return this.runs.findOne({ _id: id, workspace });
  }

  /** The newest first; ids sort by the moment they were made. */
  list(workspace: string, connection: string | undefined, before: string | undefined, limit: number): Promise<Run[]> {
    const filter = { workspace, ...(connection && { connection }), ...(before && { _id: { $lt: before } }) };
    return this.runs.find(filter).sort({ _id: -1 }).limit(limit).toArray();
  }

  /** The newest runs of a connection, the newest first. */
  newest(connection: string, limit: number, session: ClientSession): Promise<Run[]> {
    return this.runs.find({ connection }, { session }).sort({ _id: -1 }).limit(limit).toArray();
  }

  /** The running run that nobody has looked at for longest, and not for a second, claimed; null: there is none. */
  claimToLook(): Promise<Run | null> {
    const now = Date.now();
    return this.runs.findOneAndUpdate(
      { state: 'running', lookedAt: { $lte: new Date(now - 1_000) } },
      { $set: { lookedAt: new Date(now) }, $inc: { version: 1 } },
      { sort: { lookedAt: 1 }, returnDocument: 'after' },
    );
  }

  /** Moves a run on from a state it is in; null when it was in another. */
  move(id: string, from: RunState, change: Partial<Run>, session?: ClientSession): Promise<Run | null> {
    return this.runs.findOneAndUpdate(
      { _id: id, state: from },
      { $set: change, $inc: { version: 1 } },
      { returnDocument: 'after', ...(session && { session }) },
    );
  }

  /** Tasks of the run wait for a rate limit until then. */
  async wait(id: string, until: Date): Promise<void> {
    const from = { $max: ['$waitsUntil', '$$NOW'] };
    const longer = { $max: [0, { $subtract: [until, from] }] };
    await this.runs.updateOne({ _id: id }, [
      { $set: { waitedMs: { $add: ['$waitedMs', longer] }, waitsUntil: { $max: ['$waitsUntil', until] } } },
    ]);
  }

  async miss(id: string, missing: MissingDto, session?: ClientSession): Promise<void> {
    await this.runs.updateOne(
      { _id: id, 'missing.kind': { $ne: missing.kind } },
      { $push: { missing }, $inc: { version: 1 } },
      session ? { session } : {},
    );
  }

  /** Keeps what the tasks of an ended run came to. */
  async keepStages(id: string, stages: StageDto[], session: ClientSession): Promise<void> {
    await this.runs.updateOne({ _id: id }, { $set: { stages } }, { session });
  }

  async expanded(id: string, what: Expansion): Promise<void> {
    await this.runs.updateOne({ _id: id }, { $addToSet: { expanded: what } });
  }

  /** The runs of a connection that are in one of these states. */
  inState(connection: string, states: RunState[], session?: ClientSession): Promise<Run[]> {
    return this.runs.find({ connection, state: { $in: states } }, session ? { session } : {}).toArray();
  }

  async erase(connection: string): Promise<void> {
    await this.runs.deleteMany({ connection });
  }
}
