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
}

interface OutboxDocument extends Omit<OutboxEntry, 'id'> {
  _id: string;
  createdAt: Date;
  sentAt: Date | null;
}

/** How long a published entry is kept: as long as the stream keeps the message, so that the stream can be filled again. */
const keptSeconds = 30 * 86_400;

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
      { collection: 'outbox', key: { sentAt: 1 }, options: { expireAfterSeconds: keptSeconds } },
    ]);
  }

  async add(event: EventEntry, session: ClientSession): Promise<void> {
    const headers: Record<string, string> = {};
    propagation.inject(context.active(), headers);
    const document = { _id: newId('evt'), ...event, headers, createdAt: new Date(), sentAt: null };
    await this.entries.insertOne(document, { session });
  }

  /** Tells this replica's relay that entries may be waiting. Called after the commit; forgetting it costs a second. */
  kick(): void {
    this.listener();
  }

  onKick(listener: () => void): void {
    this.listener = listener;
  }

  /** The oldest entries that are still to be published. Ids sort by the millisecond in which they were made. */
  async waiting(limit: number): Promise<OutboxEntry[]> {
    const documents = await this.entries.find({ sentAt: null }).sort({ _id: 1 }).limit(limit).hint('waiting').toArray();
    return documents.map(({ _id, sentAt: _sentAt, createdAt: _createdAt, ...entry }) => ({ id: _id, ...entry }));
  }

  async sent(ids: string[]): Promise<void> {
    await this.entries.updateMany({ _id: { $in: ids } }, { $set: { sentAt: new Date() } });
  }

  async pending(): Promise<number> {
    return this.entries.countDocuments({ sentAt: null }, { hint: 'waiting' });
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
