import { Refusal, type MissingDto, type StageKind } from '@seatwise/contracts';
import { isTransient } from '@seatwise/messaging';
import {
  BudgetWaitError,
  FeatureMissingError,
  ForeignLinkError,
  LinkLoopError,
  NotFoundError,
  PermissionDeniedError,
  readings,
  RefusedError,
  TokenRejectedError,
  type OktaError,
} from '@seatwise/okta';
import type { Task } from './task.js';
import { Interrupted } from './work.js';

/** What a fault means for the task that met it. */
export type Outcome =
  /** Nobody's fault: the task is free at once, and taken up again after a while. */
  | { kind: 'later'; inMs: number; waitedMs?: number }
  /** The bus or the database is away: the message is tried again for as long as that lasts. */
  | { kind: 'away' }
  /** There is nothing to list. */
  | { kind: 'done' }
  /** Of no use any more. */
  | { kind: 'skipped'; reason: string }
  /** The credential may not read this. */
  | { kind: 'missing'; reason: string; missing: MissingDto }
  /** The credential is dead, and the run with it. */
  | { kind: 'rejected'; reason: string }
  /** An attempt that failed; `restart`: the next one begins anew, for Okta does not take its link any more. */
  | { kind: 'again'; reason: string; restart: boolean; inMs: number }
  | { kind: 'failed'; reason: string };

const mostAttempts = 4;

/** `task` is as it stands after the fault. */
export function outcomeOf(
  task: Pick<Task, 'kind' | 'scope' | 'next' | 'attempts' | 'restarts'>,
  error: unknown,
): Outcome {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof Interrupted) return { kind: 'later', inMs: 0 };
  if (error instanceof BudgetWaitError)
    return { kind: 'later', inMs: Math.ceil(error.waitMs), waitedMs: Math.round(error.waitMs) };
  // Of an app or a group that has gone since it was listed, nothing is listed: that is complete.
  if (error instanceof NotFoundError && task.scope) return { kind: 'done' };
  if (error instanceof PermissionDeniedError || error instanceof FeatureMissingError)
    return { kind: 'missing', reason, missing: missingOf(task.kind, error) };
  if (error instanceof TokenRejectedError) return { kind: 'rejected', reason };
  // What leads elsewhere or in a circle leads there again.
  if (error instanceof ForeignLinkError || error instanceof LinkLoopError) return { kind: 'failed', reason };
  if (error instanceof Refusal) return outcomeOfRefusal(error);
  if (isTransient(error)) return { kind: 'away' };
  const restart = error instanceof RefusedError && task.next !== null;
  if (error instanceof RefusedError && !restart) return { kind: 'failed', reason };
  const attempts = Math.max(task.attempts, restart ? task.restarts : 0) + 1;
  if (attempts >= mostAttempts) return { kind: 'failed', reason };
  return { kind: 'again', reason, restart, inMs: 500 * 2 ** attempts };
}

/** connection-service did not hand out the credential. */
function outcomeOfRefusal({ code, message }: Refusal): Outcome {
  if (code === 'service_unavailable' || code === 'deadline_exceeded') return { kind: 'later', inMs: 2_000 };
  if (code === 'connection_not_found') return { kind: 'skipped', reason: message };
  return { kind: 'failed', reason: message };
}

const capabilityOf = {
  people: 'users',
  deprovisioned_people: 'users',
  groups: 'groups',
  memberships: 'groups',
  sign_ins: 'usage',
  sweep: 'users',
} as const;

/** What is missing when Okta forbids a kind of listing, in the words of the connection test. */
function missingOf(kind: StageKind, error: OktaError): MissingDto {
  const capability = kind in capabilityOf ? capabilityOf[kind as keyof typeof capabilityOf] : 'apps';
  const words = readings.find((reading) => reading.capability === capability)?.missing;
  return { kind, capability, reason: words?.reason ?? error.message, mend: words?.mend ?? '' };
}
