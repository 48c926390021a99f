import { IsName, IsNullable, IsSeatwiseId, IsText, IsZoneOrOwn } from '@seatwise/contracts';
import { PickType } from '@nestjs/swagger';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNotEmpty,
  IsObject,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { roles, type Role } from '../door/roles.js';
import { NewMember } from '../members/members.dto.js';

export class SignedInPersonDto {
  @IsSeatwiseId()
  id!: string;
  @IsText(254)
  email!: string;
  @IsText(100)
  name!: string;
}

export class NamedWorkspaceDto {
  @IsSeatwiseId()
  id!: string;
  @IsText(100)
  name!: string;
}

export class ShownWorkspaceDto extends NamedWorkspaceDto {
  /** In which its times are told: an IANA name; empty: each reader's own. */
  @IsZoneOrOwn()
  timeZone!: string;
}

export class OwnWorkspaceDto extends NamedWorkspaceDto {
  @IsIn(roles)
  role!: Role;
}

/** Who is signed in, where, and where else they may go. A person has another id in each workspace. */
export class SessionDto {
  @IsObject()
  @ValidateNested()
  @Type(() => SignedInPersonDto)
  person!: SignedInPersonDto;
  @IsObject()
  @ValidateNested()
  @Type(() => ShownWorkspaceDto)
  workspace!: ShownWorkspaceDto;
  @IsIn(roles)
  role!: Role;
  /** Whether this account has a password. */
  @IsBoolean()
  hasPassword!: boolean;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => OwnWorkspaceDto)
  workspaces!: OwnWorkspaceDto[];
  /** When it ends, unless it is used before. */
  @IsISO8601()
  expiresAt!: string;
}

/** One of the sessions of a member. */
export class OpenSessionDto {
  @IsSeatwiseId()
  id!: string;
  @IsObject()
  @ValidateNested()
  @Type(() => SignedInPersonDto)
  person!: SignedInPersonDto;
  /** Whether it is the one that asks. */
  @IsBoolean()
  current!: boolean;
  /** How they signed in. */
  @IsIn(['password', 'link', 'oidc'])
  way!: 'password' | 'link' | 'oidc';
  @IsNullable()
  @IsText(40)
  provider!: string | null;
  @IsText(100)
  address!: string;
  /** As it calls itself (`User-Agent`). */
  @IsText(300)
  browser!: string;
  @IsISO8601()
  openedAt!: string;
  /** To a minute. */
  @IsISO8601()
  seenAt!: string;
  @IsISO8601()
  expiresAt!: string;
}

export class OpenSessionListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => OpenSessionDto)
  sessions!: OpenSessionDto[];
}

export class Credentials {
  @IsText(254)
  @IsNotEmpty()
  email!: string;

  @IsText(1_000)
  @IsNotEmpty()
  password!: string;
}

export class LinkToken {
  @Matches(/^[A-Za-z0-9_-]{43}$/, { message: 'token must be what follows #link= in the address' })
  token!: string;
}

export class WorkspaceChoice {
  @IsSeatwiseId()
  workspace!: string;
}

export class NewPassword {
  @IsText(1_000)
  password!: string;

  /** The one until now. Not needed in the first hour after a sign-in by link. */
  @IsOptional()
  @IsText(1_000)
  current?: string;
}

export class SessionPath {
  @IsSeatwiseId()
  session!: string;
}

export class NewLink extends PickType(NewMember, ['email'] as const) {
  /** How long it works. */
  @IsInt()
  @Min(1)
  @Max(1_440)
  minutes: number = 15;
}

/** A link for an administrator, who becomes a member where they are none. */
export class NewAdministratorLink extends NewLink {
  @IsName()
  name!: string;
}

/** A link that signs in once. */
export class LinkDto {
  @IsText(100)
  token!: string;
  /** The page's address, to be put behind its origin. What follows `#` is sent to no server. */
  @IsText(200)
  path!: string;
  @IsISO8601()
  expiresAt!: string;
}

export class ProviderDto {
  @IsText(40)
  id!: string;
  @IsText(100)
  name!: string;
}

/** How people sign in here. */
export class WaysDto {
  @IsBoolean()
  password!: boolean;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ProviderDto)
  oidc!: ProviderDto[];
}

/** A provider as the settings have it, without its secret. */
export class ProviderDetailsDto extends ProviderDto {
  @IsText(500)
  issuer!: string;
  @IsText(500)
  clientId!: string;
  /** The redirect address that the provider must know. */
  @IsText(1_000)
  redirectAddress!: string;
  /** The claim that gives the role; null: admins give it. */
  @IsNullable()
  @IsText(200)
  claim!: string | null;
  /** The role for each value of the claim. */
  @IsObject()
  roles!: Record<string, Role>;
  /** The role of whoever comes without the claim; null: they are refused. */
  @IsNullable()
  @IsIn(roles)
  roleWithoutClaim!: Role | null;
}

export class ProviderListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ProviderDetailsDto)
  providers!: ProviderDetailsDto[];
}

export class ProviderPath {
  @Matches(/^[a-z0-9-]{1,40}$/)
  provider!: string;
}

export class ReturnQuery {
  /** Where the page goes on: a path of its own. */
  @IsText(1_000)
  returnTo: string = '/';
}
