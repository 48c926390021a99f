import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  Length,
  Max,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { applyDecorators } from './decorators.js';
import { IsBatchOf } from './batch.js';
import { InConnection, IsNullable, IsOktaId, IsSeatwiseId, IsText } from './fields.js';
import { event, internalEvent, request } from './message.js';

/** Okta's own eight statuses of a user. */
export const userStatuses = [
  'STAGED',
  'PROVISIONED',
  'ACTIVE',
  'PASSWORD_EXPIRED',
  'RECOVERY',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
] as const;
export type UserStatus = (typeof userStatuses)[number];

/** A person's status in the mirror: Okta's, or `deleted` for one who is gone from Okta. */
export const personStatuses = [...userStatuses, 'deleted'] as const;
export type PersonStatus = (typeof personStatuses)[number];

/** An assignment in one of these statuses takes no seat. */
export const seatlessStatuses = [
  'INACTIVE',
  'SUSPENDED',
  'DEPROVISIONED',
  'REVOKED',
  'IMPORTED',
  'UNASSIGNED',
  'MATCHED',
] as const;

/** Stands for Okta itself where an app is named: its seats are the people's own, its sign-ins the sessions. */
export const oktaItself = 'okta';

/** The kinds of things that the mirror of an org has. */
export const directoryKinds = ['person', 'app', 'assignment', 'group', 'membership', 'group-assignment'] as const;
export type DirectoryKind = (typeof directoryKinds)[number];

/** The mirror of a connection is complete up to a moment; everything published before it belongs to it. */
export class DirectoryCompleteV1 extends InConnection {
  @IsSeatwiseId()
  run!: string;

  /** When the listing that was completed began. */
  @IsISO8601()
  asOf!: string;
}

/** A sign-in: Okta's event `uuid`, when (epoch ms), the person, the app (`okta` for Okta itself; null: not attributed). */
export type SignIn = [uuid: string, at: number, person: string, app: string | null];

/** What the places of a {@link SignIn} are, in their order. */
export class SignInRow {
  @MinLength(1)
  @IsText(100)
  uuid!: string;
  @IsInt()
  @Min(0)
  at!: number;
  @IsText(64)
  person!: string;
  @IsNullable()
  @IsText(64)
  app!: string | null;
}

/** Sign-ins read from the System Log, a page at a time. */
export class SignInsRecordedV1 extends InConnection {
  @IsBatchOf(SignInRow, 1000, { rows: true })
  signIns!: SignIn[];

  /** The log has been read up to this moment; absent when more pages follow. */
  @IsOptional()
  @IsISO8601()
  completeUpTo?: string;

  /** And without a gap from this one on. */
  @IsOptional()
  @IsISO8601()
  completeSince?: string;
}

/** A person as Okta's own record shows them. Moments are ISO 8601. */
export class SeenPerson {
  @IsOktaId()
  id!: string;
  @IsIn(userStatuses)
  status!: UserStatus;
  @IsNullable()
  @IsISO8601()
  created!: string | null;
  @IsNullable()
  @IsISO8601()
  activated!: string | null;
  @IsNullable()
  @IsISO8601()
  statusChanged!: string | null;
  @IsNullable()
  @IsISO8601()
  lastUpdated!: string | null;
  @IsObject()
  profile!: Record<string, unknown>;
}

export class SeenMembership {
  @IsOktaId()
  group!: string;
  @IsOktaId()
  person!: string;
  @IsBoolean()
  member!: boolean;
}

export class SeenAssignment {
  @IsOktaId()
  app!: string;
  @IsOktaId()
  person!: string;
  @IsBoolean()
  assigned!: boolean;
  /** The rest is told of one that is there. */
  @IsOptional()
  @IsIn(['USER', 'GROUP'])
  scope?: 'USER' | 'GROUP';
  @IsOptional()
  @IsText(30)
  status?: string;
  @IsOptional()
  @IsNullable()
  @IsOktaId()
  group?: string | null;
  @IsOptional()
  @IsNullable()
  @IsISO8601()
  created?: string | null;
}

/**
 * What Okta showed when it was asked for one thing by its id, as after an action: newer than any list that Okta answered
 * before, and not to be undone by one.
 */
export class DirectorySeenV1 extends InConnection {
  /** Okta's clock when it answered, epoch milliseconds. */
  @IsInt()
  at!: number;
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SeenPerson)
  person?: SeenPerson;
  /** The id of a person whom Okta does not have any more. */
  @IsOptional()
  @IsOktaId()
  gone?: string;
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SeenMembership)
  membership?: SeenMembership;
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SeenAssignment)
  assignment?: SeenAssignment;
}

export const directorySeen = internalEvent('directory.seen', 1, DirectorySeenV1);
/**
 * The same as releases before it was internal have left it on the public stream, where it is kept for 30 days: read until
 * nobody comes from one of those any more, and published by none.
 */
export const directorySeenBefore = event('directory.seen', 1, DirectorySeenV1);
export const directoryComplete = event('directory.complete', 1, DirectoryCompleteV1);
export const signInsRecorded = event('sign-ins.recorded', 1, SignInsRecordedV1);

export class PersonRequest extends InConnection {
  @IsOktaId()
  person!: string;
}

export class GroupOfPerson {
  @IsOktaId()
  id!: string;
  @IsText(300)
  name!: string;
  @IsText(30)
  type!: string;
}

/** A person as Okta keeps them, from the mirror. Moments are ISO 8601. */
export class PersonRecordDto {
  @IsOktaId()
  id!: string;
  @IsIn(personStatuses)
  status!: PersonStatus;
  @IsNullable()
  @IsISO8601()
  created!: string | null;
  @IsNullable()
  @IsISO8601()
  activated!: string | null;
  @IsNullable()
  @IsISO8601()
  statusChanged!: string | null;
  @IsNullable()
  @IsISO8601()
  lastUpdated!: string | null;
  /** When the person was found to be gone from Okta. */
  @IsNullable()
  @IsISO8601()
  deletedAt!: string | null;
  /** All attributes of the profile, the org's own ones included. */
  @IsObject()
  profile!: Record<string, unknown>;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GroupOfPerson)
  groups!: GroupOfPerson[];
  /** True when the person is in more groups than are listed here (1000). */
  @IsBoolean()
  moreGroups!: boolean;
}

export class GroupsOfAppRequest extends InConnection {
  @IsOktaId()
  app!: string;
}

/** The groups that are assigned to an app; one that is not in the mirror has no name. */
export class GroupsOfAppDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GroupOfPerson)
  groups!: GroupOfPerson[];
  /** True when there are more than are listed here (1000). */
  @IsBoolean()
  moreGroups!: boolean;
}

export const getGroupsOfApp = request('directory.app-groups', GroupsOfAppRequest, GroupsOfAppDto);
export const getPersonRecord = request('directory.person', PersonRequest, PersonRecordDto);

export class StatusesRequest extends InConnection {
  @IsArray()
  @ArrayMaxSize(1000)
  @IsOktaId({ each: true })
  people!: string[];
}

/** Who somebody is, and in what status; nothing is said of those whom the mirror does not have. */
export type KnownPerson = [person: string, status: PersonStatus, login: string];

export class StatusesDto {
  @IsArray()
  people!: KnownPerson[];
}

/** The status of many people by the mirror, in no order. */
export const getStatuses = request('directory.statuses', StatusesRequest, StatusesDto);

/** Names of profile attributes, whatever signs an org has in them. */
export const IsAttributeNames = (): PropertyDecorator =>
  applyDecorators(
    IsArray(),
    ArrayMaxSize(20),
    Length(1, 100, { each: true, message: ({ property }) => `each of ${property} must be a name such as department` }),
  );

export class AttributesRequest extends InConnection {
  @IsArray()
  @ArrayMaxSize(1000)
  @IsOktaId({ each: true })
  people!: string[];

  @IsAttributeNames()
  names!: string[];
}

export class AttributesDto {
  /** What each has of the attributes that were asked for. */
  @IsArray()
  people!: [person: string, attributes: Record<string, unknown>][];
}

/** Attributes of many profiles, in no order. */
export const getAttributes = request('directory.attributes', AttributesRequest, AttributesDto);

export class AttributeNamesDto {
  @IsArray()
  names!: string[];
}

/** The attributes that are set with any of the people looked at: those of the 2,000 highest ids. None has a comma, which parts names in an address. */
export const listAttributes = request('directory.attribute-names', InConnection, AttributeNamesDto);

/** Asks for pages of the mirror itself, for exports and checks: in the order of ids. */
export class MirrorPageRequest extends InConnection {
  @IsIn(directoryKinds)
  kind!: DirectoryKind;
  @IsOptional()
  @IsText(200)
  after?: string;
  /** A page has fewer where profiles are large: it ends with the empty one. */
  @IsInt()
  @Min(1)
  @Max(2000)
  limit: number = 1000;
  /** Each as events tell of it, a {@link ChangeOf}, and with those what is gone, as far back as events are kept. */
  @IsOptional()
  @IsBoolean()
  asTold?: boolean;
}

export class MirrorPage {
  @IsArray()
  items!: Record<string, unknown>[];
}

export const readMirror = request('directory.page', MirrorPageRequest, MirrorPage);
