import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import {
  actionCatalogue,
  ActorDto,
  answersSecret,
  IsActionName,
  IsIdempotencyKey,
  IsReason,
  type ActionName,
} from './actions.js';
import {
  Done,
  InConnection,
  InWorkspace,
  IsNullable,
  IsOktaId,
  IsProblemCode,
  IsSeatwiseId,
  IsText,
  PageRequest,
} from './fields.js';
import { event, request } from './message.js';
import { Refusal, type ProblemCode } from './problems.js';

export const mostPeopleInBulk = 100_000;
/** How many of them one message carries. */
export const mostPeopleInPart = 1_000;

/**
 * `gathering`: the people are still coming in; cancelled after a day. `preview`: it waits for its start, and nothing was sent to Okta. `stopped`:
 * by itself, because too much failed; it can be gone on with. `done`: nobody waits any more, whatever came of each.
 */
export const bulkStates = [
  'gathering',
  'preview',
  'waiting_for_approval',
  'running',
  'paused',
  'stopped',
  'cancelled',
  'done',
] as const;
export type BulkState = (typeof bulkStates)[number];

/** What became of one person: the ends of their action, of which `none` is a `done` that had nothing to change. */
export const itemStates = ['waiting', 'running', 'done', 'none', 'refused', 'failed', 'unknown'] as const;
export type ItemState = (typeof itemStates)[number];

/** Why an action is not done to many people at once; undefined: it may be. */
function reasonAgainstBulk(action: ActionName, parameters: object): string | undefined {
  const { title, secrets } = actionCatalogue[action];
  if (action === 'delete_user')
    return (
      'Delete User is not taken in bulk: nobody comes back from it, so the login of each is to be repeated. ' +
      'Deactivate them in bulk, and delete one by one.'
    );
  if (action === 'create_user') return 'Create User is not taken in bulk: there is nobody yet to be chosen.';
  if (secrets.length > 0)
    return `${title} is not taken in bulk: a secret that many have is none. Reset or expire their passwords instead.`;
  if (answersSecret(action, parameters))
    return "With these parameters Okta's answer holds a secret, and in bulk nobody waits for it. Let Okta send it.";
  return undefined;
}

/** Throws what is against doing this to many at once. */
export function mustBeInBulk(action: ActionName, parameters: object): void {
  const reason = reasonAgainstBulk(action, parameters);
  if (reason !== undefined) throw new Refusal('action_not_in_bulk', reason);
}

/** How many people are in each state. */
export class BulkCountsDto implements Record<ItemState, number> {
  @IsInt()
  total!: number;
  @IsInt()
  waiting!: number;
  @IsInt()
  running!: number;
  @IsInt()
  done!: number;
  @IsInt()
  none!: number;
  @IsInt()
  refused!: number;
  @IsInt()
  failed!: number;
  @IsInt()
  unknown!: number;
  /** What counts against the threshold: failed, unknown, and refused by Okta's own word or because of the connection. */
  @IsInt()
  failures!: number;
}

/** How many would be refused, by the mirror as it was at the preview. */
export class ForeseenDto {
  @IsProblemCode()
  code!: ProblemCode;
  @IsInt()
  count!: number;
}

/** How the people of a job were chosen, for whoever approves it. */
export class ChosenByDto {
  @IsIn(['people', 'csv', 'filter'])
  way!: 'people' | 'csv' | 'filter';
  /** The name of the file, where it was told. */
  @IsOptional()
  @IsText(200)
  file?: string;
  /** How often somebody was named again, who counts once; absent: never. */
  @IsOptional()
  @IsInt()
  repeated?: number;
  /** How many lines of the file were left out because they name nobody; absent: none. */
  @IsOptional()
  @IsInt()
  leftOut?: number;
  /** The filter of the list of people, as it was when they were looked for. */
  @IsOptional()
  @IsObject()
  filter?: Record<string, unknown>;
}

/** One action for many people. */
export class BulkDto extends InConnection {
  @IsSeatwiseId()
  id!: string;
  @IsActionName()
  action!: ActionName;
  @IsObject()
  parameters!: Record<string, unknown>;
  @IsText(500)
  reason!: string;
  @IsObject()
  @ValidateNested()
  @Type(() => ActorDto)
  by!: ActorDto;
  /** Absent: it was made before this was kept. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ChosenByDto)
  chosenBy?: ChosenByDto;
  /** Everybody is looked up and checked, and nothing is sent: each action shows the requests that it would make. */
  @IsBoolean()
  dryRun!: boolean;
  @IsIn(bulkStates)
  state!: BulkState;
  /** Of a preview that is asked for: whether it waits for approval once it is started. */
  @IsOptional()
  @IsBoolean()
  needsApproval?: boolean;
  @IsObject()
  @ValidateNested()
  @Type(() => BulkCountsDto)
  counts!: BulkCountsDto;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ForeseenDto)
  foreseen!: ForeseenDto[];
  /** It stops by itself when more than this share of what has ended since its last start failed, and ten at least. */
  @IsNumber()
  failureShare!: number;
  @IsNullable()
  @IsObject()
  @ValidateNested()
  @Type(() => ActorDto)
  approvedBy!: ActorDto | null;
  /** Who cancelled it, or refused to approve it; absent: nobody did, it was cancelled by itself, or before this was kept. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ActorDto)
  cancelledBy?: ActorDto;
  @IsOptional()
  @IsISO8601()
  cancelledAt?: string;
  @IsISO8601()
  createdAt!: string;
  @IsNullable()
  @IsISO8601()
  startedAt!: string | null;
  /** When it was done, or was cancelled and nothing of it was in flight any more. */
  @IsNullable()
  @IsISO8601()
  endedAt!: string | null;
  @IsNullable()
  @IsText(32)
  traceId!: string | null;
  /** Counts up with each change. */
  @IsInt()
  version!: number;
}

export class BulkListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BulkDto)
  jobs!: BulkDto[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
}

/** One person of a job. */
export class BulkItemDto {
  /** Their place, from 0. */
  @IsInt()
  n!: number;
  @IsOktaId()
  person!: string;
  /** As the mirror knew it at the preview. */
  @IsNullable()
  @IsText(300)
  login!: string | null;
  @IsIn(itemStates)
  state!: ItemState;
  /** The refusal that the preview foresaw. */
  @IsNullable()
  @IsProblemCode()
  foreseen!: ProblemCode | null;
  /** The latest action on them. */
  @IsNullable()
  @IsSeatwiseId()
  action!: string | null;
  /** How often it was tried. */
  @IsInt()
  tries!: number;
  /** Why it was not done. */
  @IsNullable()
  @IsProblemCode()
  code!: ProblemCode | null;
  @IsNullable()
  @IsText(300)
  detail!: string | null;
  @IsNullable()
  @IsISO8601()
  endedAt!: string | null;
}

export class BulkItemsDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BulkItemDto)
  items!: BulkItemDto[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
}

export class CreateBulk extends InConnection {
  @IsActionName()
  action!: ActionName;
  @IsObject()
  parameters!: Record<string, unknown>;
  @IsReason()
  reason!: string;
  @IsObject()
  @ValidateNested()
  @Type(() => ActorDto)
  by!: ActorDto;
  /** The same key with the same `digest` is the same job, however often it is sent. */
  @IsIdempotencyKey()
  idempotencyKey!: string;
  /** Of the whole of the request, the choice of people included. */
  @IsText(64)
  digest!: string;
  /** Whoever brings its people. Of two who do so at once the one that began last is heard. */
  @IsText(64)
  gatherer!: string;
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ChosenByDto)
  chosenBy?: ChosenByDto;
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1)
  failureShare?: number;
}

export class BulkRequest extends InWorkspace {
  @IsSeatwiseId()
  bulk!: string;
}

export class AddToBulk extends BulkRequest {
  /** Whoever brings its people. Of two who do so at once the one that began last is heard. */
  @IsText(64)
  gatherer!: string;
  /** The place of the first of them. */
  @IsInt()
  @Min(0)
  @Max(mostPeopleInBulk)
  from!: number;
  @IsArray()
  @ArrayMaxSize(mostPeopleInPart)
  @IsOktaId({ each: true })
  people!: string[];
}

export class CloseBulk extends BulkRequest {
  /** Whoever brings its people. Of two who do so at once the one that began last is heard. */
  @IsText(64)
  gatherer!: string;
  /** How many people were added. */
  @IsInt()
  @Min(1)
  @Max(mostPeopleInBulk)
  total!: number;
}

/** A command to a job, and whose it is. */
export class CommandBulk extends BulkRequest {
  @IsObject()
  @ValidateNested()
  @Type(() => ActorDto)
  by!: ActorDto;
}

export class ListBulk extends PageRequest {
  @IsSeatwiseId()
  workspace!: string;
  @IsOptional()
  @IsSeatwiseId()
  connection?: string;
  @IsOptional()
  @IsIn(bulkStates)
  state?: BulkState;
}

export class ListBulkItems extends BulkRequest {
  @IsOptional()
  @IsIn(itemStates)
  state?: ItemState;
  /** The `nextCursor` of the page before. */
  @IsOptional()
  @IsText(2000)
  cursor?: string;
  @IsInt()
  @Min(1)
  @Max(500)
  @Type(() => Number)
  limit: number = 50;
}

/** Opens a job whose people are added part by part, or answers the one that this key stands for. */
export const createBulk = request('bulk.create', CreateBulk, BulkDto);
/** Adds people in their places. The same part again changes nothing. */
export const addToBulk = request('bulk.add', AddToBulk, Done, { timeoutMs: 20_000 });
/** All people are there: the preview can be looked at, and the job started. */
export const closeBulk = request('bulk.close', CloseBulk, BulkDto, { timeoutMs: 20_000 });
export const getBulk = request('bulk.get', BulkRequest, BulkDto);
export const listBulk = request('bulk.list', ListBulk, BulkListDto);
export const listBulkItems = request('bulk.items', ListBulkItems, BulkItemsDto);
export const startBulk = request('bulk.start', CommandBulk, BulkDto);
export const approveBulk = request('bulk.approve', CommandBulk, BulkDto);
export const pauseBulk = request('bulk.pause', CommandBulk, BulkDto);
export const resumeBulk = request('bulk.resume', CommandBulk, BulkDto);
export const cancelBulk = request('bulk.cancel', CommandBulk, BulkDto);
/** Whoever was refused or failed waits again. */
export const retryBulk = request('bulk.retry', CommandBulk, BulkDto, { timeoutMs: 60_000 });

/** It is started, and waits until another approves it. */
export const bulkWaiting = event('bulk.waiting_for_approval', 1, BulkDto);
export const bulkStarted = event('bulk.started', 1, BulkDto);
export const bulkPaused = event('bulk.paused', 1, BulkDto);
export const bulkResumed = event('bulk.resumed', 1, BulkDto);
export const bulkStopped = event('bulk.stopped', 1, BulkDto);
export const bulkCancelled = event('bulk.cancelled', 1, BulkDto);
export const bulkDone = event('bulk.done', 1, BulkDto);
/** Told live while it is in work, and kept by no stream. */
export const bulkChanged = event('bulk.changed', 1, BulkDto);
