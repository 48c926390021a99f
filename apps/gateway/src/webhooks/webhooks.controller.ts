import { Controller, Delete, Get, Patch, Post, Res } from '@nestjs/common';
import {
  getWebhook,
  listDeliveries,
  listWebhooks,
  removeWebhook,
  replayDeliveries,
  replayDelivery,
  testWebhook,
  updateWebhook,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import type { Response } from 'express';
import { By, within, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromBody, FromPath, FromQuery } from '../door/reading.js';
import {
  DeliveriesQuery,
  DeliveryDto,
  DeliveryListDto,
  DeliveryPath,
  NewReplay,
  ReplayedDto,
  WebhookChange,
  WebhookChoice,
  WebhookDto,
  WebhookListDto,
  WebhookPath,
  WebhookWithSecretDto,
} from './webhooks.dto.js';
import { WebhooksService } from './webhooks.service.js';

const atLeastOnce =
  'Each event is sent at least once and in no order, as a CloudEvent in structured JSON mode, signed as Standard Webhooks ' +
  'says: take a `webhook-id` that you had for done.';

@Controller('api/v1/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly bus: Bus,
  ) {}

  @Post()
  @Operation({
    allows: 'admin',
    summary: 'Make a webhook',
    audited: 'webhook.made',
    description: `Events of the chosen types are sent to it from now on. ${atLeastOnce} The secret is in this answer and nowhere else.`,
    answer: {
      status: 201,
      description: 'The webhook, with its secret.',
      Type: WebhookWithSecretDto,
      headers: ['Location'],
    },
    refuses: ['invalid_webhook_url', 'too_many_webhooks'],
  })
  async createWebhook(
    @By() caller: Caller,
    @FromBody(WebhookChoice) choice: WebhookChoice,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WebhookWithSecretDto> {
    const made = await this.webhooks.create(caller.workspace, choice);
    response.location(`/api/v1/webhooks/${made.id}`);
    return made;
  }

  @Get()
  @Operation({
    allows: 'admin',
    summary: 'List webhooks',
    answer: { status: 200, description: 'All webhooks of the workspace, without their secrets.', Type: WebhookListDto },
  })
  listWebhooks(@By() { workspace }: Caller): Promise<WebhookListDto> {
    return this.bus.request(listWebhooks, { workspace });
  }

  @Get(':webhook')
  @Operation({
    allows: 'admin',
    summary: 'One webhook',
    answer: { status: 200, description: 'The webhook, without its secret.', Type: WebhookDto },
    refuses: ['webhook_not_found'],
  })
  getWebhook(@By() caller: Caller, @FromPath(WebhookPath) path: WebhookPath): Promise<WebhookDto> {
    return this.bus.request(getWebhook, within(caller, path));
  }

  @Patch(':webhook')
  @Operation({
    allows: 'admin',
    summary: 'Change a webhook',
    audited: 'webhook.changed',
    description:
      'Only the fields that are sent change. One that is off takes no events; `enabled: true` sets it going again, and what ' +
      'was parked before can be replayed.',
    answer: { status: 200, description: 'The webhook as it is now.', Type: WebhookDto },
    refuses: ['webhook_not_found', 'invalid_webhook_url'],
  })
  updateWebhook(
    @By() caller: Caller,
    @FromPath(WebhookPath) path: WebhookPath,
    @FromBody(WebhookChange) change: WebhookChange,
  ): Promise<WebhookDto> {
    return this.bus.request(updateWebhook, within(caller, path, { change }));
  }

  @Delete(':webhook')
  @Operation({
    allows: 'admin',
    summary: 'Delete a webhook',
    audited: 'webhook.deleted',
    description: 'With all its deliveries, those that are due included.',
    answer: { status: 204, description: 'Deleted.' },
    refuses: ['webhook_not_found'],
  })
  async deleteWebhook(@By() caller: Caller, @FromPath(WebhookPath) path: WebhookPath): Promise<void> {
    await this.bus.request(removeWebhook, within(caller, path));
  }

  @Post(':webhook/secret')
  @Operation({
    allows: 'admin',
    summary: 'Rotate the secret',
    audited: 'webhook.rotated',
    description:
      'The new secret is in this answer and nowhere else. For 24 hours the old one signs as well: each request carries a ' +
      'signature by each.',
    answer: { status: 200, description: 'The webhook, with its new secret.', Type: WebhookWithSecretDto },
    refuses: ['webhook_not_found'],
  })
  rotateSecret(@By() caller: Caller, @FromPath(WebhookPath) path: WebhookPath): Promise<WebhookWithSecretDto> {
    return this.webhooks.rotate(within(caller, path));
  }

  @Post(':webhook/test')
  @Operation({
    allows: 'admin',
    summary: 'Send a test event',
    audited: 'webhook.tested',
    description: 'An event `webhook.tested`, whatever types are chosen, sent and tried again as any other.',
    answer: {
      status: 202,
      description: 'Its delivery; look at the deliveries for what comes of it.',
      Type: DeliveryDto,
    },
    refuses: ['webhook_not_found', 'webhook_off'],
  })
  testWebhook(@By() caller: Caller, @FromPath(WebhookPath) path: WebhookPath): Promise<DeliveryDto> {
    return this.bus.request(testWebhook, within(caller, path));
  }

  @Get(':webhook/deliveries')
  @Operation({
    allows: 'admin',
    summary: 'List deliveries',
    description:
      'The newest events first. What was sent is kept for 7 days, and for 30 where it was given up; that it was sent, for 31.',
    answer: { status: 200, description: 'One page of deliveries.', Type: DeliveryListDto },
    refuses: ['webhook_not_found', 'invalid_cursor'],
  })
  listDeliveries(
    @By() caller: Caller,
    @FromPath(WebhookPath) path: WebhookPath,
    @FromQuery(DeliveriesQuery) query: DeliveriesQuery,
  ): Promise<DeliveryListDto> {
    return this.bus.request(listDeliveries, within(caller, path, query));
  }

  @Post(':webhook/deliveries/replay')
  @Operation({
    allows: 'admin',
    summary: 'Send deliveries once more',
    audited: 'webhook.replayed',
    description:
      'All that are parked; with `since` all whose event came since that moment, those that were delivered included.',
    answer: { status: 202, description: 'How many are due again.', Type: ReplayedDto },
    refuses: ['webhook_not_found', 'webhook_off'],
  })
  replayDeliveries(
    @By() caller: Caller,
    @FromPath(WebhookPath) path: WebhookPath,
    @FromBody(NewReplay) which: NewReplay,
  ): Promise<ReplayedDto> {
    return this.bus.request(replayDeliveries, within(caller, path, which));
  }

  @Post(':webhook/deliveries/:event/replay')
  @Operation({
    allows: 'admin',
    summary: 'Send one delivery once more',
    audited: 'webhook.replayed',
    description: 'Under the same `webhook-id`. One that is due anyway is left as it is.',
    answer: { status: 202, description: 'The delivery, which is due again.', Type: DeliveryDto },
    refuses: ['webhook_not_found', 'webhook_off', 'delivery_not_found', 'delivery_not_kept'],
  })
  replayDelivery(@By() caller: Caller, @FromPath(DeliveryPath) path: DeliveryPath): Promise<DeliveryDto> {
    return this.bus.request(replayDelivery, within(caller, path));
  }
}
