import { GroupOfPerson, IsNullable, IsText, PageRequest } from '@seatwise/contracts';
import { PickType } from '@nestjs/swagger';
import { IsArray, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';

/** A group as the mirror has it. */
export class GroupDto extends GroupOfPerson {}

export class GroupListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GroupDto)
  groups!: GroupDto[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
}

export class GroupsQuery extends PickType(PageRequest, ['limit', 'cursor'] as const) {}
