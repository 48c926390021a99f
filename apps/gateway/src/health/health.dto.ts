import { BudgetDto, IsNullable, IsText } from '@seatwise/contracts';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsISO8601, ValidateNested } from 'class-validator';

/** How far behind the workers of a queue are. */
export class QueueDto {
  @IsText(100)
  queue!: string;
  /** Messages that nobody has begun. */
  @IsInt()
  waiting!: number;
  @IsInt()
  inWork!: number;
}

/** A message that could not be taken, and waits for somebody to look. */
export class ParkedDto {
  /** Its number for `npm run dead-letters`. */
  @IsInt()
  number!: number;
  /** Who could not take it. */
  @IsText(100)
  queue!: string;
  /** What it tells of, `{entity}.{event}`. */
  @IsText(200)
  about!: string;
  @IsText(500)
  reason!: string;
  @IsISO8601()
  parkedAt!: string;
  @IsNullable()
  @IsText(32)
  traceId!: string | null;
}

export class HealthDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => QueueDto)
  queues!: QueueDto[];
  /** Of each bucket that anything was asked of lately; null: sync-service, which knows, does not answer. */
  @IsNullable()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BudgetDto)
  budgets!: BudgetDto[] | null;
  /** The newest first. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ParkedDto)
  parked!: ParkedDto[];
}
