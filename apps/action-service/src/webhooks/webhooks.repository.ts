import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  eventEntry,
  mostWebhooks,
  Refusal,
  webhookDisabled,
  WebhookNotFound,
  type OffReason,
} from '@seatwise/contracts';
import { Database, Outbox } from '@seatwise/persistence';
import { mongo } from 'mongoose';
import { switched, type Webhook } from './webhook.js';

/** The webhooks of all workspaces. */
@Injectable()
export class WebhooksRepository implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  private get webhooks(): mongo.Collection<Webhook> {
    return this.database.collection<Webhook>('webhooks');
  }
  /** How many each workspace has made, so that of two at once that are one too many MongoDB lets one through. */
  private get counts(): mongo.Collection<{ _id: string; made: number }> {
    return this.database.collection<{ _id: string; made: number }>('webhook_counts');
  }

  async onModuleInit(): Promise<void> {
    await this.database.ensureIndexes([{ collection: 'webhooks', key: { workspace: 1, _id: 1 } }]);
  }

  find(id: string): Promise<Webhook | null> {
    return this.webhooks.findOne({ _id: id });
  }

  list(workspace: string): Promise<Webhook[]> {
    return this.webhooks.find({ workspace }).sort({ _id: 1 }).toArray();
  }

  /** Those of these workspaces that are on. */
  on(workspaces: string[]): Promise<Webhook[]> {
    return this.webhooks.find({ workspace: { $in: workspaces }, enabled: true }).toArray();
  }

  /** Throws {@link WebhookNotFound} also for one of another workspace. */
  async require(workspace: string, id: string): Promise<Webhook> {
    const found = await this.webhooks.findOne({ _id: id, workspace });
    if (!found) throw new WebhookNotFound(id);
    return found;
  }

  /** Keeps a new one; the same once more changes nothing. */
  async insert(webhook: Webhook): Promise<Webhook> {
    const { _id, workspace } = webhook;
    return this.database.transaction(async (session) => {
      const known = await this.webhooks.findOne({ _id }, { session });
      if (known && known.workspace !== workspace) throw new WebhookNotFound(_id);
      if (known) return known;
      await this.counts.updateOne({ _id: workspace }, { $inc: { made: 1 } }, { session, upsert: true });
      if ((await this.webhooks.countDocuments({ workspace }, { session })) >= mostWebhooks)
        throw new Refusal('too_many_webhooks', `A workspace has at most ${mostWebhooks} webhooks. Delete one first.`);
      await this.webhooks.insertOne(webhook, { session });
      return webhook;
    });
  }

  /** Changes what `change` makes of the newest state. */
  async update(workspace: string, id: string, change: (webhook: Webhook) => Partial<Webhook>): Promise<Webhook> {
    for (;;) {
      const known = await this.require(workspace, id);
      const next = { ...change(known), version: known.version + 1 };
      const found = await this.webhooks.findOneAndUpdate(
        { _id: id, version: known.version },
        { $set: next },
        { returnDocument: 'after' },
      );
      if (found) return found;
    }
  }

  async remove(workspace: string, id: string): Promise<void> {
    const { deletedCount } = await this.webhooks.deleteOne({ _id: id, workspace });
    if (deletedCount === 0) throw new WebhookNotFound(id);
  }

  /** Nothing is sent before then: its receiver asked for it. */
  async hold(id: string, until: Date): Promise<void> {
    await this.webhooks.updateOne({ _id: id }, { $max: { heldUntil: until } });
  }

  /** Something was taken after nothing was. */
  async well(id: string): Promise<void> {
    await this.webhooks.updateOne({ _id: id }, { $set: { failingSince: null } });
  }

  /** Something was not taken. Answers since when that is so. */
  async ill(id: string): Promise<Date | null> {
    const failing = { failingSince: { $ifNull: ['$failingSince', '$$NOW'] } };
    const found = await this.webhooks.findOneAndUpdate({ _id: id }, [{ $set: failing }], { returnDocument: 'after' });
    return found?.failingSince ?? null;
  }

  /** Switches it off and says so, once. */
  async switchOff(id: string, reason: OffReason): Promise<void> {
    await this.database.transaction(async (session) => {
      const set = { enabled: false, offBecause: reason, offSince: new Date() };
      const found = await this.webhooks.findOneAndUpdate(
        { _id: id, enabled: true },
        { $set: set, $inc: { version: 1 } },
        { session },
      );
      if (!found) return;
      const { workspace, description, failingSince } = found;
      const payload = {
        workspace,
        webhook: id,
        description,
        reason,
        failingSince: (failingSince ?? set.offSince).toISOString(),
      };
      await this.outbox.add(eventEntry(webhookDisabled, workspace, payload), session);
    });
    this.outbox.kick();
  }

  /** As by hand. Answers how many were on. */
  async switchAllOff(): Promise<number> {
    const off = { $set: switched(false), $inc: { version: 1 } };
    return (await this.webhooks.updateMany({ enabled: true }, off)).modifiedCount;
  }

  all(): AsyncIterable<Webhook> {
    return this.webhooks.find().sort({ _id: 1 });
  }

  /** Puts secrets in place of the very ones that were read; false when they have changed meanwhile. */
  async reseal({ _id, version }: Webhook, secrets: Webhook['secrets']): Promise<boolean> {
    const { modifiedCount } = await this.webhooks.updateOne(
      { _id, version },
      { $set: { secrets }, $inc: { version: 1 } },
    );
    return modifiedCount === 1;
  }
}
