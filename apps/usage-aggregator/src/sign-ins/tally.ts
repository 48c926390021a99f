import { oktaItself, type SignIn } from '@seatwise/contracts';
import type { Home } from '../connections/connections.js';
import { compactDayOf, dayOf, unattributed } from '../store/documents.js';

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
  /** People who were not counted on that day before. Known only when the days have been looked up. */
  people: number;
}

/** What sign-ins add, folded so that each document is written once. The keys are the documents' ids. */
export interface Tally {
  days: Map<string, { n: number; total: TotalTally }>;
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
    const day = dayOf(at);
    const compact = compactDayOf(at);
    const total = entryOf(tally.totals, `${connection}|${app}|${compact}`, () => ({
      home,
      app,
      day,
      signIns: 0,
      people: 0,
    }));
    total.signIns += 1;
    if (named === null) continue;
    entryOf(tally.days, `${connection}|${person}|${compact}|${app}`, () => ({ n: 0, total })).n += 1;
    const [lasts, id] =
      app === oktaItself ? [tally.people, `${connection}|${person}`] : [tally.seats, `${connection}|${person}|${app}`];
    const newest = entryOf(lasts, id, () => ({ home, app, person, last: at }));
    newest.last = Math.max(newest.last, at);
  }
  return tally;
}

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  let entry = map.get(key);
  if (entry === undefined) map.set(key, (entry = make()));
  return entry;
}
