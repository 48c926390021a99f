import { Injectable } from '@nestjs/common';
import { defaultLicensedStatuses, InvalidRequest, type UserStatus } from '@seatwise/contracts';
import { Outbox } from '@seatwise/persistence';
import type { ClientSession, mongo } from 'mongoose';
import { Licensing } from '../seats/licensing.js';
import { Collections } from '../store/collections.js';
import { idsUnder, type ConnectionDocument } from '../store/documents.js';
import { repeatingOnDuplicate } from '../store/repeating.js';

/** What a message says of where it belongs. */
export interface Home {
  workspace: string;
  connection: string;
}

/** A connection of which nothing is known yet. */
const fresh = (workspace: string): Omit<ConnectionDocument, '_id' | 'pages'> => ({
  workspace,
  licensedStatuses: defaultLicensedStatuses,
  version: 0,
  licensedBy: defaultLicensedStatuses,
  removed: false,
  erased: false,
  directoryAsOf: null,
  signInsAsOf: null,
  signInsSince: null,
  countedAt: Date.now(),
});

/** A message names a connection that belongs to another workspace. Nothing of it is written; it is parked. */
export class ForeignConnection extends InvalidRequest {
  constructor({ connection }: Home) {
    super([{ path: '$.connection', detail: `${connection} is not a connection of this workspace` }]);
  }
}

/** The connections whose figures are kept. Messages of one may come before the one that announces it. */
@Injectable()
export class Connections {
  constructor(
    private readonly collections: Collections,
    private readonly licensing: Licensing,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Runs `write` unless the connection is erased, and erases again whatever an erasure that came in between left
   * over. So a message that comes late, or is in work while its connection is erased, leaves nothing behind.
   */
  async unlessErased<T>(home: Home, write: () => Promise<T>): Promise<T | undefined> {
    if (await this.isErased(home)) return this.eraseFigures(home);
    const outcome = await write();
    if (await this.isErased(home)) return this.eraseFigures(home);
    return outcome;
  }

  /** The statuses that take a seat, held until the transaction ends: a change of them comes before or after it. */
  async holdStatuses({ workspace, connection }: Home, session: ClientSession): Promise<UserStatus[]> {
    const held = await this.collections.connections.findOneAndUpdate(
      { _id: connection, workspace },
      { $inc: { pages: 1 }, $setOnInsert: fresh(workspace) },
      { upsert: true, session, returnDocument: 'after' },
    );
    return held?.licensedStatuses ?? defaultLicensedStatuses;
  }

  /** All of the directory as of this moment has been taken. The mark never goes back. */
  async markDirectory(home: Home, asOf: string): Promise<void> {
    await this.makeKnown(home);
    await this.collections.connections.updateOne(
      { _id: home.connection, workspace: home.workspace },
      { $max: { directoryAsOf: Date.parse(asOf) } },
    );
  }

  /** All sign-ins between these moments have been counted. The mark never goes back. */
  async markSignIns(home: Home, upTo: string, since: string | undefined): Promise<void> {
    await this.makeKnown(home);
    const signInsAsOf = Date.parse(upTo);
    await this.collections.connections.updateOne(
      {
        _id: home.connection,
        workspace: home.workspace,
        $or: [{ signInsAsOf: null }, { signInsAsOf: { $lt: signInsAsOf } }],
      },
      { $set: { signInsAsOf, ...(since !== undefined && { signInsSince: Date.parse(since) }) } },
    );
  }

  /** Takes a copy of the connection when it is newer, and decides anew who holds a seat in Okta itself where that changed. */
  async take(home: Home, version: number, licensedStatuses: UserStatus[]): Promise<void> {
    await this.makeKnown(home);
    await this.collections.connections.updateOne(
      { _id: home.connection, workspace: home.workspace, version: { $lt: version } },
      { $set: { version, licensedStatuses } },
    );
    await this.licensing.bringUpToDate(home);
  }

  async remove(home: Home, history: 'keep' | 'erase'): Promise<void> {
    const erased = history === 'erase';
    await this.makeKnown(home);
    await this.collections.connections.updateOne(
      { _id: home.connection, workspace: home.workspace },
      { $set: { removed: true, ...(erased && { erased }) } },
    );
    if (erased) await this.eraseFigures(home);
  }

  private async makeKnown({ workspace, connection }: Home): Promise<void> {
    await repeatingOnDuplicate(() =>
      this.collections.connections.updateOne(
        { _id: connection, workspace },
        { $setOnInsert: { ...fresh(workspace), pages: 0 } },
        { upsert: true },
      ),
    );
  }

  /** Makes the connection known where it is not. Throws {@link ForeignConnection} when it is another workspace's. */
  private async isErased(home: Home): Promise<boolean> {
    const found = await this.collections.connections.findOne({ _id: home.connection });
    if (!found) await this.makeKnown(home);
    else if (found.workspace !== home.workspace) throw new ForeignConnection(home);
    return found?.erased ?? false;
  }

  /** Every id begins with the connection, so that all of its documents lie together. */
  private async eraseFigures({ connection }: Home): Promise<undefined> {
    const { people, apps, seats, seatCounts, days, totals, signIns } = this.collections;
    await Promise.all([erase(people), erase(apps), erase(seats), erase(seatCounts)]);
    await Promise.all([erase(days), erase(totals), erase(signIns), this.outbox.erase(connection)]);
    async function erase<D extends { _id: string }>(collection: mongo.Collection<D>): Promise<void> {
      const own = { _id: idsUnder(connection) } as mongo.Filter<D>;
      for (;;) {
        const last = await collection.find(own, { projection: { _id: 1 }, sort: { _id: 1 }, skip: eraseAtOnce }).next();
        if (!last) break;
        await collection.deleteMany({ _id: { ...idsUnder(connection), $lt: last._id } } as mongo.Filter<D>);
      }
      await collection.deleteMany(own);
    }
    return undefined;
  }
}

/** Documents that one command of an erasure takes away. */
const eraseAtOnce = 10_000;
