import { Injectable } from '@nestjs/common';
import type { PersonChange, UserStatus } from '@seatwise/contracts';
import type { ClientSession, mongo } from 'mongoose';
import type { Home } from '../connections/connections.js';
import { Collections } from '../store/collections.js';
import type { PersonDocument } from '../store/documents.js';
import { namingOf } from './naming.js';
import { demand, newestOf } from './newest.js';

/** Brings people to what a page of the mirror says. */
@Injectable()
export class PersonChanges {
  constructor(private readonly collections: Collections) {}

  async apply(home: Home, page: PersonChange[], licensed: UserStatus[], session: ClientSession): Promise<void> {
    demand(page, { status: 'string', login: 'string', email: 'string', name: 'string' });
    const { people } = this.collections;
    const idOf = (person: string) => `${home.connection}|${person}`;
    const changes = newestOf(page);
    const found = await people
      .find({ _id: { $in: changes.map(({ id }) => idOf(id)) } }, { session, projection: { v: 1 } })
      .toArray();
    const versions = new Map(found.map(({ _id, v }) => [_id, v]));
    const newer = changes.filter(({ id, v }) => v > (versions.get(idOf(id)) ?? -1));
    if (newer.length === 0) return;
    const writes = newer.map((change): mongo.AnyBulkWriteOperation<PersonDocument> => {
      const { id: person, v, status, created } = change;
      const fields = {
        ...namingOf(change),
        v,
        known: true,
        status,
        created: created ?? null,
        licensed: (licensed as string[]).includes(status),
      };
      const _id = idOf(person);
      return versions.has(_id)
        ? { updateOne: { filter: { _id }, update: { $set: fields } } }
        : { insertOne: { document: { _id, ...home, person, ...fields, last: null } } };
    });
    await people.bulkWrite(writes, { session, ordered: false });
    await this.tellSeats(home, newer, session);
  }

  /** The lists of an app's people sort and search by what its seats carry of the person. */
  private async tellSeats(home: Home, newer: PersonChange[], session: ClientSession): Promise<void> {
    const { seats } = this.collections;
    const seated = new Set(
      await seats.distinct(
        'person',
        { ...home, person: { $in: newer.map(({ id }) => id) }, removed: false },
        { session },
      ),
    );
    const writes = newer
      .filter(({ id }) => seated.has(id))
      .map((change) => {
        const { words, ...texts } = namingOf(change);
        const carried = { ...texts, personStatus: change.status };
        const differs = Object.entries(carried).map(([field, value]) => ({ [field]: { $ne: value } }));
        return {
          updateMany: {
            filter: { ...home, person: change.id, removed: false, $or: differs },
            update: { $set: { ...carried, words } },
          },
        };
      });
    if (writes.length > 0) await seats.bulkWrite(writes, { session, ordered: false });
  }
}
