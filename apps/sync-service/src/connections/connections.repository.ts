import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ConnectionDto } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import { mongo, type ClientSession } from 'mongoose';
import { copyOf, type Connection } from './connection.js';

const firstSyncWithinMs = 5_000;
const afterItsInterval = { $add: ['$$NOW', { $multiply: ['$syncEveryMinutes', 60_000] }] };

/** The connections that are synced. */
@Injectable()
export class ConnectionsRepository implements OnModuleInit {
  constructor(private readonly database: Database) {}

  private get connections(): mongo.Collection<Connection> {
    return this.database.collection<Connection>('connections');
  }

  async onModuleInit(): Promise<void> {
    await this.database.ensureIndexes([
      { collection: 'connections', key: { nextSyncAt: 1 } },
      { collection: 'connections', key: { nextLogAt: 1 } },
      { collection: 'connections', key: { workspace: 1 } },
    ]);
  }

  find(id: string): Promise<Connection | null> {
    return this.connections.findOne({ _id: id });
  }

  /** Those of a workspace that are still connected. */
  syncedIn(workspace: string): Promise<Connection[]> {
    return this.connections.find({ workspace, removed: false, paused: false }).toArray();
  }

  /** Those of all workspaces that are synced. */
  synced(): AsyncIterable<Connection> {
    return this.connections.find({ removed: false, paused: false });
  }

  /** The mirror is what the org was then. */
  async whole(id: string, asOf: Date, session: ClientSession): Promise<void> {
    await this.connections.updateOne({ _id: id }, { $max: { wholeAt: asOf } }, { session });
  }

  /** Takes over what connection-service announced, unless something newer is known or the connection is gone. */
  async learn(dto: ConnectionDto): Promise<void> {
    const now = new Date();
    // Whoever learns of it starts its first run, under the trace of the one who connected it; the schedule does when they die.
    const nextSyncAt = new Date(now.getTime() + firstSyncWithinMs);
    const fresh = { removed: false as const, runNumber: 0, activeRun: null, nextSyncAt, nextLogAt: now };
    try {
      await this.connections.updateOne(
        { _id: dto.id },
        { $setOnInsert: { ...copyOf(dto), ...fresh } },
        { upsert: true },
      );
    } catch (error) {
      // Another replica has just made it.
      if (!(error instanceof mongo.MongoServerError) || error.code !== 11_000) throw error;
    }
    const soonest = new Date(now.getTime() + dto.syncEveryMinutes * 60_000);
    await this.connections.updateOne(
      { _id: dto.id, version: { $lt: dto.version }, removed: false },
      { $set: copyOf(dto), $min: { nextSyncAt: soonest } },
    );
  }

  /** Before it is heard of, for a backup that is only tried. Answers how many were not. */
  async pauseAll(): Promise<number> {
    return (await this.connections.updateMany({ removed: false, paused: false }, { $set: { paused: true } }))
      .modifiedCount;
  }

  /** Marks it as gone also when it was never known, so that a late announcement does not bring it back. */
  async remove(id: string, workspace: string, history: 'keep' | 'erase'): Promise<void> {
    const gone = { removed: history, activeRun: null };
    const now = new Date();
    const unknown = {
      workspace,
      orgUrl: '',
      version: 0,
      paused: true,
      health: 'failing' as const,
      syncEveryMinutes: 1_440,
      rateShare: 0.5,
      shrinkShare: 0.1,
      runNumber: 0,
      nextSyncAt: now,
      nextLogAt: now,
      createdAt: now.toISOString(),
    };
    await this.connections.updateOne({ _id: id }, { $set: gone, $setOnInsert: unknown }, { upsert: true });
  }

  /** Makes the run the connection's one active run and gives it its number; null when there is one, or it may not run. */
  claimRun(id: string, run: string, session: ClientSession): Promise<Connection | null> {
    return this.connections.findOneAndUpdate(
      { _id: id, activeRun: null, removed: false, paused: false },
      [
        {
          $set: {
            activeRun: run,
            runNumber: { $add: ['$runNumber', 1] },
            nextSyncAt: afterItsInterval,
          },
        },
      ],
      { session, returnDocument: 'after' },
    );
  }

  /** The next one leaves Okta alone for the interval after one that took longer than that. */
  async releaseRun(id: string, run: string, session?: ClientSession): Promise<void> {
    await this.connections.updateOne(
      { _id: id, activeRun: run },
      [{ $set: { activeRun: null, nextSyncAt: afterItsInterval } }],
      session ? { session } : {},
    );
  }

  /** Makes a paused run the active one again; false when another is. */
  async reclaimRun(id: string, run: string, session: ClientSession): Promise<boolean> {
    const { matchedCount } = await this.connections.updateOne(
      { _id: id, removed: false, activeRun: null, runNumber: { $gt: 0 } },
      { $set: { activeRun: run } },
      { session },
    );
    return matchedCount === 1;
  }

  dueForSync(limit: number): Promise<Connection[]> {
    const due = { nextSyncAt: { $lte: new Date() }, activeRun: null, removed: false as const, paused: false };
    return this.connections.find(due).sort({ nextSyncAt: 1 }).limit(limit).toArray();
  }

  /**
   * One connection whose log is due, claimed: the next one that asks gets another. A credential that Okta has rejected is
   * tried with the syncs alone.
   */
  claimLog(everySeconds: number): Promise<Connection | null> {
    const now = Date.now();
    return this.connections.findOneAndUpdate(
      {
        nextLogAt: { $lte: new Date(now) },
        removed: false,
        paused: false,
        runNumber: { $gt: 0 },
        health: { $ne: 'needs_reauth' },
      },
      { $set: { nextLogAt: new Date(now + everySeconds * 1_000) } },
      { sort: { nextLogAt: 1 } },
    );
  }

  /** The log is read as soon as anybody looks. */
  async readLogNow(id: string, session: ClientSession): Promise<void> {
    await this.connections.updateOne({ _id: id }, { $set: { nextLogAt: new Date() } }, { session });
  }
}
