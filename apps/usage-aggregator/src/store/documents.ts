import type { PersonStatus, UserStatus } from '@seatwise/contracts';

/** Every document belongs to a connection of a workspace. Moments are epoch milliseconds. */
interface OfConnection {
  _id: string;
  workspace: string;
  connection: string;
}

/** What usage knows of a connection; made by whichever message of it comes first. */
export interface ConnectionDocument {
  _id: string;
  workspace: string;
  licensedStatuses: UserStatus[];
  /** Of the newest copy of the connection; 0: none has come yet. */
  version: number;
  /** The statuses by which all of its people are licensed; others than the above while that is being changed. */
  licensedBy: UserStatus[];
  removed: boolean;
  /** Its figures were taken away; whatever still comes of it is ignored. */
  erased: boolean;
  directoryAsOf: number | null;
  signInsAsOf: number | null;
  /** From when on the log is known without a gap. */
  signInsSince: number | null;
  /** When its seats were last counted one by one; absent: there were no counts of them yet. */
  countedAt?: number;
  /** Written by each directory page, so that pages and changes of the licensed statuses come one after another. */
  pages: number;
}

/** How a person is named and found, as people carry it. */
export interface Naming {
  name: string;
  nameKey: string;
  words: string[];
  login: string;
  email: string;
  emailKey: string;
}

/** `{connection}|{person}` */
export interface PersonDocument extends OfConnection, Naming {
  person: string;
  v: number;
  /** False: only sign-ins and seats have told of the person so far. Lists and counts do not show them. */
  known: boolean;
  status: PersonStatus;
  created: number | null;
  /** Holds a seat in Okta itself. */
  licensed: boolean;
  /** The newest sign-in to Okta itself. */
  last: number | null;
  /** Counts up with each day that is counted after a later one, so that two of a person come one after another. */
  late?: number;
}

/** `{connection}|{app}` */
export interface AppDocument extends OfConnection {
  app: string;
  v: number;
  label: string;
  labelKey: string;
  name: string;
  status: string;
  removed: boolean;
}

/** How a seat's person is sorted and found; what is shown of them is read from the people. */
export type SeatNaming = Pick<Naming, 'nameKey' | 'emailKey' | 'words'>;

/**
 * `{connection}|{person}|{app}`: a person's seats lie together. One that only a sign-in told of has v 0 and is
 * `removed`.
 */
export interface SeatDocument extends OfConnection, SeatNaming {
  app: string;
  person: string;
  v: number;
  scope: 'USER' | 'GROUP';
  status: string;
  group: string | null;
  created: number | null;
  removed: boolean;
  licensed: boolean;
  last: number | null;
  /** As people have it. */
  late?: number;
  /** Null until the person's own record has come. */
  personStatus: PersonStatus | null;
}

/**
 * `{connection}|{person}|{yyyymmdd}|{app}`: the sign-ins of a person to an app on a day (UTC). There are more of these
 * than of anything else, so the id says it all and is the only index.
 */
export interface DayDocument {
  _id: string;
  n: number;
}

/**
 * `{connection}|{app}|{yyyymmdd}|{slot}`: the sign-ins to an app on a day, and how many people they are of; without an
 * app: those that the log did not name. The sum over its slots counts, so that writers do not wait for each other.
 */
export interface TotalDocument extends OfConnection {
  app: string;
  /** `2026-11-23` */
  day: string;
  signIns: number;
  people: number;
  /** How many of the sign-ins `quarters` and `back` are of; those that were counted before there were any are in neither. */
  timed?: number;
  /** Sign-ins by the quarter of an hour (UTC, 0 to 95) that they lie in: any time zone's hours are made of whole ones. */
  quarters?: Record<string, number>;
  /**
   * Of the day's people, those who had come last so many days before, 1 to {@link longestGap}: by these the people of several
   * days are told apart without looking at any. A slot may be below zero.
   */
  back?: Record<string, number>;
  /** There is more in it than others were told of. */
  untold?: true;
}

/**
 * `{connection}|{app}|{slot}`: the seats of an app, kept with each write of one, so that nobody counts them when they are
 * asked for; those in Okta itself under the app `okta`. The sum over its slots counts, and a slot may be below zero.
 */
export interface SeatCountDocument extends OfConnection {
  app: string;
  /** Whoever is assigned, with a seat or without. */
  held?: number;
  /** Licensed seats by the day (UTC, `yyyymmdd`) of their last sign-in, or under `never`. */
  lastOn?: Record<string, number>;
  /** Whoever is assigned, by the group that Okta names for it, or under `direct` or `unnamed`; not of Okta itself. */
  origins?: Record<string, number>;
  /** People by status, of Okta itself alone. */
  statuses?: Partial<Record<PersonStatus, number>>;
}

/** The app of totals whose sign-ins name none. */
export const unattributed = '';

/** `{connection}|{uuid}`: a sign-in that is counted. Gone after {@link signInDays}, when no repetition can come any more. */
export interface SignInDocument {
  _id: string;
  at: Date;
}

/** How long a counted sign-in is remembered, in days. */
export const signInDays = 120;

export const unnamed: Naming = { name: '', nameKey: '', words: [], login: '', email: '', emailKey: '' };
/** Somebody of whom a sign-in or a seat has told, but not yet the directory. */
export const strangerOf = (
  { workspace, connection }: { workspace: string; connection: string },
  person: string,
  last: number | null,
): PersonDocument => ({
  _id: `${connection}|${person}`,
  workspace,
  connection,
  person,
  v: 0,
  known: false,
  status: 'STAGED',
  created: null,
  licensed: false,
  last,
  ...unnamed,
});

export const unnamedSeat: SeatNaming = { nameKey: '', emailKey: '', words: [] };

/** What a seat says before the directory has told of it. */
export const untoldSeat = {
  v: 0,
  scope: 'USER',
  status: '',
  group: null,
  created: null,
  removed: true,
  licensed: false,
  personStatus: null,
  ...unnamedSeat,
} as const satisfies Partial<SeatDocument>;

/** All ids that begin so: `}` is the character after `|`. */
export const idsUnder = (...parts: string[]) => ({ $gt: `${parts.join('|')}|`, $lt: `${parts.join('|')}}` });

export const dayMs = 86_400_000;
export const quarterMs = 900_000;
/** Who comes back after more days than this is new to any figure of thirty days. */
export const longestGap = 29;

/** The day of a moment in UTC, `2026-11-23`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
/** The same counted from 1970 on. */
export const dayNumberOf = (at: number): number => Math.floor(at / dayMs);
/** The same as ids have it, `20261123`. */
export const compactDayOf = (at: number): string => dayOf(at).replaceAll('-', '');
