import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { oktaItself } from '@seatwise/contracts';
import { createLogger } from '@seatwise/observability';
import type { ClientSession } from 'mongoose';
import type { Home } from '../connections/connections.js';
import { Collections } from '../store/collections.js';
import { idsUnder, type SeatCountDocument } from '../store/documents.js';
import { never, originOf } from './shift.js';

const log = createLogger('seat-recount');
const everyMs = 86_400_000;

/** Seats that are licensed or not, of the same last day and, in Okta itself, of the same status, in an app of the same origin. */
interface Alike {
  _id: { licensed: boolean; day: string | null; status?: string; scope?: 'USER' | 'GROUP'; group?: string | null };
  seats: number;
}

/**
 * Counts the seats of a connection one by one, once a day: that folds the slots into one document, drops the days of
 * which nothing is left, and brings counts to figures that were written before there were any.
 */
@Injectable()
export class Recount implements OnApplicationBootstrap {
  constructor(private readonly collections: Collections) {}

  async onApplicationBootstrap(): Promise<void> {
    const uncounted = await this.collections.connections.find({ countedAt: { $exists: false } }).toArray();
    for (const { _id: connection, workspace } of uncounted) await this.whenDue({ workspace, connection });
  }

  /** Nothing, where it was done within a day, or is being done by another replica. */
  async whenDue(home: Home): Promise<void> {
    const now = Date.now();
    const { matchedCount } = await this.collections.connections.updateOne(
      {
        _id: home.connection,
        workspace: home.workspace,
        $or: [{ countedAt: { $exists: false } }, { countedAt: { $lte: now - everyMs } }],
      },
      { $set: { countedAt: now } },
    );
    if (matchedCount === 1) await this.run(home);
  }

  async run(home: Home): Promise<void> {
    const apps = await this.collections.seats.distinct('app', { ...home, removed: false });
    const counted = await this.collections.seatCounts.distinct('app', { ...home });
    for (const app of new Set([oktaItself, ...apps, ...counted])) await this.countOne(home, app);
    log.info({ connection: home.connection, apps: apps.length }, 'the seats were counted anew');
  }

  /**
   * What another transaction adds meanwhile stays beside it: a slot that it makes is not among those that are deleted
   * here, and of one that both write, one of the two begins again.
   */
  private async countOne(home: Home, app: string): Promise<void> {
    const { seatCounts } = this.collections;
    await this.collections.transaction(async (session) => {
      const counts: SeatCountDocument = { _id: `${home.connection}|${app}|counted`, ...home, app, held: 0, lastOn: {} };
      for (const { _id, seats } of await this.alike(home, app, session)) {
        counts.held = (counts.held ?? 0) + seats;
        if (_id.licensed) add((counts.lastOn ??= {}), _id.day ?? never, seats);
        if (_id.scope !== undefined)
          add((counts.origins ??= {}), originOf({ scope: _id.scope, group: _id.group ?? null }), seats);
        if (_id.status !== undefined) add((counts.statuses ??= {}), _id.status, seats);
      }
      await seatCounts.deleteMany({ _id: idsUnder(home.connection, app) }, { session });
      if (counts.held !== 0) await seatCounts.insertOne(counts, { session });
    });
  }

  private alike(home: Home, app: string, session: ClientSession): Promise<Alike[]> {
    const { people, seats } = this.collections;
    const day = { $dateToString: { date: { $toDate: '$last' }, format: '%Y%m%d', onNull: null } };
    const group = (more: object) => ({
      $group: { _id: { licensed: '$licensed', day, ...more }, seats: { $sum: 1 } },
    });
    return app === oktaItself
      ? people
          .aggregate<Alike>([{ $match: { ...home, known: true } }, group({ status: '$status' })], { session })
          .toArray()
      : seats
          .aggregate<Alike>(
            [{ $match: { ...home, app, removed: false } }, group({ scope: '$scope', group: '$group' })],
            { session },
          )
          .toArray();
  }
}

function add(counts: Record<string, number>, key: string, by: number): void {
  counts[key] = (counts[key] ?? 0) + by;
}
