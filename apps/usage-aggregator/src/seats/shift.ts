import { oktaId, type PersonStatus } from '@seatwise/contracts';
import type { ClientSession, mongo } from 'mongoose';
import type { Home } from '../connections/connections.js';
import { compactDayOf, type SeatCountDocument } from '../store/documents.js';

/** A seat as its app's counts see it. */
export interface Held {
  licensed: boolean;
  /** The newest sign-in, epoch milliseconds. */
  last: number | null;
  /** Of the person, for seats in Okta itself. */
  status?: PersonStatus;
  /** By what it is held, for seats in apps, as {@link originOf} says. */
  origin?: string;
}

/** Held by itself, by a group that Okta did not name, or by the group of that id. */
export function originOf({ scope, group }: { scope: 'USER' | 'GROUP'; group: string | null }): string {
  if (scope === 'USER') return direct;
  return group !== null && oktaId.test(group) ? group : unnamed;
}
export const direct = 'direct';
export const unnamed = 'unnamed';

/** The day under which a seat that was never used is counted. */
export const never = 'never';

interface AppShift {
  home: Home;
  app: string;
  fields: Map<string, number>;
}

/**
 * By how much seats change the counts of their apps, gathered so that a transaction writes each app once. The counts are
 * right as long as whoever writes a seat tells of it here, within the same transaction.
 */
export class Shift {
  private readonly apps = new Map<string, AppShift>();

  /** The seat was as `before` says and is as `after` says; undefined: there is none. */
  move(home: Home, app: string, before: Held | undefined, after: Held | undefined): void {
    if (before) this.add(home, app, before, -1);
    if (after) this.add(home, app, after, 1);
  }

  /** Writes to `slot`: whoever writes at the same time should have another one. */
  async write(counts: mongo.Collection<SeatCountDocument>, slot: string, session: ClientSession): Promise<void> {
    const writes = this.changes().map(({ home, app, fields }) => ({
      updateOne: {
        filter: { _id: `${home.connection}|${app}|${slot}` },
        update: { $inc: Object.fromEntries(fields), $setOnInsert: { ...home, app } },
        upsert: true,
      },
    }));
    if (writes.length > 0) await counts.bulkWrite(writes, { session, ordered: false });
  }

  /** The apps whose counts change, and by how much. */
  changes(): AppShift[] {
    return [...this.apps.values()]
      .map((shift) => ({ ...shift, fields: new Map([...shift.fields].filter(([, by]) => by !== 0)) }))
      .filter(({ fields }) => fields.size > 0);
  }

  private add(home: Home, app: string, { licensed, last, status, origin }: Held, by: 1 | -1): void {
    const key = `${home.connection}|${app}`;
    let shift = this.apps.get(key);
    if (!shift) this.apps.set(key, (shift = { home, app, fields: new Map() }));
    const { fields } = shift;
    const count = (field: string) => fields.set(field, (fields.get(field) ?? 0) + by);
    count('held');
    if (status) count(`statuses.${status}`);
    if (origin) count(`origins.${origin}`);
    if (licensed) count(`lastOn.${last === null ? never : compactDayOf(last)}`);
  }
}
