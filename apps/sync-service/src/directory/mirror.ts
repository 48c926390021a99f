import { hash } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ChangeOf, DirectoryKind } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import type { ClientSession, mongo } from 'mongoose';
import { isNewer, isShownByPage, type Sighting } from './sighting.js';

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
  /** Goes up with each change, its removal and its return included: see {@link versionAfter}. */
  v: number;
  /** The number of the run that last listed it, or found it gone. */
  seen: number;
  /** Of its own fields, so that what has not changed is seen without comparing. */
  hash: string;
  removedAt: Date | null;
  /** When Okta last showed it by its id, as after an action; absent: it never did. */
  sighting?: Sighting;
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

/** A thing that Okta was asked for by its id. */
export interface Shown {
  id: string;
  scope: string;
  /** Null: there is no such thing. */
  there: Listed | null;
}

export interface Place {
  workspace: string;
  connection: string;
  /** The run's number. */
  number: number;
  /** Okta's clock when it was asked for the page. */
  asked: number;
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
   * Writes what a page listed: the new is inserted, the changed updated, the unchanged marked as seen by this run. So is
   * what was seen by its id since: it stays as it was seen. Part of the page's transaction.
   */
  async apply(
    kind: DirectoryKind,
    { workspace, connection, number, asked }: Place,
    listed: Listed[],
    session: ClientSession,
  ): Promise<Applied> {
    const collection = this.of(kind);
    const byId = new Map(listed.map((item) => [`${connection}|${item.id}`, item]));
    const ids = [...byId.keys()];
    const known = new Map<string, Pick<Mirrored, 'hash' | 'v' | 'removedAt' | 'sighting'>>();
    const projection = { hash: 1, v: 1, removedAt: 1, sighting: 1 };
    const found = collection.find({ _id: { $in: ids } }, { session, projection });
    for await (const document of found) known.set(document._id, document);

    const inserts: Mirrored[] = [];
    const updates: mongo.AnyBulkWriteOperation<Mirrored>[] = [];
    const unchanged: string[] = [];
    const changes: ChangeOf[DirectoryKind][] = [];
    for (const [_id, item] of byId) {
      const mark = markOf(item);
      const before = known.get(_id);
      const isSame = before?.hash === mark && before.removedAt === null;
      if (isSame || (before && !isShownByPage(before, item, asked))) {
        unchanged.push(_id);
        continue;
      }
      const { id, scope = '', content, change } = item;
      const v = versionAfter(before?.v);
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

  /** Marks things as gone and answers the changes. Part of the transaction that has read them. */
  async remove(
    kind: DirectoryKind,
    number: number,
    gone: Mirrored[],
    session: ClientSession,
  ): Promise<ChangeOf[DirectoryKind][]> {
    if (gone.length === 0) return [];
    const removedAt = new Date();
    const versions = gone.map(({ v }) => versionAfter(v));
    await this.of(kind).bulkWrite(
      gone.map(({ _id }, at) => ({
        updateOne: { filter: { _id }, update: { $set: { removedAt, v: versions[at]! }, $max: { seen: number } } },
      })),
      { session, ordered: false },
    );
    return gone.map(
      (thing, at) => ({ ...changeOf(kind, thing, true), id: thing.id, v: versions[at]! }) as ChangeOf[DirectoryKind],
    );
  }

  /**
   * Writes what Okta showed of things by their ids, and answers the changes. What is not there is kept as removed also
   * when it was not known, for a page that lists it may be on its way. Nothing is written of what was seen later, or
   * listed by a run that began later: those from number `since` on. Part of a transaction.
   */
  async see(
    kind: DirectoryKind,
    { workspace, connection, since }: Pick<Place, 'workspace' | 'connection'> & { since: number },
    shown: Shown[],
    sighting: Sighting,
    session: ClientSession,
  ): Promise<ChangeOf[DirectoryKind][]> {
    const collection = this.of(kind);
    const known = new Map<string, Mirrored>();
    const ids = shown.map(({ id }) => `${connection}|${id}`);
    for await (const document of collection.find({ _id: { $in: ids } }, { session })) known.set(document._id, document);

    const writes: mongo.AnyBulkWriteOperation<Mirrored>[] = [];
    const changes: ChangeOf[DirectoryKind][] = [];
    for (const { id, scope, there } of shown) {
      const _id = `${connection}|${id}`;
      const before = known.get(_id);
      if (before && (before.seen >= since || !isNewer(sighting, before))) continue;
      const wasThere = before?.removedAt === null;
      const mark = there ? markOf(there) : (before?.hash ?? '');
      const isSame = there ? wasThere && before.hash === mark : !wasThere;
      // Of what was never there nobody is told, so it has no version yet.
      const v = isSame ? (before?.v ?? 0) : versionAfter(before?.v);
      const removedAt = there ? null : (before?.removedAt ?? new Date());
      const fields = { v, hash: mark, removedAt, sighting, ...(there && { content: there.content }) };
      writes.push(
        before
          ? { updateOne: { filter: { _id }, update: { $set: fields } } }
          : { insertOne: { document: { _id, workspace, connection, id, scope, seen: 0, content: {}, ...fields } } },
      );
      if (isSame) continue;
      const change = there?.change ?? changeOf(kind, before!, true);
      changes.push({ ...change, id, v } as ChangeOf[DirectoryKind]);
    }
    if (writes.length > 0) await collection.bulkWrite(writes, { session, ordered: false });
    return changes;
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

/**
 * The version of a change. No lower than the clock's milliseconds: so it is higher than whatever was said of the thing before,
 * also by a mirror that has since come back from a backup and does not know it.
 */
const versionAfter = (version = 0): number => Math.max(version + 1, Date.now());

const markOf = ({ content }: Pick<Listed, 'content'>): string => hash('sha1', JSON.stringify(content), 'base64url');

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
