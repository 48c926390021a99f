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
  removed: boolean;
  /** Its figures were taken away; whatever still comes of it is ignored. */
  erased: boolean;
  directoryAsOf: number | null;
  signInsAsOf: number | null;
  /** Written by each directory page, so that pages and changes of the licensed statuses come one after another. */
  pages: number;
}

/** How a person is named and found, as people and seats carry it. */
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
  /** False: only a sign-in has told of the person so far. Lists and counts do not show them. */
  known: boolean;
  status: PersonStatus;
  created: number | null;
  /** Holds a seat in Okta itself. */
  licensed: boolean;
  /** The newest sign-in to Okta itself. */
  last: number | null;
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

/** `{connection}|{app}|{person}`. One that only a sign-in told of has v 0 and is `removed`. */
export interface SeatDocument extends OfConnection, Naming {
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
  /** Null until the person's own record has come. */
  personStatus: PersonStatus | null;
}

/** `{connection}|{app}|{person}|{yyyymmdd}`: the sign-ins of a person to an app on a day (UTC). */
export interface DayDocument extends OfConnection {
  app: string;
  person: string;
  /** `2026-11-23` */
  day: string;
  n: number;
}

/** `{connection}|{yyyymmdd}`: sign-ins to an app that the log did not name. */
export interface UnattributedDocument extends OfConnection {
  day: string;
  n: number;
}

/** `{connection}|{uuid}`: a sign-in that is counted. Gone after 120 days, when no repetition can come any more. */
export interface SignInDocument extends OfConnection {
  at: Date;
}

export const unnamed: Naming = { name: '', nameKey: '', words: [], login: '', email: '', emailKey: '' };

/** The day of a moment in UTC, `2026-11-23`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
