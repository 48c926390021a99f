import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { oktaItself, type PersonChange, type PersonStatus, type UserStatus } from '@seatwise/contracts';
import type { ClientSession, mongo } from 'mongoose';
import type { Home } from '../connections/connections.js';
import { Shift } from '../seats/shift.js';
import { Collections } from '../store/collections.js';
import type { PersonDocument, SeatNaming } from '../store/documents.js';
import { slotOf } from '../store/slot.js';
import { literally, namingOf } from './naming.js';
import { newestOf } from './newest.js';

/** Brings people to what a page of the mirror says. */
@Injectable()
export class PersonChanges {
  private readonly slot = slotOf('people');

  constructor(private readonly collections: Collections) {}

  async apply(home: Home, page: PersonChange[], licensed: UserStatus[], session: ClientSession): Promise<void> {
    const { people, seatCounts } = this.collections;
    const idOf = (person: string) => `${home.connection}|${person}`;
    const changes = newestOf(page);
    const found = await people
      .find({ _id: { $in: changes.map(({ id }) => idOf(id)) } }, { session })
      .project<Before>({ v: 1, known: 1, nameKey: 1, emailKey: 1, words: 1, status: 1, licensed: 1, last: 1 })
      .toArray();
    const before = new Map(found.map((person) => [person._id, person]));
    const newer = changes.filter(({ id, v }) => v > (before.get(idOf(id))?.v ?? -1));
    if (newer.length === 0) return;
    const shift = new Shift();
    const writes = newer.map((change): mongo.AnyBulkWriteOperation<PersonDocument> => {
      const { id: person, v, status, created } = change;
      const fields = {
        ...namingOf(change),
        v,
        known: true,
        status,
        created,
        licensed: (licensed as string[]).includes(status),
      };
      const _id = idOf(person);
      const was = before.get(_id);
      const last = was?.last ?? null;
      shift.move(home, oktaItself, was?.known ? was : undefined, { ...fields, last });
      return was
        ? { updateOne: { filter: { _id }, update: { $set: fields } } }
        : { insertOne: { document: { _id, ...home, person, ...fields, last } } };
    });
    await people.bulkWrite(writes, { session, ordered: false });
    await shift.write(seatCounts, this.slot, session);
    // Whoever holds a seat has a document, if only that of a stranger; and most changes are of nothing that seats carry.
    const told = newer.filter((change) => {
      const was = before.get(idOf(change.id));
      return was !== undefined && !(was.known && isDeepStrictEqual(carriedOf(change), carriedBefore(was)));
    });
    await this.tellSeats(home, told, session);
  }

  /** The lists of an app's people sort and search by what its seats carry of the person. */
  private async tellSeats(home: Home, changes: PersonChange[], session: ClientSession): Promise<void> {
    const { seats } = this.collections;
    for (let at = 0; at < changes.length; at += askedAtOnce) {
      const told = new Map(changes.slice(at, at + askedAtOnce).map((change) => [change.id, carriedOf(change)]));
      const found = await seats
        .find({ _id: { $in: [...told.keys()].map((person) => seatsOf(home, person)) }, removed: false }, { session })
        .project<{ _id: string; person: string } & Carried>({
          person: 1,
          nameKey: 1,
          emailKey: 1,
          words: 1,
          personStatus: 1,
        })
        .toArray();
      const writes = found.flatMap(({ _id, person, ...before }) => {
        const carried = told.get(person);
        if (!carried || isDeepStrictEqual(before, carried)) return [];
        return [{ updateOne: { filter: { _id }, update: { $set: carried } } }];
      });
      if (writes.length > 0) await seats.bulkWrite(writes, { session, ordered: false });
    }
  }
}

/** MongoDB tries each of the patterns on each seat it finds, so few are asked for together. */
const askedAtOnce = 50;

const seatsOf = ({ connection }: Home, person: string): RegExp =>
  new RegExp(`^${literally(`${connection}|${person}|`)}`);

type Before = Pick<
  PersonDocument,
  '_id' | 'v' | 'known' | 'licensed' | 'last' | 'nameKey' | 'emailKey' | 'words' | 'status'
>;
type Carried = SeatNaming & { personStatus: PersonStatus };

function carriedOf(change: PersonChange): Carried {
  const { nameKey, emailKey, words } = namingOf(change);
  return { nameKey, emailKey, words, personStatus: change.status };
}

const carriedBefore = ({ nameKey, emailKey, words, status }: Before): Carried => ({
  nameKey,
  emailKey,
  words,
  personStatus: status,
});
