import {
  DeliveryDto,
  DeliveryListDto,
  DeliveryRequest,
  ListDeliveries,
  ReplayDeliveries,
  ReplayedDto,
  IsText,
  WebhookChange,
  WebhookChoice,
  WebhookDto,
  WebhookListDto,
  WebhookRequest,
} from '@seatwise/contracts';
import { PickType } from '@nestjs/swagger';

export { DeliveryDto, DeliveryListDto, ReplayedDto, WebhookChange, WebhookChoice, WebhookDto, WebhookListDto };

/** A webhook with its secret: this once and never again. */
export class WebhookWithSecretDto extends WebhookDto {
  /** `whsec_…`: what its receiver verifies signatures by. */
  @IsText(200)
  secret!: string;
}

export class WebhookPath extends PickType(WebhookRequest, ['webhook'] as const) {}
export class DeliveryPath extends PickType(DeliveryRequest, ['webhook', 'event'] as const) {}
export class DeliveriesQuery extends PickType(ListDeliveries, ['state', 'limit', 'cursor'] as const) {}
/** Which deliveries are to be sent once more. */
export class NewReplay extends PickType(ReplayDeliveries, ['since'] as const) {}
