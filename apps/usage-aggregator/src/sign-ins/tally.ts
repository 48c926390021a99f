import { oktaItself, type SignIn } from '@seatwise/contracts';
import type { Home } from '../connections/connections.js';
import { compactDayOf, dayMs, dayNumberOf, dayOf, quarterMs, unattributed } from '../store/documents.js';

/** A sign-in and where it belongs. */
export interface Located {
  home: Home;
  signIn: SignIn;
}

/** The newest sign-in of a person, to an app or to Okta itself. */
export interface LastTally {
  home: Home;
  app: string;
  person: string;
  last: number;
}
export interface TotalTally {
  home: Home;
  app: string;
  day: string;
  signIns: number;
  /** By the quarter of an hour of the day. */
  quarters: Map<number, number>;
  /** People who were not counted on that day before. Known only when the days have been looked up, as `back` is. */
  people: number;
  back: Map<number, number>;
}

/** The sign-ins of a person to an app on a day. */
export interface DayTally {
  home: Home;
  app: string;
  person: string;
  /** Since 1970. */
  day: number;
  /** The id of the seat, or of the person for Okta itself. */
  place: string;
  n: number;
  /** What is added to the app's day. */
  total: TotalTally;
}

/** What sign-ins add, folded so that each document is written once. The keys are the documents' ids. */
export interface Tally {
  days: Map<string, DayTally>;
  seats: Map<string, LastTally>;
  people: Map<string, LastTally>;
  /** By `{connection}|{app}|{yyyymmdd}`. */
  totals: Map<string, TotalTally>;
}

export function tallyOf(signIns: Iterable<Located>): Tally {
  const tally: Tally = { days: new Map(), seats: new Map(), people: new Map(), totals: new Map() };
  for (const { home, signIn } of signIns) {
    const [, at, person, named] = signIn;
    const { connection } = home;
    const app = named ?? unattributed;
    const day = dayNumberOf(at);
    const total = totalOf(tally, home, app, day);
    total.signIns += 1;
    add(total.quarters, Math.floor((at - day * dayMs) / quarterMs), 1);
    if (named === null) continue;
    const isOkta = app === oktaItself;
    const place = isOkta ? `${connection}|${person}` : `${connection}|${person}|${app}`;
    entryOf(tally.days, dayId(home, person, day, app), () => ({ home, app, person, day, place, n: 0, total })).n += 1;
    const newest = entryOf(isOkta ? tally.people : tally.seats, place, () => ({ home, app, person, last: at }));
    newest.last = Math.max(newest.last, at);
  }
  return tally;
}

/** The id of a person's day. */
export const dayId = ({ connection }: Home, person: string, day: number, app: string): string =>
  `${connection}|${person}|${compactDayOf(day * dayMs)}|${app}`;

/** What is added to the figures of an app's day. */
export const totalOf = ({ totals }: Tally, home: Home, app: string, day: number): TotalTally =>
  entryOf(totals, `${home.connection}|${app}|${compactDayOf(day * dayMs)}`, () => ({
    home,
    app,
    day: dayOf(day * dayMs),
    signIns: 0,
    quarters: new Map(),
    people: 0,
    back: new Map(),
  }));

/** Adds to a sum. */
export const add = (sums: Map<number, number>, key: number, by: number): void =>
  void sums.set(key, (sums.get(key) ?? 0) + by);

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  let entry = map.get(key);
  if (entry === undefined) map.set(key, (entry = make()));
  return entry;
}
