import { IsName, IsNullable, IsSeatwiseId, IsText, PageRequest } from '@seatwise/contracts';
import { PartialType, PickType } from '@nestjs/swagger';
import { IsArray, IsBoolean, IsEmail, IsIn, IsISO8601, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { roles, type Role } from '../door/roles.js';

/** A person of the workspace. */
export class MemberDto {
  @IsSeatwiseId()
  id!: string;
  @IsText(254)
  email!: string;
  @IsText(100)
  name!: string;
  @IsIn(roles)
  role!: Role;
  /** The sign-in provider whose claim gave the role, and gives it anew at each sign-in; null: an admin gave it. */
  @IsNullable()
  @IsText(40)
  roleFrom!: string | null;
  /** Whether there is a password. */
  @IsBoolean()
  hasPassword!: boolean;
  /** Whether they have signed in by a provider. */
  @IsBoolean()
  isLinked!: boolean;
  @IsISO8601()
  createdAt!: string;
  @IsNullable()
  @IsISO8601()
  lastSignInAt!: string | null;
}

export class MemberListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MemberDto)
  members!: MemberDto[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
}

export class NewMember {
  @IsEmail()
  @IsText(254)
  email!: string;

  @IsName()
  name!: string;

  @IsIn(roles)
  role!: Role;
}

/** Only what is sent changes. */
export class MemberChange extends PartialType(PickType(NewMember, ['name', 'role'] as const)) {}

export class MembersQuery extends PickType(PageRequest, ['limit', 'cursor'] as const) {}

export class MemberPath {
  @IsSeatwiseId()
  member!: string;
}
