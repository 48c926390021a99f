import { Injectable } from '@nestjs/common';
import type { AppRow } from '@seatwise/contracts';
import { Collections } from '../store/collections.js';
import type { AppDocument } from '../store/documents.js';

export interface Counts {
  seats: number;
  used: number;
  unused: number;
}
/** Of an app: also whoever is assigned, with a seat or without. */
export interface AppCounts extends Counts {
  assigned: number;
}
const none: Counts = { seats: 0, used: 0, unused: 0 };

/** The seats of a workspace's apps, counted from an index alone. */
@Injectable()
export class SeatCounts {
  constructor(private readonly collections: Collections) {}

  /** By `{connection}|{app}`; an app to which nobody is assigned is not there. */
  async perApp(
    home: { workspace: string; connection: string | { $in: string[] } },
    start: number,
    app?: string | { $in: string[] },
  ): Promise<Map<string, AppCounts>> {
    const rows = this.collections.seats.aggregate<{
      _id: { connection: string; app: string; licensed: boolean };
      all: number;
      used: number;
    }>([
      // Both are named, for the index has them before the app.
      { $match: { ...home, removed: false, licensed: { $in: [true, false] }, ...(app !== undefined && { app }) } },
      { $project: { _id: 0, connection: 1, app: 1, licensed: 1, last: 1 } },
      {
        $group: {
          _id: { connection: '$connection', app: '$app', licensed: '$licensed' },
          all: { $sum: 1 },
          used: { $sum: { $cond: [{ $gte: ['$last', start] }, 1, 0] } },
        },
      },
    ]);
    const counts = new Map<string, AppCounts>();
    for await (const { _id, all, used } of rows) {
      const key = `${_id.connection}|${_id.app}`;
      const before = counts.get(key) ?? { ...none, assigned: 0 };
      const licensed = _id.licensed ? { seats: all, used, unused: all - used } : none;
      counts.set(key, {
        seats: before.seats + licensed.seats,
        used: before.used + licensed.used,
        unused: before.unused + licensed.unused,
        assigned: before.assigned + all,
      });
    }
    return counts;
  }

  /** The seats in Okta itself. */
  async ofOkta(home: { workspace: string; connection: string | { $in: string[] } }, start: number): Promise<Counts> {
    const [row] = await this.collections.people
      .aggregate<Omit<Counts, 'unused'>>([
        { $match: { ...home, known: true, licensed: true } },
        { $group: { _id: null, seats: { $sum: 1 }, used: { $sum: { $cond: [{ $gte: ['$last', start] }, 1, 0] } } } },
      ])
      .toArray();
    return row ? { seats: row.seats, used: row.used, unused: row.seats - row.used } : none;
  }
}

export const rowOf = (
  { _id, connection, app, label, name, status }: AppDocument,
  counts: Map<string, AppCounts>,
): AppRow => {
  const { seats, used, unused } = counts.get(_id) ?? none;
  return { connection, id: app, label, name, status, seats, used, unused };
};
