import {
  createWebhook,
  DeliveryDto,
  getWebhook,
  listDeliveries,
  listWebhooks,
  newId,
  Refusal,
  removeWebhook,
  replayDeliveries,
  replayDelivery,
  rotateWebhook,
  testWebhook,
  updateWebhook,
  WebhookDto,
  WebhookNotFound,
  type Shape,
  type WebhookRequest,
} from '@seatwise/contracts';
import type { Bus } from '@seatwise/messaging';
import type { PrivateKey } from '@seatwise/persistence';
import { exampleOf } from '../src/reference/examples.js';

const like = <T extends object>(Type: Shape<T>, own: Partial<T>): T =>
  Object.assign(structuredClone(exampleOf(Type)) as T, own);

/** The webhooks of action-service, as small as they can be: each is kept, and nothing is sent. */
export class Hooks {
  readonly kept: WebhookDto[] = [];
  /** The secrets that arrived and could be opened. */
  readonly secrets: string[] = [];
  changes = 0;

  constructor(
    private readonly bus: Bus,
    private readonly privateKey: PrivateKey,
  ) {}

  /** A webhook of this workspace, and an event that it was sent. */
  add(workspace: string): { webhook: string; event: string } {
    this.kept.push(like(WebhookDto, { id: newId('whk'), workspace }));
    return { webhook: this.kept.at(-1)!.id, event: newId('evt') };
  }

  async answer(): Promise<void> {
    const { bus } = this;
    await bus.handle(createWebhook, async ({ workspace, webhook, choice, sealedSecret }) => {
      if (!URL.canParse(choice.url)) throw new Refusal('invalid_webhook_url', 'Not a URL.');
      await this.open(sealedSecret, workspace, webhook);
      const { url, description, events } = choice;
      this.kept.push(like(WebhookDto, { id: webhook, workspace, url, description, events }));
      return this.of({ workspace, webhook });
    });
    await bus.handle(listWebhooks, ({ workspace }) =>
      Promise.resolve({ webhooks: this.kept.filter((known) => known.workspace === workspace) }),
    );
    await bus.handle(getWebhook, async (at) => this.of(at));
    await bus.handle(updateWebhook, async ({ change, ...at }) => {
      const known = this.of(at);
      if (change.url !== undefined && !URL.canParse(change.url)) throw new Refusal('invalid_webhook_url', 'Not a URL.');
      this.changes++;
      return Object.assign(known, JSON.parse(JSON.stringify(change)) as object);
    });
    await bus.handle(rotateWebhook, async ({ sealedSecret, ...at }) => {
      const known = this.of(at);
      await this.open(sealedSecret, at.workspace, at.webhook);
      return known;
    });
    await bus.handle(removeWebhook, async (at) => {
      this.of(at);
      return { done: true as const };
    });
    await bus.handle(testWebhook, async (at) => this.deliveryOf(Object.assign({ event: newId('evt') }, at)));
    await bus.handle(listDeliveries, async ({ cursor, ...at }) => {
      if (cursor !== undefined && !cursor.startsWith('evt_')) throw new Refusal('invalid_cursor', 'Not one of ours.');
      return { deliveries: [this.deliveryOf({ ...at, event: newId('evt') })], nextCursor: null };
    });
    await bus.handle(replayDelivery, async (at) => this.deliveryOf(at));
    await bus.handle(replayDeliveries, async (at) => {
      this.of(at);
      return { deliveries: 1 };
    });
  }

  private deliveryOf(at: WebhookRequest & { event: string }): DeliveryDto {
    const { id: webhook, workspace } = this.of(at);
    return like(DeliveryDto, { workspace, webhook, event: at.event });
  }

  private async open(sealed: string, workspace: string, webhook: string): Promise<void> {
    this.secrets.push(await this.privateKey.open(sealed, `webhook|${workspace}|${webhook}`));
    this.changes++;
  }

  private of({ workspace, webhook }: WebhookRequest): WebhookDto {
    const found = this.kept.find(({ id, workspace: own }) => id === webhook && own === workspace);
    if (!found) throw new WebhookNotFound(webhook);
    return found;
  }
}
