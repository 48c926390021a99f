import { oktaItself, type SignIn } from '@seatwise/contracts';
import { dayOf } from '../store/documents.js';

interface DayTally {
  app: string;
  person: string;
  day: string;
  n: number;
}
interface LastTally {
  app: string;
  person: string;
  last: number;
}

/** What a batch of sign-ins adds, folded: one entry per person, app and day, one per person and app, one per day. */
export interface Tally {
  days: Map<string, DayTally>;
  seats: Map<string, LastTally>;
  people: Map<string, number>;
  unattributed: Map<string, number>;
}

export function tallyOf(signIns: SignIn[]): Tally {
  const tally: Tally = { days: new Map(), seats: new Map(), people: new Map(), unattributed: new Map() };
  for (const [, at, person, app] of signIns) {
    const day = dayOf(at);
    if (app === null) {
      tally.unattributed.set(day, (tally.unattributed.get(day) ?? 0) + 1);
      continue;
    }
    const seat = `${app}|${person}`;
    const dayKey = `${seat}|${day.replaceAll('-', '')}`;
    tally.days.set(dayKey, { app, person, day, n: (tally.days.get(dayKey)?.n ?? 0) + 1 });
    if (app === oktaItself) tally.people.set(person, Math.max(at, tally.people.get(person) ?? 0));
    else tally.seats.set(seat, { app, person, last: Math.max(at, tally.seats.get(seat)?.last ?? 0) });
  }
  return tally;
}
