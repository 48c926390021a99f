import { Injectable } from '@nestjs/common';
import type { AppRow } from '@seatwise/contracts';
import { Collections } from '../store/collections.js';
import type { AppDocument } from '../store/documents.js';

export interface Counts {
  seats: number;
  used: number;
  unused: number;
}
const none: Counts = { seats: 0, used: 0, unused: 0 };

/** The seats of a workspace's apps, counted from an index alone. */
@Injectable()
export class SeatCounts {
  constructor(private readonly collections: Collections) {}

  /** Licensed seats by `{connection}|{app}`; an app without any is not there. */
  async perApp(
    home: { workspace: string; connection: string | { $in: string[] } },
    start: number,
    app?: string | { $in: string[] },
  ): Promise<Map<string, Counts>> {
    const rows = this.collections.seats.aggregate<
      { _id: { connection: string; app: string } } & Omit<Counts, 'unused'>
    >([
      { $match: { ...home, removed: false, licensed: true, ...(app !== undefined && { app }) } },
      { $group: { _id: { connection: '$connection', app: '$app' }, ...tallied(start) } },
    ]);
    const counts = new Map<string, Counts>();
    for await (const { _id, seats, used } of rows)
      counts.set(`${_id.connection}|${_id.app}`, { seats, used, unused: seats - used });
    return counts;
  }

  /** The seats in Okta itself. */
  async ofOkta(home: { workspace: string; connection: string | { $in: string[] } }, start: number): Promise<Counts> {
    const [row] = await this.collections.people
      .aggregate<Omit<Counts, 'unused'>>([
        { $match: { ...home, known: true, licensed: true } },
        { $group: { _id: null, ...tallied(start) } },
      ])
      .toArray();
    return row ? { seats: row.seats, used: row.used, unused: row.seats - row.used } : none;
  }
}

const tallied = (start: number) => ({
  seats: { $sum: 1 },
  used: { $sum: { $cond: [{ $gte: ['$last', start] }, 1, 0] } },
});

export const rowOf = (
  { _id, connection, app, label, name, status }: AppDocument,
  counts: Map<string, Counts>,
): AppRow => ({ connection, id: app, label, name, status, ...(counts.get(_id) ?? none) });
