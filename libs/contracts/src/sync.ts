import { IsArray, IsIn, IsInt, IsISO8601, IsOptional, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { capabilities, type Capability } from './connections.js';
import {
  InConnection,
  InWorkspace,
  IsNullable,
  IsOktaId,
  IsSeatwiseId,
  IsText,
  PageRequest,
  IsInGrowing,
} from './fields.js';
import { event, request } from './message.js';

/** The kinds of data that a sync run brings, in the order in which they start. */
export const stageKinds = [
  'people',
  'deprovisioned_people',
  'groups',
  'apps',
  'memberships',
  'assignments',
  'group_assignments',
  'sign_ins',
  'sweep',
] as const;
export type StageKind = (typeof stageKinds)[number];

/** `paused`: a listing would take away suspiciously much and waits for agreement. `partial`: something may not be read. */
export const runStates = ['running', 'paused', 'complete', 'partial', 'failed', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

/** `continues`: the run has ended, and the log is read on after it. */
export const stageStates = ['waiting', 'running', 'done', 'failed', 'skipped', 'continues'] as const;
export type StageState = (typeof stageStates)[number];

export class StageDto {
  @IsInGrowing(stageKinds)
  kind!: StageKind;
  @IsIn(stageStates)
  state!: StageState;
  /** Tasks are one listing each: one for people, one per app for its assignments, one per group for its members. */
  @IsInt()
  tasks!: number;
  @IsInt()
  tasksDone!: number;
  @IsInt()
  pages!: number;
  /** Items that Okta listed. */
  @IsInt()
  seen!: number;
  @IsInt()
  added!: number;
  @IsInt()
  changed!: number;
  @IsInt()
  removed!: number;
  /** Items that were not of Okta's shape and were left out. */
  @IsInt()
  rejected!: number;
  @IsInt()
  requests!: number;
  /** Milliseconds that its tasks waited for Okta's rate limits, each for itself, added up. */
  @IsInt()
  waitedMs!: number;
  @IsNullable()
  @IsISO8601()
  startedAt!: string | null;
  @IsNullable()
  @IsISO8601()
  endedAt!: string | null;
}

/** Something that a run could not bring, and how to mend it. */
export class MissingDto {
  @IsInGrowing(stageKinds)
  kind!: StageKind;
  @IsOptional()
  @IsInGrowing(capabilities)
  capability?: Capability;
  @IsText(500)
  reason!: string;
  @IsText(800)
  mend!: string;
}

/** How many there were and how many a sweep would leave, of a listing that shrank suspiciously. */
export class ShrinkDto {
  @IsText(30)
  kind!: string;
  /** The app or group whose own listing shrank; absent: all of the kind together. */
  @IsOptional()
  @IsOktaId()
  scope?: string;
  @IsInt()
  before!: number;
  @IsInt()
  after!: number;
}

export class RunDto extends InConnection {
  @IsSeatwiseId()
  id!: string;
  @IsIn(runStates)
  state!: RunState;
  @IsIn(['connect', 'schedule', 'demand'])
  trigger!: 'connect' | 'schedule' | 'demand';
  @IsISO8601()
  startedAt!: string;
  @IsNullable()
  @IsISO8601()
  endedAt!: string | null;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => StageDto)
  stages!: StageDto[];
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MissingDto)
  missing!: MissingDto[];
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ShrinkDto)
  shrink!: ShrinkDto[];
  /** Why it failed; null otherwise. */
  @IsNullable()
  @IsText(800)
  reason!: string | null;
  @IsInt()
  requests!: number;
  /** Milliseconds in which any of it waited for Okta's rate limits. */
  @IsInt()
  waitedMs!: number;
  /** Counts up with each change. */
  @IsInt()
  version!: number;
  @IsNullable()
  @IsText(32)
  traceId!: string | null;
}

export class RunListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => RunDto)
  runs!: RunDto[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
  /** Where one connection was asked for: when it is due to be synced next; null: it is paused or removed. */
  @IsOptional()
  @IsNullable()
  @IsISO8601()
  nextSyncAt?: string | null;
}

export class ListRuns extends PageRequest {
  @IsSeatwiseId()
  workspace!: string;
  @IsOptional()
  @IsSeatwiseId()
  connection?: string;
}

export class RunRequest extends InWorkspace {
  @IsSeatwiseId()
  run!: string;
}

/** How much of one of Okta's rate limits is left, by what Okta said last and what was taken since. */
export class BudgetDto {
  @IsSeatwiseId()
  connection!: string;
  /** As Okta names it, by the paths that count into it. */
  @IsText(100)
  bucket!: string;
  /** Requests in a window, as Okta shows it to the token. */
  @IsInt()
  limit!: number;
  @IsInt()
  left!: number;
  /** When it is full again, or was. */
  @IsISO8601()
  fullAt!: string;
}

export class BudgetsDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BudgetDto)
  budgets!: BudgetDto[];
}

/** Starts a run, or answers the one that is under way. */
export const startSync = request('sync.start', InConnection, RunDto);
export const listRuns = request('sync.runs', ListRuns, RunListDto);
export const getRun = request('sync.run', RunRequest, RunDto);
/** A person agrees to the shrink that a paused run found; the run goes on. */
export const agreeToShrink = request('sync.agree', RunRequest, RunDto);
/** Of all connections, those buckets of which something is known. */
export const getBudgets = request('sync.budgets', InWorkspace, BudgetsDto);
export const cancelRun = request('sync.cancel', RunRequest, RunDto);

export const syncRunChanged = event('sync-run.changed', 1, RunDto);
