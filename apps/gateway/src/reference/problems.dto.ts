import { IsText } from '@seatwise/contracts';
import { PickType } from '@nestjs/swagger';
import { IsArray, IsInt, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { ProblemDto } from '../door/problem.js';

export class ProblemPath {
  @IsText(100)
  code!: string;
}

/** A kind of problem: what its `type` leads to. */
export class ProblemKindDto extends PickType(ProblemDto, ['code', 'title', 'remedy'] as const) {
  /** What has happened, and what was done or not. */
  @IsText(300)
  means!: string;
  @IsInt()
  status!: number;
}

export class ProblemKindListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ProblemKindDto)
  problems!: ProblemKindDto[];
}
