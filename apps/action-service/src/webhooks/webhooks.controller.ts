import { Injectable } from '@nestjs/common';
import {
  createWebhook,
  Done,
  getWebhook,
  listDeliveries,
  listWebhooks,
  removeWebhook,
  replayDeliveries,
  replayDelivery,
  rotateWebhook,
  testWebhook,
  updateWebhook,
  type CreateWebhook,
  type DeliveryDto,
  type DeliveryListDto,
  type DeliveryRequest,
  type InWorkspace,
  type ListDeliveries,
  type ReplayDeliveries,
  type ReplayedDto,
  type RotateWebhook,
  type UpdateWebhook,
  type WebhookDto,
  type WebhookListDto,
  type WebhookRequest,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { WebhooksService } from './webhooks.service.js';

@Injectable()
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Handles(createWebhook)
  create(dto: CreateWebhook): Promise<WebhookDto> {
    return this.webhooks.create(dto);
  }

  @Handles(listWebhooks)
  list({ workspace }: InWorkspace): Promise<WebhookListDto> {
    return this.webhooks.list(workspace);
  }

  @Handles(getWebhook)
  get(dto: WebhookRequest): Promise<WebhookDto> {
    return this.webhooks.get(dto);
  }

  @Handles(updateWebhook)
  update(dto: UpdateWebhook): Promise<WebhookDto> {
    return this.webhooks.update(dto);
  }

  @Handles(rotateWebhook)
  rotate(dto: RotateWebhook): Promise<WebhookDto> {
    return this.webhooks.rotate(dto);
  }

  @Handles(removeWebhook)
  async remove(dto: WebhookRequest): Promise<Done> {
    await this.webhooks.remove(dto);
    return new Done();
  }

  @Handles(testWebhook)
  test(dto: WebhookRequest): Promise<DeliveryDto> {
    return this.webhooks.test(dto);
  }

  @Handles(listDeliveries)
  listDeliveries(dto: ListDeliveries): Promise<DeliveryListDto> {
    return this.webhooks.listDeliveries(dto);
  }

  @Handles(replayDelivery)
  replay(dto: DeliveryRequest): Promise<DeliveryDto> {
    return this.webhooks.replay(dto);
  }

  @Handles(replayDeliveries)
  replayMany(dto: ReplayDeliveries): Promise<ReplayedDto> {
    return this.webhooks.replayMany(dto);
  }
}
