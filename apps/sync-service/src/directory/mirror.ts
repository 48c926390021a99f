import { hash } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ChangeOf, DirectoryKind } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import type { ClientSession, mongo } from 'mongoose';

/** Where each kind is kept. */
export const collectionOf = {
  person: 'people',
  group: 'groups',
  app: 'apps',
  membership: 'memberships',
  assignment: 'assignments',
  'group-assignment': 'group_assignments',
} as const satisfies Record<DirectoryKind, string>;

/** A thing of the mirror. Its own fields stand beside these. */
export interface Mirrored {
  /** `{connection}|{id}` */
  _id: string;
  workspace: string;
  connection: string;
  /** The id within the connection, as changes name it. */
  id: string;
  /** The app or group that it belongs to, for assignments and memberships. */
  scope: string;
  /** Counts up with each change, its removal and its return included. */
  v: number;
  /** The number of the run that last listed it. */
  seen: number;
  /** Of its own fields, so that what has not changed is seen without comparing. */
  hash: string;
  removedAt: Date | null;
  content: Record<string, unknown>;
}

/** What a listing brought of one thing. */
export interface Listed<K extends DirectoryKind = DirectoryKind> {
  id: string;
  scope?: string;
  content: Record<string, unknown>;
  /** What others are told when it has changed, but for its version. */
  change: Omit<ChangeOf[K], 'id' | 'v'>;
}

export interface Place {
  workspace: string;
  connection: string;
  /** The run's number. */
  number: number;
}

export interface Applied {
  added: number;
  changed: number;
  changes: ChangeOf[DirectoryKind][];
}

/** What the outbox calls the changes of a connection's mirror. */
export const directoryGroup = (connection: string): string => `${connection}|directory`;

/** The mirror of the orgs. */
@Injectable()
export class Mirror implements OnModuleInit {
  constructor(private readonly database: Database) {}

  of(kind: DirectoryKind): mongo.Collection<Mirrored> {
    return this.database.collection<Mirrored>(collectionOf[kind]);
  }

  async onModuleInit(): Promise<void> {
    const names = Object.values(collectionOf);
    await this.database.ensureIndexes([
      // What a sweep asks for, and how many there are.
      ...names.map((collection) => ({
        collection,
        key: { connection: 1 as const, removedAt: 1 as const, seen: 1 as const },
      })),
      { collection: 'memberships', key: { connection: 1, 'content.person': 1, removedAt: 1 } },
    ]);
  }

  /**
   * Writes what a page listed: the new is inserted, the changed updated, the unchanged marked as seen by this run.
   * Part of the page's transaction.
   */
  async apply(
    kind: DirectoryKind,
    { workspace, connection, number }: Place,
    listed: Listed[],
    session: ClientSession,
  ): Promise<Applied> {
    const collection = this.of(kind);
    const byId = new Map(listed.map((item) => [`${connection}|${item.id}`, item]));
    const ids = [...byId.keys()];
    const known = new Map<string, Pick<Mirrored, 'hash' | 'v' | 'removedAt'>>();
    const found = collection.find({ _id: { $in: ids } }, { session, projection: { hash: 1, v: 1, removedAt: 1 } });
    for await (const document of found) known.set(document._id, document);

    const inserts: Mirrored[] = [];
    const updates: mongo.AnyBulkWriteOperation<Mirrored>[] = [];
    const unchanged: string[] = [];
    const changes: ChangeOf[DirectoryKind][] = [];
    for (const [_id, item] of byId) {
      const mark = hash('sha1', JSON.stringify(item.content), 'base64url');
      const before = known.get(_id);
      if (before && before.hash === mark && before.removedAt === null) {
        unchanged.push(_id);
        continue;
      }
      const { id, scope = '', content, change } = item;
      const v = (before?.v ?? 0) + 1;
      if (before)
        updates.push({
          updateOne: {
            filter: { _id },
            update: { $set: { content, hash: mark, v, removedAt: null }, $max: { seen: number } },
          },
        });
      else
        inserts.push({ _id, workspace, connection, id, scope, v, seen: number, hash: mark, removedAt: null, content });
      changes.push({ ...change, id, v } as ChangeOf[DirectoryKind]);
    }
    if (inserts.length > 0) await collection.insertMany(inserts, { session, ordered: false });
    if (updates.length > 0) await collection.bulkWrite(updates, { session, ordered: false });
    // What a newer run has seen stays seen by it: a task that wakes late is fenced, and numbers never step back.
    if (unchanged.length > 0)
      await collection.updateMany({ _id: { $in: unchanged } }, { $max: { seen: number } }, { session });
    return { added: inserts.length, changed: updates.length, changes };
  }

  /** Marks things as gone and answers the changes. Part of a transaction. */
  async remove(kind: DirectoryKind, gone: Mirrored[], session: ClientSession): Promise<ChangeOf[DirectoryKind][]> {
    const removedAt = new Date();
    await this.of(kind).bulkWrite(
      gone.map(({ _id, v }) => ({ updateOne: { filter: { _id, v }, update: { $set: { removedAt, v: v + 1 } } } })),
      { session, ordered: false },
    );
    return gone.map(
      (thing) => ({ ...changeOf(kind, thing, true), id: thing.id, v: thing.v + 1 }) as ChangeOf[DirectoryKind],
    );
  }

  /** The ids of a kind that this run has listed. */
  seenBy(kind: DirectoryKind, connection: string, number: number): AsyncIterable<string> {
    return this.of(kind)
      .find({ connection, removedAt: null, seen: number }, { projection: { id: 1 } })
      .map(({ id }) => id);
  }

  live(kind: DirectoryKind, connection: string): Promise<number> {
    return this.of(kind).countDocuments({ connection, removedAt: null });
  }

  /** Deletes all that is kept of a connection, a thousand at a time. */
  async erase(connection: string): Promise<void> {
    for (const kind of Object.keys(collectionOf) as DirectoryKind[])
      for (;;) {
        const ids = await this.of(kind)
          .find({ connection }, { projection: { _id: 1 } })
          .limit(1_000)
          .map(({ _id }) => _id)
          .toArray();
        if (ids.length === 0) break;
        await this.of(kind).deleteMany({ _id: { $in: ids } });
      }
  }
}

/** What others are told of a mirrored thing. */
export function changeOf(kind: DirectoryKind, { content }: Pick<Mirrored, 'content'>, removed: boolean): object {
  const { status, login, email, name, created, label, scope, group, type } = content;
  switch (kind) {
    case 'person':
      return { status: removed ? 'deleted' : status, login, email, name, created };
    case 'app':
      return { label, name, status, removed };
    case 'assignment':
      return { scope, status, group, created, removed };
    case 'group':
      return { name, type, removed };
    default:
      return { removed };
  }
}
