import { Injectable } from '@nestjs/common';
import { context, propagation } from '@opentelemetry/api';
import { newId, type EventEntry } from '@seatwise/contracts';
import type { ClientSession, mongo } from 'mongoose';
import { Database } from './database.js';

/** An event that was decided in a transaction and leaves through the relay. */
export interface OutboxEntry extends EventEntry {
  /** The message id under which it is published, however often. */
  id: string;
  /** W3C trace context of the transaction. */
  headers: Record<string, string>;
  /** When it was written. */
  createdAt: Date;
}

/** How an entry stands to others. Names are of the caller's choice, such as `con_1|sign-ins`. */
export interface OutboxOrder {
  /** What it is one of. */
  group?: string;
  /** It says that all of this group has been said before: it leaves when none of them waits any more. */
  after?: string;
}

interface OutboxDocument extends Omit<OutboxEntry, 'id'>, OutboxOrder {
  _id: string;
  sentAt: Date | null;
  /** How often it could not be published though others could, and when it is tried again. */
  failures?: number;
  notBefore?: Date;
}

/** How long a published entry is kept: as long as the stream keeps the message, so that the stream can be filled again. */
const keptSeconds = 30 * 86_400;

const longestAsideMs = 5 * 60_000;

/** The collection that makes a change and its announcement one: written in the transaction of the change. */
@Injectable()
export class Outbox {
  private listener: () => void = () => undefined;

  constructor(private readonly database: Database) {}

  private get entries(): mongo.Collection<OutboxDocument> {
    return this.database.collection<OutboxDocument>('outbox');
  }

  async ensureIndexes(): Promise<void> {
    await this.database.ensureIndexes([
      {
        collection: 'outbox',
        key: { _id: 1, sentAt: 1 },
        options: { partialFilterExpression: { sentAt: null }, name: 'waiting' },
      },
      {
        collection: 'outbox',
        key: { group: 1 },
        options: { partialFilterExpression: { sentAt: null, group: { $exists: true } }, name: 'waiting_groups' },
      },
      { collection: 'outbox', key: { sentAt: 1 }, options: { expireAfterSeconds: keptSeconds } },
    ]);
  }

  async add(event: EventEntry, session: ClientSession, order: OutboxOrder = {}): Promise<void> {
    const headers: Record<string, string> = {};
    propagation.inject(context.active(), headers);
    const document = { _id: newId('evt'), ...event, ...order, headers, createdAt: new Date(), sentAt: null };
    await this.entries.insertOne(document, { session });
  }

  /** Tells this replica's relay that entries may be waiting. Called after the commit; forgetting it costs a second. */
  kick(): void {
    this.listener();
  }

  onKick(listener: () => void): void {
    this.listener = listener;
  }

  /**
   * The oldest entries that may be published now. Ids sort by the millisecond in which they were made; clocks differ, so
   * what must come after others says so.
   */
  async waiting(limit: number): Promise<OutboxEntry[]> {
    const now = new Date();
    const found = this.entries.find({ sentAt: null }).sort({ _id: 1 }).hint('waiting');
    const ready: OutboxEntry[] = [];
    for await (const { _id: id, after, notBefore, ...entry } of found) {
      const { subject, type, version, workspace, payload, headers, createdAt } = entry;
      if (notBefore && notBefore > now) continue;
      if (after && (await this.entries.findOne({ group: after, sentAt: null }, { hint: 'waiting_groups' }))) continue;
      ready.push({ id, subject, type, version, workspace, payload, headers, createdAt });
      if (ready.length === limit) break;
    }
    return ready;
  }

  /** Lays entries aside for a while, longer each time, so that what cannot be published holds up nothing else. */
  async setAside(ids: string[]): Promise<void> {
    const waitMs = { $min: [longestAsideMs, { $multiply: [1_000, { $pow: [2, { $ifNull: ['$failures', 0] }] }] }] };
    await this.entries.updateMany({ _id: { $in: ids } }, [
      { $set: { notBefore: { $add: ['$$NOW', waitMs] }, failures: { $add: [{ $ifNull: ['$failures', 0] }, 1] } } },
    ]);
  }

  async sent(ids: string[]): Promise<void> {
    await this.entries.updateMany({ _id: { $in: ids } }, { $set: { sentAt: new Date() } });
  }

  async pending(): Promise<number> {
    return this.entries.countDocuments({ sentAt: null }, { hint: 'waiting' });
  }

  /** Deletes whatever was said of a connection, published or not. What was published the stream keeps for its time. */
  async erase(connection: string): Promise<void> {
    await this.entries.deleteMany({ 'payload.connection': connection });
  }

  /** Marks what was written since then as unpublished, so that the relay fills a lost stream again. Answers how many. */
  async republish(since: Date): Promise<number> {
    const { modifiedCount } = await this.entries.updateMany(
      { createdAt: { $gte: since }, sentAt: { $ne: null } },
      { $set: { sentAt: null } },
    );
    this.kick();
    return modifiedCount;
  }
}
