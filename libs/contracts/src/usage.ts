import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { IsDay, InConnection, InWorkspace, IsNullable, IsOktaId, IsSeatwiseId, IsText, PageRequest } from './fields.js';
import { request } from './message.js';
import { personStatuses, type PersonStatus } from './directory.js';

/** `licensed`: holds a seat · `used` / `unused`: and signed in, or did not, within the window · `none`: no seat. */
export const seatStates = ['licensed', 'used', 'unused', 'none'] as const;
export type SeatState = (typeof seatStates)[number];

/** The window in which a sign-in counts as use, in days. */
class InWindow extends PageRequest {
  @IsSeatwiseId()
  workspace!: string;

  @IsInt()
  @Min(1)
  @Max(3650)
  @Type(() => Number)
  window: number = 30;
}

export class ListPeople extends InWindow {
  /** Without it: the people of every connection of the workspace. */
  @IsOptional()
  @IsSeatwiseId()
  connection?: string;

  @IsOptional()
  @IsArray()
  @IsIn(personStatuses, { each: true })
  status?: PersonStatus[];

  /** With `app`: of the seat in that app; without: of the seat in Okta itself. */
  @IsOptional()
  @IsIn(seatStates)
  seat?: SeatState;

  /** Only people assigned to this app; needs `connection`. */
  @IsOptional()
  @IsOktaId()
  app?: string;

  /** The beginning of a word of the name, of the login or of the e-mail, in any case. */
  @IsOptional()
  @IsText(100)
  search?: string;

  @IsIn(['name', 'email', 'status', 'lastSignIn'])
  sort: 'name' | 'email' | 'status' | 'lastSignIn' = 'name';

  @IsIn(['asc', 'desc'])
  order: 'asc' | 'desc' = 'asc';
}

/** Moments up to which a connection's mirror and log were complete when a figure was computed; null: not yet. */
export class AsOf {
  @IsSeatwiseId()
  connection!: string;
  @IsNullable()
  @IsISO8601()
  directory!: string | null;
  @IsNullable()
  @IsISO8601()
  signIns!: string | null;
  /** From when on the sign-ins are known without a gap: a window that begins earlier says less than it seems to. */
  @IsNullable()
  @IsISO8601()
  signInsSince!: string | null;
}

export class PersonRow {
  @IsSeatwiseId()
  connection!: string;
  @IsOktaId()
  id!: string;
  @IsText(300)
  name!: string;
  @IsText(300)
  login!: string;
  @IsText(300)
  email!: string;
  @IsIn(personStatuses)
  status!: PersonStatus;
  /** Of the seat in Okta itself, or in the app that was asked for. */
  @IsIn(seatStates)
  seat!: SeatState;
  @IsNullable()
  @IsISO8601()
  lastSignIn!: string | null;
  /** Okta gives no role; empty, and kept for systems that do. */
  @IsText(100)
  role!: string;
}

export class PeoplePage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PersonRow)
  people!: PersonRow[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AsOf)
  asOf!: AsOf[];
}

/** Sign-ins of one day (UTC). */
export class DayCount {
  @IsDay()
  day!: string;
  @IsInt()
  signIns!: number;
  /** Different people on that day. */
  @IsOptional()
  @IsInt()
  people?: number;
}

/** One seat of a person: in an app, or in Okta itself (`app: "okta"`). */
export class SeatDto {
  @IsOktaId()
  app!: string;
  @IsText(300)
  label!: string;
  @IsIn(seatStates)
  seat!: SeatState;
  /** The assignment's own status; for Okta itself the person's. */
  @IsText(50)
  status!: string;
  @IsOptional()
  @IsIn(['USER', 'GROUP'])
  scope?: 'USER' | 'GROUP';
  /** One group that grants it, where Okta names it. */
  @IsNullable()
  @IsText(64)
  group!: string | null;
  @IsNullable()
  @IsISO8601()
  lastSignIn!: string | null;
}

export class PersonUsageRequest extends InConnection {
  @IsOktaId()
  person!: string;
  @IsInt()
  @Min(1)
  @Max(3650)
  @Type(() => Number)
  window: number = 30;
}

export class AppDay {
  @IsText(64)
  app!: string;
  @IsDay()
  day!: string;
  @IsInt()
  signIns!: number;
}

export class PersonUsageDto {
  @IsObject()
  @ValidateNested()
  @Type(() => PersonRow)
  person!: PersonRow;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SeatDto)
  seats!: SeatDto[];
  /** Sign-ins per app and day within the window, the newest day first. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AppDay)
  days!: AppDay[];
  @IsObject()
  @ValidateNested()
  @Type(() => AsOf)
  asOf!: AsOf;
}

export class ListApps extends InWindow {
  @IsOptional()
  @IsSeatwiseId()
  connection?: string;
  @IsOptional()
  @IsText(100)
  search?: string;
  @IsIn(['label', 'seats', 'used', 'unused'])
  sort: 'label' | 'seats' | 'used' | 'unused' = 'unused';
  @IsIn(['asc', 'desc'])
  order: 'asc' | 'desc' = 'desc';
}

export class AppRow {
  @IsSeatwiseId()
  connection!: string;
  @IsOktaId()
  id!: string;
  @IsText(300)
  label!: string;
  /** Okta's catalogue key. */
  @IsText(300)
  name!: string;
  @IsText(30)
  status!: string;
  /** Licensed seats. */
  @IsInt()
  seats!: number;
  @IsInt()
  used!: number;
  @IsInt()
  unused!: number;
}

export class AppsPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AppRow)
  apps!: AppRow[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AsOf)
  asOf!: AsOf[];
}

/** `app` may be `okta`, for Okta itself. */
export class AppUsageRequest extends InConnection {
  @IsOktaId()
  app!: string;
  @IsInt()
  @Min(1)
  @Max(3650)
  @Type(() => Number)
  window: number = 30;
}

export class AppUsageDto {
  @IsObject()
  @ValidateNested()
  @Type(() => AppRow)
  app!: AppRow;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DayCount)
  days!: DayCount[];
  @IsObject()
  @ValidateNested()
  @Type(() => AsOf)
  asOf!: AsOf;
}

export class SummaryRequest extends InWorkspace {
  @IsOptional()
  @IsSeatwiseId()
  connection?: string;
  @IsInt()
  @Min(1)
  @Max(3650)
  @Type(() => Number)
  window: number = 30;
}

export class SeatCounts {
  @IsInt()
  seats!: number;
  @IsInt()
  used!: number;
  @IsInt()
  unused!: number;
}

export class SummaryDto {
  /** How many people are in each status; only those that occur. */
  @IsObject()
  peopleByStatus!: Partial<Record<PersonStatus, number>>;
  /** Without those who are gone from Okta. */
  @IsInt()
  people!: number;
  @IsInt()
  apps!: number;
  @IsInt()
  assignments!: number;
  /** Sign-ins within the window, to Okta itself and to apps. */
  @IsInt()
  signIns!: number;
  /** Sign-ins to an app that Okta's log did not name, counted apart. */
  @IsInt()
  unattributed!: number;
  /** The seats in Okta itself. */
  @IsObject()
  @ValidateNested()
  @Type(() => SeatCounts)
  okta!: SeatCounts;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AppRow)
  mostUnused!: AppRow[];
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AsOf)
  asOf!: AsOf[];
  @IsBoolean()
  complete!: boolean;
}

export const listPeople = request('usage.people', ListPeople, PeoplePage);
export const getPersonUsage = request('usage.person', PersonUsageRequest, PersonUsageDto);
export const listApps = request('usage.apps', ListApps, AppsPage);
export const getAppUsage = request('usage.app', AppUsageRequest, AppUsageDto);
export const getSummary = request('usage.summary', SummaryRequest, SummaryDto);

/** Asks for pages of the counted days themselves, for exports and checks: in the order of their ids. */
export class DaysPageRequest extends InConnection {
  /** The `next` of the page before. */
  @IsOptional()
  @IsText(300)
  after?: string;

  @IsInt()
  @Min(1)
  @Max(5000)
  limit: number = 1000;
}

/** The sign-ins of a person to an app (`okta`: to Okta itself) on a day (UTC). */
export class PersonDay {
  @IsText(64)
  app!: string;
  @IsText(64)
  person!: string;
  @IsDay()
  day!: string;
  @IsInt()
  n!: number;
}

export class DaysPage {
  /** Not checked one by one: a page has thousands. */
  @IsArray()
  items!: PersonDay[];

  /** Null: this was the last page. */
  @IsNullable()
  @IsText(300)
  next!: string | null;
}

export const readDays = request('usage.days', DaysPageRequest, DaysPage);
