import { Injectable } from '@nestjs/common';
import { InvalidRequest, seatlessStatuses, type AssignmentChange, type PersonStatus } from '@seatwise/contracts';
import type { ClientSession, mongo } from 'mongoose';
import type { Home } from '../connections/connections.js';
import { Collections } from '../store/collections.js';
import {
  strangerOf,
  unnamedSeat,
  type PersonDocument,
  type SeatDocument,
  type SeatNaming,
} from '../store/documents.js';
import { demand, newestOf } from './newest.js';

type Carried = SeatNaming & { personStatus: PersonStatus | null };

/** Brings seats in apps to what a page of the mirror says. */
@Injectable()
export class AssignmentChanges {
  constructor(private readonly collections: Collections) {}

  async apply(home: Home, page: AssignmentChange[], session: ClientSession): Promise<void> {
    demand(page, { scope: 'string', status: 'string', removed: 'boolean' });
    const { seats } = this.collections;
    const idOf = (id: string) => {
      const { app, person } = partsOf(id);
      return `${home.connection}|${person}|${app}`;
    };
    const changes = newestOf(page);
    const found = await seats
      .find({ _id: { $in: changes.map(({ id }) => idOf(id)) } }, { session, projection: { v: 1 } })
      .toArray();
    const versions = new Map(found.map(({ _id, v }) => [_id, v]));
    const newer = changes.filter(({ id, v }) => v > (versions.get(idOf(id)) ?? -1));
    if (newer.length === 0) return;
    const people = await this.carriedOf(home, [...new Set(newer.map(({ id }) => partsOf(id).person))], session);
    const writes = newer.map((change): mongo.AnyBulkWriteOperation<SeatDocument> => {
      const { id, v, scope, status, group, created, removed } = change;
      const { app, person } = partsOf(id);
      const fields = {
        ...(people.get(person) ?? { ...unnamedSeat, personStatus: null }),
        v,
        scope,
        status,
        group: group ?? null,
        created: created ?? null,
        removed,
        licensed: !removed && !(seatlessStatuses as readonly string[]).includes(status),
      };
      const _id = idOf(id);
      return versions.has(_id)
        ? { updateOne: { filter: { _id }, update: { $set: fields } } }
        : { insertOne: { document: { _id, ...home, app, person, ...fields, last: null } } };
    });
    await seats.bulkWrite(writes, { session, ordered: false });
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

type Carriable = SeatNaming & Pick<PersonDocument, 'person' | 'known' | 'status'>;

function partsOf(id: string): { app: string; person: string } {
  const [app, person, ...more] = id.split('|');
  if (!app || !person || more.length > 0)
    throw new InvalidRequest([{ path: '$.changes.id', detail: 'the id of an assignment must be {app}|{person}' }]);
  return { app, person };
}
