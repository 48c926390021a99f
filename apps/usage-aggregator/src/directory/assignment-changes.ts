import { Injectable } from '@nestjs/common';
import { InvalidRequest, seatlessStatuses, type AssignmentChange, type PersonStatus } from '@seatwise/contracts';
import type { ClientSession, mongo } from 'mongoose';
import type { Home } from '../connections/connections.js';
import { Collections } from '../store/collections.js';
import { unnamed, type Naming, type SeatDocument } from '../store/documents.js';
import { demand, newestOf } from './newest.js';

type Carried = Naming & { personStatus: PersonStatus | null };

/** Brings seats in apps to what a page of the mirror says. */
@Injectable()
export class AssignmentChanges {
  constructor(private readonly collections: Collections) {}

  async apply(home: Home, page: AssignmentChange[], session: ClientSession): Promise<void> {
    demand(page, { scope: 'string', status: 'string', removed: 'boolean' });
    const { seats } = this.collections;
    const idOf = (id: string) => `${home.connection}|${id}`;
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
        ...(people.get(person) ?? { ...unnamed, personStatus: null }),
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

  private async carriedOf(home: Home, persons: string[], session: ClientSession): Promise<Map<string, Carried>> {
    const found = await this.collections.people
      .find({ _id: { $in: persons.map((person) => `${home.connection}|${person}`) }, known: true }, { session })
      .toArray();
    return new Map(
      found.map(({ person, name, nameKey, words, login, email, emailKey, status }) => [
        person,
        { name, nameKey, words, login, email, emailKey, personStatus: status },
      ]),
    );
  }
}

function partsOf(id: string): { app: string; person: string } {
  const [app, person, ...more] = id.split('|');
  if (!app || !person || more.length > 0)
    throw new InvalidRequest([{ path: '$.changes.id', detail: 'the id of an assignment must be {app}|{person}' }]);
  return { app, person };
}
