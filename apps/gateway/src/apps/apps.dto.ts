import {
  ActivePeopleDto,
  AppHoursDto,
  AppHoursRequest,
  AppsPage,
  AppUsageDto,
  AppUsageRequest,
  ListApps,
  GroupOfPerson,
  IsNullable,
} from '@seatwise/contracts';
import { OmitType, PickType } from '@nestjs/swagger';
import { IsArray, IsBoolean, IsInt, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';

export { ActivePeopleDto, AppHoursDto, AppsPage, AppUsageDto };

export class AppsQuery extends OmitType(ListApps, ['workspace'] as const) {}

export class AppPath extends PickType(AppUsageRequest, ['connection', 'app'] as const) {}

export class AppWindowQuery extends PickType(AppUsageRequest, ['window'] as const) {}

export class AppHoursQuery extends PickType(AppHoursRequest, ['window', 'zone'] as const) {}

/** A group that is assigned to an app. */
export class GivingGroupDto extends GroupOfPerson {
  /** Those for whom Okta names this group; null: not counted yet. */
  @IsNullable()
  @IsInt()
  people!: number | null;
}

export class AppGroupsDto {
  /** Those by which most people come first. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GivingGroupDto)
  groups!: GivingGroupDto[];
  /** True when there are more than are listed here (1000). */
  @IsBoolean()
  moreGroups!: boolean;
  /** People to whom the app is assigned itself; null: not counted yet. */
  @IsNullable()
  @IsInt()
  direct!: number | null;
  /** People who come by a group that Okta did not name, or that is not listed; null: not counted yet. */
  @IsNullable()
  @IsInt()
  byOther!: number | null;
}
