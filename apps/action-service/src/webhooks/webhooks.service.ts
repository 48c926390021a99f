import { Injectable } from '@nestjs/common';
import {
  cloudEventAttributes,
  cloudEventHeaders,
  InvalidRequest,
  newId,
  Refusal,
  structuredCloudEvent,
  testedEvent,
  type CreateWebhook,
  type DeliveryDto,
  type DeliveryListDto,
  type DeliveryRequest,
  type ListDeliveries,
  type ReplayDeliveries,
  type ReplayedDto,
  type RotateWebhook,
  type UpdateWebhook,
  type WebhookDto,
  type WebhookListDto,
  type WebhookRequest,
} from '@seatwise/contracts';
import { KeyRing, PrivateKey, SealError } from '@seatwise/persistence';
import { ActionConfig } from '../config.js';
import { Courier, endpointPolicyOf } from './courier.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { dtoOf as deliveryDtoOf, type Delivery } from './delivery.js';
import { endpointOf, type EndpointPolicy } from './endpoint.js';
import { isWebhookSecret } from './signature.js';
import { bindingOf, dtoOf, signing, switched, type Webhook, type WebhookSecret } from './webhook.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** A secret that another has taken the place of signs for a day more, until its receiver knows the new one. */
const oldSecretMs = 86_400_000;
/** Of secrets that sign at once: each makes the headers longer. */
const mostSecrets = 3;

/** Webhooks as an admin sees and commands them. What is due of them is the courier's. */
@Injectable()
export class WebhooksService {
  private readonly policy: EndpointPolicy;

  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly courier: Courier,
    private readonly keyRing: KeyRing,
    private readonly privateKey: PrivateKey,
    config: ActionConfig,
  ) {
    this.policy = endpointPolicyOf(config);
  }

  async create({ workspace, webhook: id, choice, sealedSecret }: CreateWebhook): Promise<WebhookDto> {
    const { url, description, events } = choice;
    const secret = await this.secretFrom(sealedSecret, workspace, id);
    const made = await this.webhooks.insert({
      _id: id,
      workspace,
      url: endpointOf(url, this.policy).href,
      description,
      events,
      enabled: true,
      offBecause: null,
      offSince: null,
      failingSince: null,
      heldUntil: null,
      secrets: [secret],
      createdAt: new Date(),
      version: 1,
    });
    return this.shown(made);
  }

  async list(workspace: string): Promise<WebhookListDto> {
    const found = await this.webhooks.list(workspace);
    return { webhooks: await Promise.all(found.map((webhook) => this.shown(webhook))) };
  }

  async get({ workspace, webhook }: WebhookRequest): Promise<WebhookDto> {
    return this.shown(await this.webhooks.require(workspace, webhook));
  }

  async update({ workspace, webhook, change }: UpdateWebhook): Promise<WebhookDto> {
    const { url, description, events, enabled } = change;
    const endpoint = url === undefined ? undefined : endpointOf(url, this.policy).href;
    const changed = await this.webhooks.update(workspace, webhook, (known) => ({
      ...(endpoint !== undefined && { url: endpoint }),
      ...(description !== undefined && { description }),
      ...(events !== undefined && { events }),
      ...(enabled !== undefined && enabled !== known.enabled && switched(enabled)),
    }));
    return this.shown(changed);
  }

  async rotate({ workspace, webhook, sealedSecret }: RotateWebhook): Promise<WebhookDto> {
    const secret = await this.secretFrom(sealedSecret, workspace, webhook);
    const until = new Date(Date.now() + oldSecretMs);
    const rotated = await this.webhooks.update(workspace, webhook, (known) => {
      const old = signing(known).map((one) => ({ ...one, until: one.until ?? until }));
      return { secrets: [secret, ...old].slice(0, mostSecrets) };
    });
    return this.shown(rotated);
  }

  async remove({ workspace, webhook }: WebhookRequest): Promise<void> {
    await this.webhooks.remove(workspace, webhook);
    await this.deliveries.removeOf(webhook);
  }

  async test({ workspace, webhook: id }: WebhookRequest): Promise<DeliveryDto> {
    mustBeOn(await this.webhooks.require(workspace, id));
    const event = newId('evt');
    const headers = cloudEventHeaders({ id: event, type: testedEvent, version: 1, workspace });
    const body = structuredCloudEvent(cloudEventAttributes(Object.entries(headers)), JSON.stringify({ webhook: id }));
    await this.deliveries.add({ event, workspace, type: testedEvent, connection: null, body }, [id]);
    this.courier.kick();
    return deliveryDtoOf(await this.delivery({ workspace, webhook: id, event }));
  }

  async listDeliveries({ workspace, webhook, state, limit, cursor }: ListDeliveries): Promise<DeliveryListDto> {
    if (cursor !== undefined && !/^evt_[0-9a-z]{25}$/.test(cursor))
      throw new Refusal('invalid_cursor', 'Take nextCursor from the page before, unchanged.');
    await this.webhooks.require(workspace, webhook);
    const found = await this.deliveries.page(webhook, state, limit + 1, cursor);
    const page = found.slice(0, limit);
    return { deliveries: page.map(deliveryDtoOf), nextCursor: found.length > limit ? page.at(-1)!.event : null };
  }

  /** One that is due anyway is answered as it is. */
  async replay(at: DeliveryRequest): Promise<DeliveryDto> {
    mustBeOn(await this.webhooks.require(at.workspace, at.webhook));
    const known = await this.delivery(at);
    if (known.state === 'due') return deliveryDtoOf(known);
    if ((await this.deliveries.bodyOf(at.event)) === null)
      throw new Refusal(
        'delivery_not_kept',
        `What ${at.event} told is not kept any more. Ask the API for what is so now.`,
      );
    const due = await this.deliveries.replay(at.webhook, at.event);
    this.courier.kick();
    return deliveryDtoOf(due ?? (await this.delivery(at)));
  }

  async replayMany({ workspace, webhook, since }: ReplayDeliveries): Promise<ReplayedDto> {
    mustBeOn(await this.webhooks.require(workspace, webhook));
    const deliveries = await this.deliveries.replayMany(webhook, since === undefined ? undefined : new Date(since));
    this.courier.kick();
    return { deliveries };
  }

  private async delivery({ workspace, webhook, event }: DeliveryRequest): Promise<Delivery> {
    await this.webhooks.require(workspace, webhook);
    const found = await this.deliveries.find(webhook, event);
    if (!found) throw new Refusal('delivery_not_found', `${webhook} has no delivery of ${event}.`);
    return found;
  }

  private async shown(webhook: Webhook): Promise<WebhookDto> {
    return dtoOf(webhook, await this.deliveries.count(webhook._id));
  }

  private async secretFrom(sealed: string, workspace: string, webhook: string): Promise<WebhookSecret> {
    const binding = bindingOf(workspace, webhook);
    const secret = await this.privateKey.open(sealed, binding).catch((error: unknown) => {
      if (!(error instanceof SealError)) throw error;
      return '';
    });
    if (!isWebhookSecret(secret))
      throw new InvalidRequest([{ path: '$.sealedSecret', detail: 'it is no secret sealed to this service for this' }]);
    return { sealed: await this.keyRing.seal(secret, binding), until: null };
  }
}

function mustBeOn({ _id, enabled }: Webhook): void {
  if (!enabled) throw new Refusal('webhook_off', `${_id} is off. Switch it on first.`);
}
