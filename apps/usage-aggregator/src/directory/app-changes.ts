import { Injectable } from '@nestjs/common';
import type { AppChange } from '@seatwise/contracts';
import type { ClientSession, mongo } from 'mongoose';
import type { Home } from '../connections/connections.js';
import { Collections } from '../store/collections.js';
import type { AppDocument } from '../store/documents.js';
import { keyOf } from './naming.js';
import { newestOf } from './newest.js';

/** Brings apps to what a page of the mirror says. */
@Injectable()
export class AppChanges {
  constructor(private readonly collections: Collections) {}

  async apply(home: Home, page: AppChange[], session: ClientSession): Promise<void> {
    const { apps } = this.collections;
    const idOf = (app: string) => `${home.connection}|${app}`;
    const changes = newestOf(page);
    const found = await apps
      .find({ _id: { $in: changes.map(({ id }) => idOf(id)) } }, { session, projection: { v: 1 } })
      .toArray();
    const versions = new Map(found.map(({ _id, v }) => [_id, v]));
    const writes = changes
      .filter(({ id, v }) => v > (versions.get(idOf(id)) ?? -1))
      .map(({ id: app, v, label, name, status, removed }): mongo.AnyBulkWriteOperation<AppDocument> => {
        const fields = { v, label, labelKey: keyOf(label), name, status, removed };
        const _id = idOf(app);
        return versions.has(_id)
          ? { updateOne: { filter: { _id }, update: { $set: fields } } }
          : { insertOne: { document: { _id, ...home, app, ...fields } } };
      });
    if (writes.length > 0) await apps.bulkWrite(writes, { session, ordered: false });
  }
}
