import { IsInt, IsISO8601 } from 'class-validator';
import { request, type RequestPair } from './message.js';

/** The services whose events leave through an outbox of theirs. */
export const outboxServices = ['connection-service', 'sync-service', 'usage-aggregator', 'action-service'] as const;
export type OutboxService = (typeof outboxServices)[number];

export class RepublishRequest {
  /** Events that were written before this moment are left out. */
  @IsISO8601()
  since!: string;
}

export class RepublishedDto {
  /** So many events are on their way again. */
  @IsInt()
  events!: number;
}

/**
 * Has a service publish the events of its outbox once more, so that a lost stream is filled again. They keep their ids, and
 * whoever took them before passes them over.
 */
export const republish = Object.fromEntries(
  outboxServices.map((service) => [
    service,
    request(`outbox.${service}.republish`, RepublishRequest, RepublishedDto, { timeoutMs: 120_000 }),
  ]),
) as Record<OutboxService, RequestPair<RepublishRequest, RepublishedDto>>;
