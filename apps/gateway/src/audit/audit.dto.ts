import {
  ActingPersonDto,
  actionNames,
  IsNullable,
  IsOktaId,
  IsSeatwiseId,
  IsText,
  PageRequest,
  type ActionName,
} from '@seatwise/contracts';
import { OmitType, PickType } from '@nestjs/swagger';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNotEmpty,
  IsObject,
  IsOptional,
  Matches,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { outcomes, type Outcome } from './record.js';

export class AuditWhoDto {
  /** The API key's id; null for a person who is signed in, and for the operator with the bootstrap token. */
  @IsNullable()
  @IsSeatwiseId()
  key!: string | null;
  /** Who is signed in, or issued the key. */
  @IsNullable()
  @IsObject()
  @ValidateNested()
  @Type(() => ActingPersonDto)
  person!: ActingPersonDto | null;
  /** `bootstrap`: the operator; `nobody`: who tried to sign in. */
  @IsText(20)
  role!: string;
}

export class AuditOnDto {
  /** `person`, `key`, `connection`, `run`, `workspace` … */
  @IsText(60)
  kind!: string;
  @IsNullable()
  @IsText(64)
  id!: string | null;
  /** A person's login, a connection's name. */
  @IsNullable()
  @IsText(300)
  name!: string | null;
}

export class AuditOktaDto {
  @IsText(10)
  method!: string;
  @IsText(500)
  path!: string;
  @IsNullable()
  @IsInt()
  status!: number | null;
  @IsText(20)
  code!: string;
  @IsText(100)
  requestId!: string;
}

/** One record of the audit log. It never changes: `hash` is over all of it, and `previous` is that of the one before. */
export class AuditRecordDto {
  @IsSeatwiseId()
  id!: string;
  @IsSeatwiseId()
  workspace!: string;
  /** Its place in the workspace's chain, from 1. */
  @IsInt()
  seq!: number;
  @IsISO8601()
  at!: string;
  /** What it was recorded from, such as an event's id. */
  @IsText(60)
  source!: string;
  /** The same in all records of one action or request. */
  @IsSeatwiseId()
  operation!: string;
  @IsObject()
  @ValidateNested()
  @Type(() => AuditWhoDto)
  who!: AuditWhoDto;
  /** Such as `action.done` or `key.issued`; `outcome` says whether it came to that. */
  @IsText(60)
  what!: string;
  @IsNullable()
  @IsIn(actionNames)
  action!: ActionName | null;
  @IsIn(outcomes)
  outcome!: Outcome;
  @IsObject()
  @ValidateNested()
  @Type(() => AuditOnDto)
  on!: AuditOnDto;
  @IsNullable()
  @IsSeatwiseId()
  connection!: string | null;
  @IsNullable()
  @IsText(500)
  reason!: string | null;
  @IsNullable()
  @IsObject()
  asked!: Record<string, unknown> | null;
  @IsNullable()
  @IsObject()
  before!: Record<string, unknown> | null;
  @IsNullable()
  @IsObject()
  after!: Record<string, unknown> | null;
  /** Of an action. `none`: it was so already, and Okta was not asked to do anything. */
  @IsNullable()
  @IsIn(['changed', 'none'])
  effect!: 'changed' | 'none' | null;
  /** Of an action that has ended: whether Okta was read again afterwards, and showed it. */
  @IsNullable()
  @IsBoolean()
  verified!: boolean | null;
  /** The action that this one takes back. */
  @IsNullable()
  @IsSeatwiseId()
  undoes!: string | null;
  /** The bulk job that the action is a part of. */
  @IsNullable()
  @IsSeatwiseId()
  bulk!: string | null;
  @IsBoolean()
  dryRun!: boolean;
  @IsNullable()
  @IsInt()
  status!: number | null;
  @IsNullable()
  @IsText(60)
  code!: string | null;
  /** What Okta answered. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AuditOktaDto)
  okta!: AuditOktaDto[];
  @IsNullable()
  @IsText(32)
  traceId!: string | null;
  @IsText(64)
  previous!: string;
  @IsText(64)
  hash!: string;
}

export class AuditPageDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AuditRecordDto)
  records!: AuditRecordDto[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
}

const searched =
  'Part of one of these, in any case: the login or name of whom or what it was done to; the reason; what was done, by its ' +
  'code (`suspend_user`, `session.opened`) or its name in words (`Suspend User`, `session opened`); an id, be it of the ' +
  'record, its operation, whom or what it was done to, the connection, the API key, the bulk job or the trace.';

export class AuditQuery extends PickType(PageRequest, ['limit', 'cursor'] as const) {
  /** The API key of whoever asked. */
  @IsOptional()
  @IsSeatwiseId()
  key?: string;

  /** The member who asked, signed in or with a key that they issued. */
  @IsOptional()
  @IsSeatwiseId()
  member?: string;

  @IsOptional()
  @Matches(/^[A-Za-z_.]{1,60}$/)
  what?: string;

  @IsOptional()
  @IsIn(actionNames)
  action?: ActionName;

  @IsOptional()
  @IsIn(outcomes)
  outcome?: Outcome;

  @IsOptional()
  @IsSeatwiseId()
  operation?: string;

  /** Okta's id. */
  @IsOptional()
  @IsOktaId()
  person?: string;

  @IsOptional()
  @IsSeatwiseId()
  connection?: string;

  /** The first moment. */
  @IsOptional()
  @IsISO8601({ strict: true })
  @IsText(40)
  from?: string;

  /** The first moment after. */
  @IsOptional()
  @IsISO8601({ strict: true })
  @IsText(40)
  to?: string;

  @IsOptional()
  @IsText(100)
  @IsNotEmpty({ context: { says: searched } })
  search?: string;
}

/** All of them at once: there are no pages. */
export class AuditCsvQuery extends OmitType(AuditQuery, ['limit', 'cursor'] as const) {}

export class RecordPath {
  @IsSeatwiseId()
  record!: string;
}
