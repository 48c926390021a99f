import { applyDecorators } from './decorators.js';
import {
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsTimeZone,
  Matches,
  MaxLength,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { Type } from 'class-transformer';
import { oktaId, seatwiseId, type IdKind } from './ids.js';
import { problems } from './problems.js';

/** What the ids in a field of this name begin with. */
const kindIn: Partial<Record<string, IdKind>> = {
  workspace: 'ws',
  connection: 'con',
  run: 'run',
  key: 'key',
  action: 'act',
  undoes: 'act',
  undoneBy: 'act',
  record: 'aud',
  bulk: 'blk',
  member: 'usr',
  session: 'ses',
  test: 'tst',
  webhook: 'whk',
  event: 'evt',
};

/** An id that Seatwise gave, such as `ws_…` or `con_…`. There will be more kinds of ids: readers are told of the field's own. */
export const IsSeatwiseId = (): PropertyDecorator => (target, property) => {
  const kind = kindIn[property as string];
  Matches(seatwiseId, {
    message: `${property as string} must be an id ${kind ? `such as ${kind}_01hf3k…` : 'that Seatwise gave'}`,
    context: { told: `^${kind ?? '[a-z]+'}_[0-9a-z]{25}$` },
  })(target, property);
};

/** An id that Okta gave. */
export const IsOktaId = ({ each = false } = {}): PropertyDecorator =>
  Matches(oktaId, { each, message: ({ property }) => `${property} must be an Okta id of letters, digits, _ and -` });

/** A calendar day in UTC, `2026-11-23`. */
export const IsDay = (): PropertyDecorator =>
  applyDecorators(
    Matches(/^\d{4}-\d{2}-\d{2}$/, { message: ({ property }) => `${property} must be a day such as 2026-11-23` }),
    IsISO8601({ strict: true }),
  );

/** A time zone by its IANA name, `Europe/Berlin`. */
export const IsZone = (): PropertyDecorator =>
  applyDecorators(
    IsText(64),
    IsTimeZone({ message: ({ property }) => `${property} must be a time zone such as Europe/Berlin` }),
  );

/** The same, or empty: each reader's own. */
export const IsZoneOrOwn = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_object, value) => value !== ''),
    IsZone(),
  );

/** One of a list that will grow: whoever reads what is told over the years must expect others. */
export const IsInGrowing = (values: readonly string[], { each = false } = {}): PropertyDecorator =>
  IsIn(values, { each, context: { grows: true } });

export const IsProblemCode = (): PropertyDecorator => IsInGrowing(Object.keys(problems));

export const IsNullable = (): PropertyDecorator => ValidateIf((_object, value) => value !== null);

/** What a person calls something: not empty, nor blank. */
export const IsName = (): PropertyDecorator =>
  applyDecorators(IsText(100), Matches(/\S/, { message: ({ property }) => `${property} must not be empty` }));

export const IsText = (max: number): PropertyDecorator => applyDecorators(IsString(), MaxLength(max));

/** One page of a list: how many, and where to go on. */
export class PageRequest {
  /** Items per page, 1 to 200. */
  @IsInt()
  @Min(1)
  @Max(200)
  @Type(() => Number)
  limit: number = 50;

  /** The `nextCursor` of the page before. Opaque. */
  @IsOptional()
  @IsText(2000)
  cursor?: string;
}

/** Every request names its workspace; nothing crosses it. */
export class InWorkspace {
  @IsSeatwiseId()
  workspace!: string;
}

export class InConnection extends InWorkspace {
  @IsSeatwiseId()
  connection!: string;
}

/** The answer of a request that has nothing to say but that it was done. */
export class Done {
  done: true = true;
}
