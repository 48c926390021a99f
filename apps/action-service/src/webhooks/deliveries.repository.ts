import { Injectable, type OnModuleInit } from '@nestjs/common';
import { context, propagation, trace } from '@opentelemetry/api';
import { connectionRemoved, type DeliveryState } from '@seatwise/contracts';
import { TryLater } from '@seatwise/messaging';
import { Database } from '@seatwise/persistence';
import { mongo, type ClientSession } from 'mongoose';
import { deliveryId, type Delivery, type SentEvent } from './delivery.js';

const dayMs = 86_400_000;
/** What was sent is kept so long after it was taken, or was tried last, and longer where it was given up. */
const bodyKeptMs = 7 * dayMs;
const parkedBodyKeptMs = 30 * dayMs;
/** That it was sent is known as long as the stream may bring the event once more. */
const deliveryKeptMs = 31 * dayMs;
/** A list that is only counted is not counted further. */
const mostCounted = 1_000;

const isDuplicate = (error: unknown): boolean => error instanceof mongo.MongoServerError && error.code === 11_000;
const later = (milliseconds: number): Date => new Date(Date.now() + milliseconds);

/** Where a delivery goes, and with what. */
export interface Outgoing {
  event: string;
  workspace: string;
  type: string;
  connection: string | null;
  body: string;
}

/** Another has taken the delivery over: nothing is written. */
export class DeliveryLost extends Error {}

/** Deliveries, and what they send. */
@Injectable()
export class DeliveriesRepository implements OnModuleInit {
  constructor(private readonly database: Database) {}

  private get deliveries(): mongo.Collection<Delivery> {
    return this.database.collection<Delivery>('webhook_deliveries');
  }
  private get events(): mongo.Collection<SentEvent> {
    return this.database.collection<SentEvent>('webhook_events');
  }

  async onModuleInit(): Promise<void> {
    await this.database.ensureIndexes([
      {
        collection: 'webhook_deliveries',
        key: { webhook: 1, dueAt: 1 },
        options: { partialFilterExpression: { dueAt: { $exists: true } }, name: 'due' },
      },
      { collection: 'webhook_deliveries', key: { webhook: 1, event: -1 } },
      { collection: 'webhook_deliveries', key: { webhook: 1, state: 1, event: -1 } },
      { collection: 'webhook_deliveries', key: { connection: 1 } },
      { collection: 'webhook_deliveries', key: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
      { collection: 'webhook_events', key: { connection: 1 } },
      { collection: 'webhook_events', key: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
    ]);
  }

  /** Has an event be delivered to these webhooks, those that have it already left out; false: all of them have. */
  async add(outgoing: Outgoing, webhooks: string[]): Promise<boolean> {
    try {
      return await this.database.transaction((session) => this.addIn(outgoing, webhooks, session));
    } catch (error) {
      // Another replica takes the same event at this moment.
      if (isDuplicate(error)) throw new TryLater(200);
      throw error;
    }
  }

  private async addIn(outgoing: Outgoing, webhooks: string[], session: ClientSession): Promise<boolean> {
    const { event, workspace, type, connection, body } = outgoing;
    const ids = webhooks.map((webhook) => deliveryId(webhook, event));
    const known = await this.deliveries.find({ _id: { $in: ids } }, { session, projection: { _id: 1 } }).toArray();
    const taken = new Set(known.map(({ _id }) => _id));
    const fresh = webhooks.filter((webhook) => !taken.has(deliveryId(webhook, event)));
    if (fresh.length === 0) return false;
    const headers: Record<string, string> = {};
    propagation.inject(context.active(), headers);
    const traceId = trace.getActiveSpan()?.spanContext().traceId ?? null;
    const now = new Date();
    await this.deliveries.insertMany(
      fresh.map((webhook) => ({
        _id: deliveryId(webhook, event),
        workspace,
        webhook,
        event,
        type,
        connection,
        state: 'due' as const,
        dueAt: now,
        claims: 0,
        attempts: 0,
        round: 0,
        takenAt: now,
        lastAt: null,
        lastStatus: null,
        lastError: null,
        headers,
        traceId,
      })),
      { session },
    );
    const sent = { workspace, type, connection, body, expiresAt: later(bodyKeptMs) };
    await this.events.updateOne({ _id: event }, { $set: sent }, { session, upsert: true });
    return true;
  }

  /**
   * Takes the next delivery that is due, of the webhook after `after` by the order of their ids, so that one with many gets
   * its turn and no more; none of `busy`.
   */
  async claim(after: string, busy: string[], leaseMs: number): Promise<Delivery | null> {
    const taking = (webhook: { $gt: string } | { $lte: string }) =>
      this.deliveries.findOneAndUpdate(
        { webhook: { ...webhook, $nin: busy }, dueAt: { $lte: new Date() } },
        [{ $set: { dueAt: { $add: ['$$NOW', leaseMs] }, claims: { $add: ['$claims', 1] } } }],
        { sort: { webhook: 1, dueAt: 1 }, hint: { webhook: 1, dueAt: 1 }, returnDocument: 'after' },
      );
    return (await taking({ $gt: after })) ?? (after === '' ? null : taking({ $lte: after }));
  }

  /** What it sends; null: it is not kept any more. */
  async bodyOf(event: string): Promise<string | null> {
    return (await this.events.findOne({ _id: event }, { projection: { body: 1 } }))?.body ?? null;
  }

  /** It was sent, and comes to its end. */
  async end(
    delivery: Delivery,
    state: 'delivered' | 'parked',
    own: Partial<Pick<Delivery, 'lastStatus' | 'lastError' | 'lastAt' | 'attempts' | 'round'>>,
  ): Promise<void> {
    if (state === 'parked') await this.keepBody(delivery.event, later(parkedBodyKeptMs));
    await this.write(delivery, { ...own, state, expiresAt: later(deliveryKeptMs) }, true);
  }

  /** It is tried again. */
  async putOff(
    delivery: Delivery,
    dueAt: Date,
    own: Partial<Pick<Delivery, 'lastStatus' | 'lastError' | 'lastAt' | 'attempts' | 'round'>> = {},
  ): Promise<void> {
    await this.keepBody(delivery.event, new Date(dueAt.getTime() + bodyKeptMs));
    await this.write(delivery, { ...own, dueAt });
  }

  private async keepBody(event: string, until: Date): Promise<void> {
    await this.events.updateOne({ _id: event }, { $max: { expiresAt: until } });
  }

  private async write({ _id, claims }: Delivery, set: Partial<Delivery>, ended = false): Promise<void> {
    const change = { $set: set, ...(ended && { $unset: { dueAt: true as const } }) };
    const { matchedCount } = await this.deliveries.updateOne({ _id, claims }, change);
    if (matchedCount === 0) throw new DeliveryLost();
  }

  find(webhook: string, event: string): Promise<Delivery | null> {
    return this.deliveries.findOne({ _id: deliveryId(webhook, event) });
  }

  /** The newest events first. */
  page(webhook: string, state: DeliveryState | undefined, limit: number, before: string | undefined) {
    const query: mongo.Filter<Delivery> = {
      webhook,
      ...(state !== undefined && { state }),
      ...(before !== undefined && { event: { $lt: before } }),
    };
    return this.deliveries.find(query).sort({ event: -1 }).limit(limit).toArray();
  }

  async count(webhook: string): Promise<{ due: number; parked: number }> {
    const of = (state: DeliveryState) => this.deliveries.countDocuments({ webhook, state }, { limit: mostCounted });
    const [due, parked] = await Promise.all([of('due'), of('parked')]);
    return { due, parked };
  }

  /** Lets one that has ended be sent once more. */
  async replay(webhook: string, event: string): Promise<Delivery | null> {
    return this.deliveries.findOneAndUpdate(
      { _id: deliveryId(webhook, event), state: { $ne: 'due' } },
      { $set: again(), $unset: { expiresAt: true } },
      { returnDocument: 'after' },
    );
  }

  /** The same for all that are parked, or for all whose event came since then. Answers how many. */
  async replayMany(webhook: string, since: Date | undefined): Promise<number> {
    const { modifiedCount } = await this.deliveries.updateMany(
      since
        ? { webhook, state: { $in: ['delivered', 'parked'] }, takenAt: { $gte: since } }
        : { webhook, state: 'parked' },
      { $set: again(), $unset: { expiresAt: true } },
    );
    return modifiedCount;
  }

  /** All of a webhook that is gone. What they would have sent expires by itself. */
  async removeOf(webhook: string): Promise<void> {
    await this.deliveries.deleteMany({ webhook });
  }

  /** Whatever told of a connection, but that it was removed. */
  async erase(connection: string): Promise<void> {
    const told = { connection, type: { $ne: connectionRemoved.name } };
    await this.deliveries.deleteMany(told);
    await this.events.deleteMany(told);
  }
}

const again = () => ({ state: 'due' as const, dueAt: new Date(), round: 0 });
