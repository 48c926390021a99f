import type { DeliveryDto, DeliveryState } from '@seatwise/contracts';

/** One event on its way to one webhook. */
export interface Delivery {
  /** {@link deliveryId} */
  _id: string;
  workspace: string;
  webhook: string;
  event: string;
  type: string;
  /** The connection that the event is about; null: it is about none. */
  connection: string | null;
  state: DeliveryState;
  /** When somebody takes it, or takes it over from one who has died meanwhile; absent: nobody does. */
  dueAt?: Date;
  /** Counts up with each time that it is taken: whoever was overtaken writes nothing any more. */
  claims: number;
  attempts: number;
  /** Attempts since it became due, for the first time or by a replay. */
  round: number;
  takenAt: Date;
  lastAt: Date | null;
  lastStatus: number | null;
  lastError: string | null;
  /** W3C trace context of the event. */
  headers: Record<string, string>;
  traceId: string | null;
  /** When it is forgotten; absent while it is due. */
  expiresAt?: Date;
}

/** What a delivery sends: kept once, however many webhooks it goes to. */
export interface SentEvent {
  _id: string;
  workspace: string;
  type: string;
  connection: string | null;
  /** The CloudEvent in structured JSON mode. */
  body: string;
  expiresAt: Date;
}

/** The same event makes one delivery to a webhook, however often it comes. */
export const deliveryId = (webhook: string, event: string): string => `${webhook}|${event}`;

export const dtoOf = (delivery: Delivery): DeliveryDto => ({
  workspace: delivery.workspace,
  webhook: delivery.webhook,
  event: delivery.event,
  type: delivery.type,
  state: delivery.state,
  attempts: delivery.attempts,
  createdAt: delivery.takenAt.toISOString(),
  nextAttemptAt: delivery.dueAt?.toISOString() ?? null,
  lastAttemptAt: delivery.lastAt?.toISOString() ?? null,
  lastStatus: delivery.lastStatus,
  lastError: delivery.lastError,
  traceId: delivery.traceId,
});
