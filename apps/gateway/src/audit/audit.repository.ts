import { Injectable, type OnModuleInit } from '@nestjs/common';
import { actionCatalogue, actionNames, type ActionName } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import type { ClientSession, mongo } from 'mongoose';
import { beginning, recordAfter, type AuditFacts, type AuditRecord, type Head, type Outcome } from './record.js';

/** Which records are wanted. `from` is the first moment, `to` the first one after. */
export interface AuditFilter {
  workspace: string;
  key?: string;
  member?: string;
  what?: string;
  action?: ActionName;
  outcome?: Outcome;
  operation?: string;
  person?: string;
  connection?: string;
  from?: Date;
  to?: Date;
  /** Part of a login or name, of a reason, of what was done, or of an id. */
  search?: string;
}

/** A place in the list of the newest first. */
export type Place = Pick<AuditRecord, 'at' | 'seq'>;

/** A request at the door that has been recorded, and what came of it not yet. */
interface Unfinished {
  _id: string;
  at: Date;
}

const duplicateKey = 11_000;
/** Two that begin a chain at once, or one record told of twice at once: the next try sees the other's. */
const tries = 5;
const timeoutMS = 10_000;
const pageOfExport = 200;

/** The chain says something else than the records: somebody changed it. Nothing is added until it is looked into. */
export class BrokenChain extends Error {
  constructor(workspace: string) {
    super(`The audit log of ${workspace} does not end where it should: see npm run audit -- verify`);
    this.name = 'BrokenChain';
  }
}

/** The collection `audit`, to which is only ever added, and the ends of its chains. */
@Injectable()
export class AuditRepository implements OnModuleInit {
  constructor(private readonly database: Database) {}

  private get records(): mongo.Collection<AuditRecord> {
    return this.database.collection<AuditRecord>('audit');
  }
  private get heads(): mongo.Collection<Head & { _id: string }> {
    return this.database.collection<Head & { _id: string }>('audit_heads');
  }
  private get unfinished(): mongo.Collection<Unfinished> {
    return this.database.collection<Unfinished>('audit_unfinished');
  }

  async onModuleInit(): Promise<void> {
    const newest = { at: -1, seq: -1 } as const;
    await this.database.ensureIndexes([
      { collection: 'audit', key: { workspace: 1, seq: 1 }, options: { unique: true } },
      { collection: 'audit', key: { workspace: 1, source: 1 }, options: { unique: true } },
      { collection: 'audit', key: { workspace: 1, ...newest } },
      { collection: 'audit', key: { workspace: 1, 'who.key': 1, ...newest } },
      { collection: 'audit', key: { workspace: 1, 'who.person.id': 1, ...newest } },
      { collection: 'audit', key: { workspace: 1, 'on.id': 1, ...newest } },
      { collection: 'audit', key: { workspace: 1, operation: 1, ...newest } },
      { collection: 'audit_unfinished', key: { at: 1 } },
    ]);
  }

  /** Adds these to the end of the workspace's chain, in one transaction; those whose source is there already are left out. */
  async append(workspace: string, facts: AuditFacts[]): Promise<void> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.database.transaction((session) => this.link(workspace, facts, session));
      } catch (error) {
        if ((error as { code?: unknown }).code !== duplicateKey) throw error;
        if (tried === tries) throw new BrokenChain(workspace);
      }
    }
  }

  /** The head is read and written by each, so of two that do so at once MongoDB lets one through. */
  private async link(workspace: string, facts: AuditFacts[], session: ClientSession): Promise<void> {
    const sources = new Set(await this.sourcesAmong(workspace, facts, session));
    let head: Head = (await this.heads.findOne({ _id: workspace }, { session })) ?? beginning;
    const records: AuditRecord[] = [];
    for (const one of facts) {
      if (sources.has(one.source)) continue;
      sources.add(one.source);
      const record = recordAfter(head, one);
      records.push(record);
      head = record;
    }
    if (records.length === 0) return;
    const { seq, hash } = head;
    await this.heads.updateOne({ _id: workspace }, { $set: { seq, hash } }, { upsert: true, session });
    await this.records.insertMany(records, { session });
    await this.note(records, session);
  }

  private async sourcesAmong(workspace: string, facts: AuditFacts[], session: ClientSession): Promise<string[]> {
    const query = { workspace, source: { $in: facts.map(({ source }) => source) } };
    const found = await this.records.find(query, { session, projection: { source: 1 } }).toArray();
    return found.map(({ source }) => source);
  }

  /** Keeps in mind which requests have begun and not ended. An action says by itself what came of it. */
  private async note(records: AuditRecord[], session: ClientSession): Promise<void> {
    const atTheDoor = records.filter(({ action }) => action === null);
    const begun = atTheDoor.filter(({ outcome }) => outcome === 'asked');
    const ended = atTheDoor.filter(({ outcome }) => outcome !== 'asked').map(({ operation }) => operation);
    if (begun.length > 0)
      await this.unfinished.insertMany(
        begun.map(({ operation, at }) => ({ _id: operation, at })),
        { session },
      );
    if (ended.length > 0) await this.unfinished.deleteMany({ _id: { $in: ended } }, { session });
  }

  /** The records of requests that began before then, and of whose end nothing is known. */
  async unfinishedBefore(moment: Date, limit: number): Promise<AuditRecord[]> {
    const left = await this.unfinished
      .find({ at: { $lt: moment } }, { timeoutMS })
      .limit(limit)
      .toArray();
    return this.records.find({ _id: { $in: left.map(({ _id }) => _id) } }, { timeoutMS }).toArray();
  }

  async find(workspace: string, id: string): Promise<AuditRecord | undefined> {
    return (await this.records.findOne({ _id: id, workspace }, { timeoutMS })) ?? undefined;
  }

  /** The newest first, after `place`. */
  page(filter: AuditFilter, limit: number, place: Place | undefined): Promise<AuditRecord[]> {
    const after = place && {
      $and: [{ at: { $lte: place.at } }, { $or: [{ at: { $lt: place.at } }, { seq: { $lt: place.seq } }] }],
    };
    return this.records
      .find({ ...queryOf(filter), ...after }, { timeoutMS })
      .sort({ at: -1, seq: -1 })
      .limit(limit)
      .toArray();
  }

  /** All of them, the newest first, page by page. */
  all(filter: AuditFilter): mongo.FindCursor<AuditRecord> {
    return this.records
      .find(queryOf(filter), { timeoutMS, timeoutMode: 'iteration', batchSize: pageOfExport })
      .sort({ at: -1, seq: -1 });
  }

  /** The chain after `seq` up to `last`, in its order. */
  chain(workspace: string, seq: number, last: number): AsyncIterable<AuditRecord> {
    return this.records.find({ workspace, seq: { $gt: seq, $lte: last } }).sort({ seq: 1 });
  }

  async head(workspace: string): Promise<Head> {
    return (await this.heads.findOne({ _id: workspace })) ?? beginning;
  }

  /** The place of the last record; 0: there is none. */
  async lastOf(workspace: string): Promise<number> {
    return (await this.records.findOne({ workspace }, { sort: { seq: -1 } }))?.seq ?? 0;
  }

  /** Whatever has records or a head, in order. */
  async *workspaces(): AsyncGenerator<string> {
    for (let before = ''; ;) {
      const [head, record] = await Promise.all([
        this.heads.findOne({ _id: { $gt: before } }, { sort: { _id: 1 } }),
        this.records.findOne({ workspace: { $gt: before } }, { sort: { workspace: 1 } }),
      ]);
      const [next] = [head?._id, record?.workspace].filter((one) => one !== undefined).sort();
      if (next === undefined) return;
      yield next;
      before = next;
    }
  }
}

function queryOf(filter: AuditFilter): mongo.Filter<AuditRecord> {
  const { workspace, key, member, what, action, outcome, operation, person, connection, from, to, search } = filter;
  return {
    workspace,
    ...(key !== undefined && { 'who.key': key }),
    ...(member !== undefined && { 'who.person.id': member }),
    ...(what !== undefined && { what }),
    ...(action !== undefined && { action }),
    ...(outcome !== undefined && { outcome }),
    ...(operation !== undefined && { operation }),
    ...(person !== undefined && { 'on.kind': 'person', 'on.id': person }),
    ...(connection !== undefined && { connection }),
    ...((from || to) && { at: { ...(from && { $gte: from }), ...(to && { $lt: to }) } }),
    ...(search !== undefined && { $or: placesOf(search) }),
  };
}

const idFields = ['_id', 'on.id', 'operation', 'connection', 'who.key', 'bulk', 'traceId'] as const;

/** Where a text may stand: in whom it was done to, in why, in what was done by its code or its name in words, in an id. */
function placesOf(search: string): mongo.Filter<AuditRecord>[] {
  const written = search.replaceAll(/[^\p{L}\p{N}\s]/gu, '\\$&');
  const containing = { $regex: written, $options: 'i' };
  // The words of a code are parted by a dot, a hyphen or an underscore.
  const asCode = { $regex: written.trim().replaceAll(/\s+/g, '[._-]'), $options: 'i' };
  const inWords = search.trim().toLowerCase();
  const named = actionNames.filter((name) => actionCatalogue[name].title.toLowerCase().includes(inWords));
  return [
    { 'on.name': containing },
    { reason: containing },
    { what: asCode },
    { action: asCode },
    { action: { $in: named } },
    ...idFields.map((field) => ({ [field]: containing })),
  ];
}
