import {
  IsAttributeNames,
  IsNullable,
  IsSeatwiseId,
  ListPeople,
  PeoplePage,
  PersonRecordDto,
  PersonRequest,
  PersonRow,
  PersonUsageDto,
  PersonUsageRequest,
} from '@seatwise/contracts';
import { OmitType, PickType } from '@nestjs/swagger';
import { IsArray, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';

export class PeopleQuery extends OmitType(ListPeople, ['workspace'] as const) {
  /** Attributes of the profile that are to be shown as well, such as `department`. */
  @IsOptional()
  @IsAttributeNames()
  attributes?: string[];
}

export class PeopleFileQuery extends OmitType(PeopleQuery, ['limit', 'cursor'] as const) {}

/** A person in a list. */
export class ListedPersonDto extends PersonRow {
  /** Of those that were asked for, what the profile has. */
  @IsOptional()
  @IsObject()
  attributes?: Record<string, unknown>;
}

export class PeoplePageDto extends OmitType(PeoplePage, ['people'] as const) {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ListedPersonDto)
  people!: ListedPersonDto[];
}

/** Names of attributes that people have in their profiles. */
export class AttributeListDto {
  @IsArray()
  @IsString({ each: true })
  attributes!: string[];
}

export class AttributesQuery extends PickType(ListPeople, ['connection'] as const) {}

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
