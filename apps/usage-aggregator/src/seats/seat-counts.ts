import { Injectable } from '@nestjs/common';
import { oktaItself, type AppRow, type PersonStatus, type SeatOrigins } from '@seatwise/contracts';
import { Collections } from '../store/collections.js';
import { compactDayOf, type AppDocument, type SeatCountDocument } from '../store/documents.js';
import { direct, never, unnamed } from './shift.js';

/** The seats of an app, or of Okta itself. */
export interface Counts {
  /** Whoever is assigned, with a seat or without; of Okta itself: everybody. */
  held: number;
  seats: number;
  used: number;
  unused: number;
  /** The people of each status, of Okta itself; only those that occur. */
  statuses: Partial<Record<PersonStatus, number>>;
}

export const none: Counts = { held: 0, seats: 0, used: 0, unused: 0, statuses: {} };

/** How many seats are used, for any window, from counts that are kept with each write of a seat. */
export class CountsByApp {
  private readonly counts = new Map<string, Counts>();

  /** `start` is where the window begins; the day that it lies in counts as a whole. */
  constructor(documents: Iterable<SeatCountDocument>, start: number) {
    const firstDay = compactDayOf(start);
    for (const document of documents) {
      const { connection, app } = document;
      this.counts.set(`${connection}|${app}`, plus(this.of(connection, app), countsOf(document, firstDay)));
    }
  }

  of(connection: string, app: string): Counts {
    return this.counts.get(`${connection}|${app}`) ?? none;
  }
}

function countsOf({ held = 0, lastOn = {}, statuses = {} }: SeatCountDocument, firstDay: string): Counts {
  let [seats, used] = [0, 0];
  for (const [day, count] of Object.entries(lastOn)) {
    seats += count;
    if (day !== never && day >= firstDay) used += count;
  }
  return { held, seats, used, unused: seats - used, statuses };
}

export const plus = (one: Counts, other: Counts): Counts => ({
  held: one.held + other.held,
  seats: one.seats + other.seats,
  used: one.used + other.used,
  unused: one.unused + other.unused,
  statuses: added(one.statuses, other.statuses),
});

function added<K extends string>(one: Partial<Record<K, number>>, other: Partial<Record<K, number>>) {
  const sum = { ...one };
  for (const [key, count] of Object.entries(other) as [K, number][]) {
    const total = (sum[key] ?? 0) + count;
    if (total === 0) delete sum[key];
    else sum[key] = total;
  }
  return sum;
}

/** Reads the counts of apps. */
@Injectable()
export class SeatCounts {
  constructor(private readonly collections: Collections) {}

  /** Of the apps of these connections, or of those that are named. */
  async of(
    home: { workspace: string; connection: string | { $in: string[] } },
    start: number,
    app?: string | { $in: string[] },
  ): Promise<CountsByApp> {
    const documents = await this.collections.seatCounts.find({ ...home, ...(app !== undefined && { app }) }).toArray();
    return new CountsByApp(documents, start);
  }

  /** By what the seats of an app are held; null where not all of them have been counted so. */
  async originsOf(home: { workspace: string; connection: string }, app: string): Promise<SeatOrigins | null> {
    const documents = await this.collections.seatCounts.find({ ...home, app }).toArray();
    const origins = documents.map(({ origins: own = {} }) => own).reduce(added<string>, {}) as Record<string, number>;
    const held = documents.reduce((sum, { held: own = 0 }) => sum + own, 0);
    const { [direct]: directly = 0, [unnamed]: byUnnamed = 0, ...byGroup } = origins;
    const counted = Object.values(byGroup).reduce((sum, count) => sum + count, directly + byUnnamed);
    return counted === held ? { direct: directly, unnamed: byUnnamed, byGroup } : null;
  }
}

export function rowOf(
  { connection, app, label, name, status }: Pick<AppDocument, 'connection' | 'app' | 'label' | 'name' | 'status'>,
  counts: CountsByApp,
): AppRow {
  const { seats, used, unused } = counts.of(connection, app);
  return { connection, id: app, label, name, status, seats, used, unused };
}

/** The row of Okta itself, which is an app like any other to whoever counts seats. */
export const oktaRowOf = (connection: string, counts: CountsByApp): AppRow =>
  rowOf({ connection, app: oktaItself, label: 'Okta', name: 'okta', status: 'ACTIVE' }, counts);
