import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { IsBatchOf } from './batch.js';
import {
  IsDay,
  InConnection,
  InWorkspace,
  IsNullable,
  IsOktaId,
  IsSeatwiseId,
  IsText,
  IsZone,
  PageRequest,
} from './fields.js';
import { event, request } from './message.js';
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
  /** The own status of the assignment to the app that was asked for, such as `SUSPENDED`, which takes no seat. */
  @IsOptional()
  @IsText(50)
  assignment?: string;
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
  /** Each app with its `trend`. */
  @IsOptional()
  @IsIn(['people'])
  trend?: 'people';
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

/** How many days a trend has at most. */
export const trendDays = 90;

export class ListedApp extends AppRow {
  /**
   * The people of each day (UTC) of the window up to today, of those days that are known, and of the last 90 at most; only
   * where it was asked for.
   */
  @IsOptional()
  @IsArray()
  @IsInt({ each: true })
  trend?: number[];
}

export class AppsPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ListedApp)
  apps!: ListedApp[];
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

export class SeatOriginsRequest extends InConnection {
  @IsOktaId()
  app!: string;
}

/** By what people hold an app, with a seat or without. */
export class SeatOrigins {
  @IsInt()
  direct!: number;
  /** By a group that Okta did not name. */
  @IsInt()
  unnamed!: number;
  /** Okta names one group for each person, also where several give the app. */
  @IsObject()
  byGroup!: Record<string, number>;
}

export class SeatOriginsDto {
  /** Null: not counted yet. */
  @IsNullable()
  @IsObject()
  @ValidateNested()
  @Type(() => SeatOrigins)
  origins!: SeatOrigins | null;
}

export class AppHoursRequest extends InConnection {
  @IsOktaId()
  app!: string;
  @IsInt()
  @Min(1)
  @Max(366)
  @Type(() => Number)
  window: number = 30;
  /** Whose weekdays and hours are meant, by its name in the IANA database. */
  @IsZone()
  zone: string = 'UTC';
}

/** An hour of the week, as clocks in the time zone show it. */
export class HourOfWeek {
  /** 1: Monday … 7: Sunday. */
  @IsInt()
  weekday!: number;
  /** 0 to 23. */
  @IsInt()
  hour!: number;
  @IsInt()
  signIns!: number;
  /** How many such hours have passed, in whole quarters of an hour: 4.25 where the fifth has begun. None in a gap of summer time. */
  @IsNumber()
  times!: number;
}

export class AppHoursDto {
  @IsText(64)
  zone!: string;
  /** All 168, from Monday's first on. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => HourOfWeek)
  hours!: HourOfWeek[];
  /** The first day (UTC) that they are of: that of the window, or a later one where not all sign-ins of the days before have their hour. */
  @IsDay()
  from!: string;
  /** Sign-ins of the window before that day, which are in none of the hours. */
  @IsInt()
  earlier!: number;
  @IsObject()
  @ValidateNested()
  @Type(() => AsOf)
  asOf!: AsOf;
}

/** How many different people came to an app in the day (UTC), and in the 7 and 30 days that end with it; null: not known for all of them. */
export class ActiveDay {
  @IsDay()
  day!: string;
  @IsInt()
  daily!: number;
  @IsNullable()
  @IsInt()
  weekly!: number | null;
  @IsNullable()
  @IsInt()
  monthly!: number | null;
}

export class ActivePeopleDto {
  /** Every day of the window that is known, up to today. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ActiveDay)
  days!: ActiveDay[];
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
export const getSeatOrigins = request('usage.seat-origins', SeatOriginsRequest, SeatOriginsDto);
export const getAppHours = request('usage.app-hours', AppHoursRequest, AppHoursDto);
export const getActivePeople = request('usage.active-people', AppUsageRequest, ActivePeopleDto);
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

/** The use of an app on a day, as it is counted now. */
export class UsageOfApp {
  @IsText(64)
  app!: string;
  @IsInt()
  @Min(1)
  signIns!: number;
  /** Different people. */
  @IsInt()
  @Min(1)
  people!: number;
}

/** How many apps one message carries at most. */
export const mostAppsOfDay = 1_000;

/**
 * What was counted of a day (UTC), of those apps of which something was counted since it was told last. Figures only grow: of
 * two that are told of an app and day, the one with more sign-ins is the newer.
 */
export class UsageDayChangedV1 extends InConnection {
  @IsDay()
  day!: string;
  /** All sign-ins up to this moment are counted: a day that ended before it is whole. */
  @IsISO8601()
  completeUpTo!: string;
  @IsBatchOf(UsageOfApp, mostAppsOfDay)
  apps!: UsageOfApp[];
}

export const usageDayChanged = event('usage-day.changed', 1, UsageDayChangedV1);

/** Asks for the next day after one, or the first, of which anything was counted. */
export class UsageDayRequest extends InConnection {
  @IsOptional()
  @IsDay()
  after?: string;
}

export class UsageDayDto {
  /** As it is told, in as many parts as it takes; none: there is no further day. Not checked one by one. */
  @IsArray()
  parts!: UsageDayChangedV1[];
}

export const readUsageDay = request('usage.day', UsageDayRequest, UsageDayDto);
export const readDays = request('usage.days', DaysPageRequest, DaysPage);
