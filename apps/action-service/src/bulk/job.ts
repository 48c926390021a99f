import {
  type ActionName,
  type ActorDto,
  type BulkCountsDto,
  type BulkDto,
  type BulkItemDto,
  type BulkState,
  type ChosenByDto,
  type ForeseenDto,
  type ItemState,
  type ProblemCode,
} from '@seatwise/contracts';
import type { Action } from '../actions/action.js';

/** A bulk job as it is kept. What its people come to is in its tallies. */
export interface BulkJob {
  _id: string;
  workspace: string;
  connection: string;
  action: ActionName;
  parameters: Record<string, unknown>;
  reason: string;
  chosenBy?: ChosenByDto | undefined;
  by: ActorDto;
  dryRun: boolean;
  state: BulkState;
  /** Whose people are taken, while they come in. */
  gatherer: string;
  idempotencyKey: string;
  digest: string;
  foreseen: ForeseenDto[];
  failureShare: number;
  /** What had ended and failed when it was last started: only what came after can stop it. */
  since: { ended: number; failures: number };
  approvedBy: ActorDto | null;
  cancelledBy?: ActorDto;
  cancelledAt?: Date;
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  /** Its counts can still change by themselves: somebody must look at it. */
  live: boolean;
  /** Which process takes people of it into work, and until when. */
  feeder: string;
  feedUntil: Date;
  version: number;
  traceId: string | null;
  /** W3C trace context of the request. */
  headers: Record<string, string>;
}

export interface BulkItem {
  /** `{job}|{n}` */
  _id: string;
  job: string;
  n: number;
  gatherer: string;
  person: string;
  login: string | null;
  foreseen: ProblemCode | null;
  state: ItemState;
  /** It counts against the job's threshold. */
  isFailure: boolean;
  tries: number;
  action: string | null;
  code: ProblemCode | null;
  detail: string | null;
  endedAt: Date | null;
}

/** What was added to the counts of a job and taken from them by one writer; the sum of all is how many are in each state. */
export type Tally = Record<ItemState | 'failures' | 'version', number> & { _id: string; job: string };

export const itemId = (job: string, n: number): string => `${job}|${n}`;
export type Counts = BulkCountsDto & { version: number };

export const endedIn = ({ done, none, refused, failed, unknown }: BulkCountsDto): number =>
  done + none + refused + failed + unknown;

export function dtoOf(job: BulkJob, { version, ...counts }: Counts): BulkDto {
  const { workspace, connection, action, parameters, reason, by, state, foreseen, failureShare } = job;
  return {
    ...(job.chosenBy && { chosenBy: job.chosenBy }),
    id: job._id,
    workspace,
    connection,
    action,
    parameters,
    reason,
    by,
    dryRun: job.dryRun,
    state,
    counts,
    foreseen,
    failureShare,
    approvedBy: job.approvedBy,
    ...(job.cancelledBy && { cancelledBy: job.cancelledBy }),
    ...(job.cancelledAt && { cancelledAt: job.cancelledAt.toISOString() }),
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    endedAt: job.endedAt?.toISOString() ?? null,
    traceId: job.traceId,
    version: job.version + version,
  };
}

export const itemDtoOf = ({
  job: _job,
  _id,
  gatherer: _gatherer,
  isFailure: _isFailure,
  endedAt,
  ...item
}: BulkItem): BulkItemDto => ({
  ...item,
  endedAt: endedAt?.toISOString() ?? null,
});

/** What is wrong with the connection is wrong for everybody who comes after. */
const ofConnection = new Set<ProblemCode>([
  'connection_not_found',
  'connection_removed',
  'connection_paused',
  'permission_level_required',
  'capability_missing',
  'credential_rejected',
]);

/** Whether the end of an action counts against the threshold. Not so what we refuse because of the person alone. */
export function isFailure({ state, requests, fault }: Action): boolean {
  if (state !== 'refused') return state === 'failed' || state === 'unknown';
  return requests.some(({ sent }) => sent > 0) || (fault !== null && ofConnection.has(fault.code));
}

const leastFailures = 10;

/** Whether so much has failed since it was started that a person should look at it first. */
export function isTooMuch({ since, failureShare }: BulkJob, counts: BulkCountsDto): boolean {
  const failures = counts.failures - since.failures;
  return failures >= leastFailures && failures > failureShare * (endedIn(counts) - since.ended);
}
