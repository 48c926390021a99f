import {
  BulkDto,
  BulkItemsDto,
  BulkListDto,
  BulkRequest,
  CreateBulk,
  IsManyOf,
  IsText,
  ListBulk,
  ListBulkItems,
  ListPeople,
  mostPeopleInBulk,
  oktaId,
  PageRequest,
} from '@seatwise/contracts';
import { IntersectionType, OmitType, PickType } from '@nestjs/swagger';
import { IsBoolean, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { OnceHeaders } from '../actions/actions.dto.js';

export { BulkDto, BulkItemsDto, BulkListDto };

const idFault = (item: unknown): string | undefined =>
  typeof item === 'string' && oktaId.test(item) ? undefined : 'must be an Okta id';

/** Whom the list of people would show. */
export class BulkFilter extends PickType(ListPeople, ['status', 'seat', 'app', 'search', 'window'] as const) {}

/** An action for many people, who are chosen in one of three ways. */
export class NewBulk extends PickType(CreateBulk, ['action', 'reason', 'dryRun', 'failureShare'] as const) {
  /** As the catalogue has them for this action. */
  @IsOptional()
  @IsObject()
  parameters?: Record<string, unknown>;

  /** Okta's ids; whoever is named twice counts once. */
  @IsOptional()
  @IsManyOf(idFault, mostPeopleInBulk)
  people?: string[];

  /** CSV whose first line names a column `id` or `login`. */
  @IsOptional()
  @IsText(8_000_000)
  csv?: string;

  /** The name of that file, for whoever approves the job. */
  @IsOptional()
  @IsText(200)
  csvName?: string;

  /** Lines of a `csv` that name nobody are left out and counted; else they refuse the whole of it. */
  @IsOptional()
  @IsBoolean()
  leaveOutUnknown?: boolean;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => BulkFilter)
  filter?: BulkFilter;
}

export class BulkOnceHeaders extends PickType(OnceHeaders, ['Idempotency-Key'] as const) {}

export class BulkPath extends PickType(BulkRequest, ['bulk'] as const) {}

export class BulkQuery extends OmitType(ListBulk, ['workspace'] as const) {}

export class BulkItemsQuery extends IntersectionType(
  PickType(PageRequest, ['limit', 'cursor'] as const),
  PickType(ListBulkItems, ['state'] as const),
) {}
