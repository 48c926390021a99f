import { Injectable } from '@nestjs/common';
import { seatlessStatuses, type AssignmentChange, type PersonStatus } from '@seatwise/contracts';
import type { ClientSession, mongo } from 'mongoose';
import type { Home } from '../connections/connections.js';
import { originOf, Shift } from '../seats/shift.js';
import { Collections } from '../store/collections.js';
import {
  strangerOf,
  unnamedSeat,
  type PersonDocument,
  type SeatDocument,
  type SeatNaming,
} from '../store/documents.js';
import { slotOf } from '../store/slot.js';
import { newestOf } from './newest.js';

type Carried = SeatNaming & { personStatus: PersonStatus | null };

/** Brings seats in apps to what a page of the mirror says. */
@Injectable()
export class AssignmentChanges {
  private readonly slot = slotOf('assignments');

  constructor(private readonly collections: Collections) {}

  async apply(home: Home, page: AssignmentChange[], session: ClientSession): Promise<void> {
    const { seats, seatCounts } = this.collections;
    const idOf = (id: string) => {
      const { app, person } = partsOf(id);
      return `${home.connection}|${person}|${app}`;
    };
    const changes = newestOf(page);
    const found = await seats
      .find({ _id: { $in: changes.map(({ id }) => idOf(id)) } }, { session })
      .project<Before>({ v: 1, removed: 1, licensed: 1, last: 1, scope: 1, group: 1 })
      .toArray();
    const before = new Map(found.map((seat) => [seat._id, seat]));
    const newer = changes.filter(({ id, v }) => v > (before.get(idOf(id))?.v ?? -1));
    if (newer.length === 0) return;
    const people = await this.carriedOf(home, [...new Set(newer.map(({ id }) => partsOf(id).person))], session);
    const shift = new Shift();
    const writes = newer.map((change): mongo.AnyBulkWriteOperation<SeatDocument> => {
      const { id, v, scope, status, group, created, removed } = change;
      const { app, person } = partsOf(id);
      const fields = {
        ...(people.get(person) ?? { ...unnamedSeat, personStatus: null }),
        v,
        scope,
        status,
        group,
        created,
        removed,
        licensed: !removed && !(seatlessStatuses as readonly string[]).includes(status),
      };
      const _id = idOf(id);
      const was = before.get(_id);
      const last = was?.last ?? null;
      shift.move(home, app, heldOf(was), heldOf({ ...fields, last }));
      return was
        ? { updateOne: { filter: { _id }, update: { $set: fields } } }
        : { insertOne: { document: { _id, ...home, app, person, ...fields, last } } };
    });
    await seats.bulkWrite(writes, { session, ordered: false });
    await shift.write(seatCounts, this.slot, session);
  }

  /** Of people who are not known yet a stranger's document is left, by which their own change finds that they hold seats. */
  private async carriedOf(home: Home, persons: string[], session: ClientSession): Promise<Map<string, Carried>> {
    const { people } = this.collections;
    const found = await people
      .find({ _id: { $in: persons.map((person) => `${home.connection}|${person}`) } }, { session })
      .project<Carriable>({ _id: 0, person: 1, known: 1, nameKey: 1, emailKey: 1, words: 1, status: 1 })
      .toArray();
    const there = new Set(found.map(({ person }) => person));
    const strangers = persons.filter((person) => !there.has(person)).map((person) => strangerOf(home, person, null));
    if (strangers.length > 0) await people.insertMany(strangers, { session });
    return new Map(
      found
        .filter(({ known }) => known)
        .map(({ person, nameKey, emailKey, words, status }) => [
          person,
          { nameKey, emailKey, words, personStatus: status },
        ]),
    );
  }
}

type Before = Pick<SeatDocument, '_id' | 'v' | 'removed' | 'licensed' | 'last' | 'scope' | 'group'>;

/** A seat that is taken away, or that only a sign-in told of, is nobody's. */
const heldOf = (seat: Omit<Before, '_id' | 'v'> | undefined) =>
  seat && !seat.removed ? { licensed: seat.licensed, last: seat.last, origin: originOf(seat) } : undefined;

type Carriable = SeatNaming & Pick<PersonDocument, 'person' | 'known' | 'status'>;

function partsOf(id: string): { app: string; person: string } {
  const [app, person] = id.split('|') as [string, string];
  return { app, person };
}
