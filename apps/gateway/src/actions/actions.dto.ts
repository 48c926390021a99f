import {
  ActionDto,
  ActionListDto,
  ActionRequest,
  actionNames,
  capabilities,
  IsIdempotencyKey,
  IsNullable,
  IsText,
  ListActions,
  problems,
  RequestAction,
  UndoAction,
  userStatuses,
  type ActionFacts,
  type ActionName,
  type JsonSchema,
  type ProblemCode,
  type UserStatus,
} from '@seatwise/contracts';
import { OmitType, PickType } from '@nestjs/swagger';
import { IsArray, IsBoolean, IsIn, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';

export { ActionDto, ActionListDto };

export class NewAction extends PickType(RequestAction, ['action', 'person', 'reason', 'dryRun'] as const) {
  /** As the catalogue has them for this action. */
  @IsOptional()
  @IsObject()
  parameters?: Record<string, unknown>;
}

/** Why an action is taken back. */
export class NewUndo extends PickType(UndoAction, ['reason'] as const) {}

/** Named as they are sent. */
export class OnceHeaders {
  @IsIdempotencyKey()
  'Idempotency-Key'!: string;

  /** Of any length: what cannot be used is ignored. */
  @IsOptional()
  @IsString()
  'Prefer'?: string;
}

/** An action, with what Okta's answer held of secrets: in this answer alone. */
export class PerformedActionDto extends ActionDto {
  @IsOptional()
  @IsObject()
  answer?: Record<string, string>;
}

export class ActionPath extends PickType(ActionRequest, ['action'] as const) {}

export class ActionsQuery extends OmitType(ListActions, ['workspace'] as const) {}

/** One of the sixteen: what it does, what it needs, and what can be said of it. */
export class ActionKindDto {
  @IsIn(actionNames)
  action!: ActionName;
  @IsText(100)
  title!: string;
  @IsText(300)
  summary!: string;
  @IsIn(capabilities)
  capability!: ActionFacts['capability'];
  /** Okta's scope behind the capability. */
  @IsText(100)
  scope!: string;
  /** False where there is nobody yet. */
  @IsBoolean()
  needsPerson!: boolean;
  /** From these it is tried. */
  @IsArray()
  @IsIn(userStatuses, { each: true })
  statuses!: UserStatus[];
  /** The action that takes it back. */
  @IsNullable()
  @IsIn(actionNames)
  undo!: ActionName | null;
  /** The secret that its answer may hold, once. */
  @IsNullable()
  @IsText(300)
  answers!: string | null;
  /** Codes of the problems that it may be refused with, beside those that any action may be. */
  @IsArray()
  @IsIn(Object.keys(problems), { each: true })
  refusals!: ProblemCode[];
  /** A JSON Schema (2020-12); secrets are `writeOnly`. */
  @IsObject()
  parameters!: JsonSchema;
}

export class ActionCatalogueDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ActionKindDto)
  actions!: ActionKindDto[];
}
