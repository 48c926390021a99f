import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { actionDone, actionFailed, actionRefused, actionRequested, actionUnknown } from './actions.js';
import { bulkCancelled, bulkDone, bulkPaused, bulkResumed, bulkStarted, bulkStopped, bulkWaiting } from './bulk.js';
import { directoryChanged } from './changes.js';
import { connectionChanged, connectionConnected, connectionRemoved } from './connections.js';
import { directoryComplete, signInsRecorded } from './directory.js';
import { Done, InWorkspace, IsNullable, IsSeatwiseId, IsText, PageRequest } from './fields.js';
import { event, request, type EventType } from './message.js';
import { Refusal } from './problems.js';
import { syncRunChanged } from './sync.js';
import { usageDayChanged } from './usage.js';

/** How many webhooks a workspace may have. */
export const mostWebhooks = 20;

/** Why a webhook is off: somebody switched it off, its receiver answered 410 Gone, or it failed for days. */
export const offReasons = ['by_hand', 'gone', 'failing'] as const;
export type OffReason = (typeof offReasons)[number];

/** Seatwise has switched a webhook off by itself. */
export class WebhookDisabledV1 extends InWorkspace {
  @IsSeatwiseId()
  webhook!: string;
  @IsText(200)
  description!: string;
  @IsIn(offReasons)
  reason!: OffReason;
  /** Since when nothing could be delivered. */
  @IsISO8601()
  failingSince!: string;
}

export const webhookDisabled = event('webhook.disabled', 1, WebhookDisabledV1);

/**
 * What may leave Seatwise: events whose payload is for whoever may read the workspace. What is internal, and what is told
 * live, is not among them.
 */
export const publicEvents: EventType<object>[] = [
  connectionConnected,
  connectionChanged,
  connectionRemoved,
  syncRunChanged,
  ...Object.values(directoryChanged),
  directoryComplete,
  signInsRecorded,
  usageDayChanged,
  actionRequested,
  actionDone,
  actionRefused,
  actionFailed,
  actionUnknown,
  bulkWaiting,
  bulkStarted,
  bulkPaused,
  bulkResumed,
  bulkStopped,
  bulkCancelled,
  bulkDone,
  webhookDisabled,
];

/** Their names, by which a webhook chooses. */
export const publicEventNames = publicEvents.map(({ name }) => name);

/** The type of the event that is sent on request, to try a webhook out. */
export const testedEvent = 'webhook.tested';

const IsChoiceOfEvents = (): PropertyDecorator => (target, property) => {
  for (const decorate of [
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(publicEventNames.length),
    ArrayUnique(),
    IsIn(publicEventNames, { each: true }),
  ])
    decorate(target, property);
};

/** What is chosen of a webhook when it is made. */
export class WebhookChoice {
  /** Where events are sent: https, of a public host. */
  @IsText(2000)
  url!: string;
  @IsText(200)
  description: string = '';
  /** The types of events that are sent. */
  @IsChoiceOfEvents()
  events!: string[];
}

/** What can be changed of it. */
export class WebhookChange {
  @IsOptional()
  @IsText(2000)
  url?: string;
  @IsOptional()
  @IsText(200)
  description?: string;
  @IsOptional()
  @IsChoiceOfEvents()
  events?: string[];
  /** `true` also sets going again one that was switched off by itself; what was parked meanwhile is to be replayed. */
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;
}

/** A webhook. It never holds its secret. */
export class WebhookDto extends InWorkspace {
  @IsSeatwiseId()
  id!: string;
  @IsText(2000)
  url!: string;
  @IsText(200)
  description!: string;
  @IsArray()
  @IsIn(publicEventNames, { each: true })
  events!: string[];
  @IsBoolean()
  enabled!: boolean;
  /** Why it is off; null: it is on. */
  @IsNullable()
  @IsIn(offReasons)
  offBecause!: OffReason | null;
  @IsNullable()
  @IsISO8601()
  offSince!: string | null;
  /** Since when nothing could be delivered; null: what was delivered last was taken. */
  @IsNullable()
  @IsISO8601()
  failingSince!: string | null;
  /** The secret from before the last rotation signs as well until then; null: there is none. */
  @IsNullable()
  @IsISO8601()
  oldSecretUntil!: string | null;
  /** Deliveries that wait to be tried, and those that were given up; 1,000 means that many or more. */
  @IsInt()
  due!: number;
  @IsInt()
  parked!: number;
  @IsISO8601()
  createdAt!: string;
}

export class WebhookListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WebhookDto)
  webhooks!: WebhookDto[];
}

/** `due`: it waits to be tried, for the first time or again. `parked`: it was given up, and can be replayed. */
export const deliveryStates = ['due', 'delivered', 'parked'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One event on its way to one webhook. */
export class DeliveryDto extends InWorkspace {
  /** The event's id, which is the `webhook-id` of every attempt. */
  @IsSeatwiseId()
  event!: string;
  @IsSeatwiseId()
  webhook!: string;
  /** `{entity}.{event}` */
  @IsText(100)
  type!: string;
  @IsIn(deliveryStates)
  state!: DeliveryState;
  /** How often it was sent. */
  @IsInt()
  attempts!: number;
  /** When the event came to be sent. */
  @IsISO8601()
  createdAt!: string;
  @IsNullable()
  @IsISO8601()
  nextAttemptAt!: string | null;
  @IsNullable()
  @IsISO8601()
  lastAttemptAt!: string | null;
  /** The status of the last answer; null: none came. */
  @IsNullable()
  @IsInt()
  lastStatus!: number | null;
  /** What was wrong with the last attempt, in words; null: nothing. */
  @IsNullable()
  @IsText(300)
  lastError!: string | null;
  @IsNullable()
  @IsText(32)
  traceId!: string | null;
}

export class DeliveryListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DeliveryDto)
  deliveries!: DeliveryDto[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
}

export class ReplayedDto {
  /** So many deliveries are due again. */
  @IsInt()
  deliveries!: number;
}

export class WebhookRequest extends InWorkspace {
  @IsSeatwiseId()
  webhook!: string;
}

/** The id is chosen by whoever asks, so that the secret can be sealed for it, and the same request twice makes one. */
export class CreateWebhook extends WebhookRequest {
  @IsObject()
  @ValidateNested()
  @Type(() => WebhookChoice)
  choice!: WebhookChoice;
  /** JWE of the secret, `whsec_…`, to action-service, context `webhook|{workspace}|{webhook}`. */
  @IsText(2000)
  sealedSecret!: string;
}

export class UpdateWebhook extends WebhookRequest {
  @IsObject()
  @ValidateNested()
  @Type(() => WebhookChange)
  change!: WebhookChange;
}

export class RotateWebhook extends WebhookRequest {
  /** As that of {@link CreateWebhook}. */
  @IsText(2000)
  sealedSecret!: string;
}

export class ListDeliveries extends PageRequest {
  @IsSeatwiseId()
  workspace!: string;
  @IsSeatwiseId()
  webhook!: string;
  @IsOptional()
  @IsIn(deliveryStates)
  state?: DeliveryState;
}

export class DeliveryRequest extends WebhookRequest {
  @IsSeatwiseId()
  event!: string;
}

export class ReplayDeliveries extends WebhookRequest {
  /** All whose event came since this moment, delivered or not; left out: all that are parked. */
  @IsOptional()
  @IsISO8601({ strict: true })
  @IsText(40)
  since?: string;
}

export const createWebhook = request('webhooks.create', CreateWebhook, WebhookDto);
export const listWebhooks = request('webhooks.list', InWorkspace, WebhookListDto);
export const getWebhook = request('webhooks.get', WebhookRequest, WebhookDto);
export const updateWebhook = request('webhooks.update', UpdateWebhook, WebhookDto);
/** The secret there was signs beside the new one for a day. */
export const rotateWebhook = request('webhooks.rotate', RotateWebhook, WebhookDto);
export const removeWebhook = request('webhooks.remove', WebhookRequest, Done, { timeoutMs: 30_000 });
/** Sends it an event that tells nothing, as any other is sent. */
export const testWebhook = request('webhooks.test', WebhookRequest, DeliveryDto);
export const listDeliveries = request('webhooks.deliveries', ListDeliveries, DeliveryListDto);
export const replayDelivery = request('webhooks.replay', DeliveryRequest, DeliveryDto);
export const replayDeliveries = request('webhooks.replay-many', ReplayDeliveries, ReplayedDto, { timeoutMs: 30_000 });

export class WebhookNotFound extends Refusal {
  constructor(webhook: string) {
    super('webhook_not_found', `This workspace has no webhook ${webhook}.`);
  }
}
