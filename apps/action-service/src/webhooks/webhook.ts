import type { OffReason, WebhookDto } from '@seatwise/contracts';
import type { KeyRing } from '@seatwise/persistence';

type Sealed = Awaited<ReturnType<KeyRing['seal']>>;

/** A secret, sealed at rest. The newest is the first. */
export interface WebhookSecret {
  sealed: Sealed;
  /** It signs until then; null: until another takes its place. */
  until: Date | null;
}

export interface Webhook {
  _id: string;
  workspace: string;
  url: string;
  description: string;
  events: string[];
  enabled: boolean;
  offBecause: OffReason | null;
  offSince: Date | null;
  failingSince: Date | null;
  /** Its receiver asked to be left alone until then (`Retry-After`). */
  heldUntil: Date | null;
  secrets: WebhookSecret[];
  createdAt: Date;
  /** Counts up with each change that somebody made. */
  version: number;
}

/** Where a secret belongs: moved elsewhere it does not open. */
export const bindingOf = (workspace: string, webhook: string): string => `webhook|${workspace}|${webhook}`;

/** The secrets that sign at this moment. */
export const signing = ({ secrets }: Webhook, now = new Date()): WebhookSecret[] =>
  secrets.filter(({ until }) => until === null || until > now);

export function dtoOf(webhook: Webhook, { due, parked }: { due: number; parked: number }): WebhookDto {
  const { _id: id, workspace, url, description, events, enabled, offBecause, offSince, failingSince } = webhook;
  const old = signing(webhook).find(({ until }) => until !== null);
  return {
    id,
    workspace,
    url,
    description,
    events,
    enabled,
    offBecause,
    offSince: offSince?.toISOString() ?? null,
    failingSince: failingSince?.toISOString() ?? null,
    oldSecretUntil: old?.until?.toISOString() ?? null,
    due,
    parked,
    createdAt: webhook.createdAt.toISOString(),
  };
}

/** What is kept of it when a person switches it on or off. */
export const switched = (enabled: boolean): Partial<Webhook> =>
  enabled
    ? { enabled, offBecause: null, offSince: null, failingSince: null, heldUntil: null }
    : { enabled, offBecause: 'by_hand', offSince: new Date() };
