import { IsNullable, IsSeatwiseId, IsText, PageRequest } from '@seatwise/contracts';
import { PickType } from '@nestjs/swagger';
import { IsArray, IsIn, IsISO8601, IsNotEmpty, IsOptional, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { roles, type Role } from '../door/roles.js';

/** An API key, without its secret. */
export class KeyDto {
  @IsSeatwiseId()
  id!: string;
  @IsText(100)
  name!: string;
  @IsIn(roles)
  role!: Role;
  @IsISO8601()
  createdAt!: string;
  /** Null: it does not expire. */
  @IsNullable()
  @IsISO8601()
  expiresAt!: string | null;
  /** To some minutes. */
  @IsNullable()
  @IsISO8601()
  lastUsedAt!: string | null;
  @IsNullable()
  @IsISO8601()
  revokedAt!: string | null;
}

/** A new key, with its text: this once and never again. */
export class IssuedKeyDto extends KeyDto {
  @IsText(100)
  key!: string;
}

export class KeyListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => KeyDto)
  keys!: KeyDto[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
}

export class NewKey {
  @IsText(100)
  @IsNotEmpty()
  name!: string;

  @IsIn(roles)
  role!: Role;

  /** A moment in the future. */
  @IsOptional()
  @IsISO8601({ strict: true })
  @IsText(40)
  expiresAt?: string;
}

export class KeysQuery extends PickType(PageRequest, ['limit', 'cursor'] as const) {}

export class KeyPath {
  @IsSeatwiseId()
  key!: string;
}
