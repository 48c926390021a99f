import {
  ListPeople,
  PeoplePage,
  PersonRecordDto,
  PersonRequest,
  PersonUsageDto,
  PersonUsageRequest,
} from '@seatwise/contracts';
import { OmitType, PickType } from '@nestjs/swagger';
import { IsNullable, IsSeatwiseId } from '@seatwise/contracts';
import { IsObject, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';

export { PeoplePage };

export class PeopleQuery extends OmitType(ListPeople, ['workspace'] as const) {}

export class PersonPath extends OmitType(PersonRequest, ['workspace'] as const) {}

export class WindowQuery extends PickType(PersonUsageRequest, ['window'] as const) {}

/** A person as Okta keeps them, with their seats and sign-ins. */
export class PersonDto extends PersonRecordDto {
  @IsSeatwiseId()
  connection!: string;

  /** Null for a moment after the person was first seen, until the figures have followed. */
  @IsNullable()
  @IsObject()
  @ValidateNested()
  @Type(() => PersonUsageDto)
  usage!: PersonUsageDto | null;
}
