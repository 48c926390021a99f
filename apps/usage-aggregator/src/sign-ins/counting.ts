import { Injectable } from '@nestjs/common';
import { counter } from '@seatwise/observability';
import type { ClientSession, mongo } from 'mongoose';
import { Shift } from '../seats/shift.js';
import { Collections } from '../store/collections.js';
import {
  dayNumberOf,
  longestGap,
  strangerOf,
  unattributed,
  untoldSeat,
  type PersonDocument,
  type SeatDocument,
} from '../store/documents.js';
import { slotOf } from '../store/slot.js';
import { laneCount, Turns } from '../store/turns.js';
import { Lane } from './lane.js';
import { returnsOf } from './returns.js';
import { add, dayId, tallyOf, totalOf, type DayTally, type LastTally, type Located, type Tally } from './tally.js';

const counted = counter('sign_ins_counted_total', 'Sign-ins that were added to the figures');
const repeated = counter('sign_ins_duplicate_total', 'Sign-ins that had been counted before');

const mostAtOnce = 2_500;

/** Adds sign-ins to the figures, each once for its id. */
@Injectable()
export class Counting {
  private readonly lanes = Array.from({ length: laneCount }, (_none, lane) => {
    const slot = slotOf(`lane${lane}.`);
    return new Lane<Located>((signIns) => this.write(signIns, slot), mostAtOnce);
  });

  constructor(
    private readonly collections: Collections,
    private readonly turns: Turns,
  ) {}

  /** Resolves when all are committed. Interrupted, some may be; given again, only the others are added. */
  async count(signIns: Located[]): Promise<void> {
    const shares = this.lanes.map((): Located[] => []);
    for (const located of signIns) shares[laneOf(located.signIn[2])]?.push(located);
    const outcomes = await Promise.allSettled(this.lanes.map((lane, at) => lane.add(shares[at] ?? [])));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  private async write(signIns: Located[], slot: string): Promise<void> {
    const added = await this.turns.beside(() =>
      this.collections.transaction((session) => this.add(signIns, slot, session)),
    );
    counted.inc(added);
    repeated.inc(signIns.length - added);
  }

  /**
   * Inserting the ids and adding to the figures is one transaction: both are there, or neither. First what another replica
   * may be writing just now, seats and people: then one that has to give way has done little in vain.
   */
  private async add(given: Located[], slot: string, session: ClientSession): Promise<number> {
    const { signIns, seatCounts } = this.collections;
    const byId = new Map(given.map((located) => [`${located.home.connection}|${located.signIn[0]}`, located]));
    const known = await signIns.find({ _id: { $in: [...byId.keys()] } }, { session, projection: { _id: 1 } }).toArray();
    for (const { _id } of known) byId.delete(_id);
    if (byId.size === 0) return 0;
    const tally = tallyOf(byId.values());
    const shift = new Shift();
    const before = new Map([
      ...(await this.moveSeats(tally.seats, shift, session)),
      ...(await this.movePeople(tally.people, shift, session)),
    ]);
    await signIns.insertMany(
      [...byId].map(([_id, { signIn }]) => ({ _id, at: new Date(signIn[1]) })),
      { session },
    );
    const fresh = await this.addDays(tally, session);
    await shift.write(seatCounts, slot, session);
    await this.addReturns(tally, fresh, before, session);
    await this.addTotals(tally, slot, session);
    return byId.size;
  }

  /**
   * Looked up first: most are new, and inserting many is several times as fast as as many upserts. Answers those on which
   * a person was counted for the first time.
   */
  private async addDays(tally: Tally, session: ClientSession): Promise<DayTally[]> {
    const { days } = this.collections;
    const { days: added } = tally;
    const found = await days.find({ _id: { $in: [...added.keys()] } }, { session, projection: { _id: 1 } }).toArray();
    const there = new Set(found.map(({ _id }) => _id));
    const fresh = [...added].filter(([_id]) => !there.has(_id));
    for (const [, { total }] of fresh) total.people += 1;
    if (fresh.length > 0)
      await days.insertMany(
        fresh.map(([_id, { n }]) => ({ _id, n })),
        { session },
      );
    const more = found.map(({ _id }) => ({
      updateOne: { filter: { _id }, update: { $inc: { n: added.get(_id)?.n ?? 0 } } },
    }));
    if (more.length > 0) await days.bulkWrite(more, { session });
    return fresh.map(([, day]) => day);
  }

  /**
   * How long before their fresh days people had come last. Nearly always that is their newest sign-in of before; only where
   * a day comes after a later one, the days around it are looked up.
   */
  private async addReturns(tally: Tally, fresh: DayTally[], before: Before, session: ClientSession): Promise<void> {
    const lastDay = new Map([...before].flatMap(([place, at]) => (at === null ? [] : [[place, dayNumberOf(at)]])));
    const late = fresh.filter(({ place, day }) => day < (lastDay.get(place) ?? 0));
    const around = await this.daysAround(late, session);
    for (const [place, days] of Map.groupBy(fresh, (one) => one.place)) {
      const { home, app } = days[0]!;
      const own = new Map(days.map(({ day, total }) => [day, total]));
      const known = new Set([around.get(place) ?? [], lastDay.get(place) ?? []].flat().filter((day) => !own.has(day)));
      for (const { day, gap, by } of returnsOf(known, own.keys()))
        add((own.get(day) ?? totalOf(tally, home, app, day)).back, gap, by);
    }
  }

  /** The days on which people came, within {@link longestGap} of their late ones. */
  private async daysAround(late: DayTally[], session: ClientSession): Promise<Map<string, number[]>> {
    const around = new Map<string, number[]>();
    if (late.length === 0) return around;
    const { people, seats, days } = this.collections;
    // Two late days of a person that do not see each other would each be told from the same neighbours.
    const places = { _id: { $in: late.map(({ place }) => place) } };
    await people.updateMany(places, { $inc: { late: 1 } }, { session });
    await seats.updateMany(places, { $inc: { late: 1 } }, { session });
    const asked = new Map<string, { place: string; day: number }>();
    for (const { home, app, person, place, day: own } of late)
      for (let day = own - longestGap; day <= own + longestGap; day += 1)
        asked.set(dayId(home, person, day, app), { place, day });
    const found = await days.find({ _id: { $in: [...asked.keys()] } }, { session, projection: { _id: 1 } }).toArray();
    for (const { place, day } of found.map(({ _id }) => asked.get(_id)!))
      around.set(place, [...(around.get(place) ?? []), day]);
    return around;
  }

  private async addTotals({ totals: added }: Tally, slot: string, session: ClientSession): Promise<void> {
    const writes = [...added].map(([key, { home, app, day, signIns, quarters, people, back }]) => ({
      updateOne: {
        filter: { _id: `${key}|${slot}` },
        update: {
          $inc: { signIns, timed: signIns, people, ...fieldsOf('quarters', quarters), ...fieldsOf('back', back) },
          // Of those that name no app there is nothing to tell.
          ...(app !== unattributed && { $set: { untold: true as const } }),
          $setOnInsert: { ...home, app, day },
        },
        upsert: true,
      },
    }));
    await this.collections.totals.bulkWrite(writes, { session });
  }

  /** A seat the mirror has not told of yet gets a stub, which keeps the sign-in until the directory does. */
  private moveSeats(lasts: Map<string, LastTally>, shift: Shift, session: ClientSession): Promise<Before> {
    return moveLast(this.collections.seats, lasts, shift, session, (_id, { home, app, person, last }) => ({
      ...untoldSeat,
      _id,
      ...home,
      app,
      person,
      last,
    }));
  }

  private movePeople(lasts: Map<string, LastTally>, shift: Shift, session: ClientSession): Promise<Before> {
    return moveLast(this.collections.people, lasts, shift, session, (_id, { home, person, last }) =>
      strangerOf(home, person, last),
    );
  }
}

/** The newest sign-in of a seat, or of a person, as it was before these. */
type Before = Map<string, number | null>;

const fieldsOf = (name: string, sums: Map<number, number>): Record<string, number> =>
  Object.fromEntries([...sums].filter(([, by]) => by !== 0).map(([key, by]) => [`${name}.${key}`, by]));

/** Writes the newest sign-in where it is newer than what is there, and answers what was there. */
async function moveLast<D extends PersonDocument | SeatDocument>(
  collection: mongo.Collection<D>,
  lasts: Map<string, LastTally>,
  shift: Shift,
  session: ClientSession,
  stub: (id: string, last: LastTally) => D,
): Promise<Before> {
  if (lasts.size === 0) return new Map();
  const found = await collection
    .find({ _id: { $in: [...lasts.keys()] } } as mongo.Filter<D>, { session })
    .project<{ _id: string; licensed: boolean; last: number | null }>({ licensed: 1, last: 1 })
    .toArray();
  const before = new Map(found.map((seat) => [seat._id, seat]));
  const stubs: D[] = [];
  const moves: mongo.AnyBulkWriteOperation<D>[] = [];
  for (const [_id, tally] of lasts) {
    const { home, app, last } = tally;
    const seat = before.get(_id);
    if (!seat) stubs.push(stub(_id, tally));
    else if (seat.last === null || seat.last < last) {
      moves.push({ updateOne: { filter: { _id } as mongo.Filter<D>, update: { $set: { last } as Partial<D> } } });
      // One that is not licensed, a stub too, is counted under no day.
      if (seat.licensed) shift.move(home, app, seat, { licensed: true, last });
    }
  }
  if (stubs.length > 0) await collection.insertMany(stubs as mongo.OptionalUnlessRequiredId<D>[], { session });
  if (moves.length > 0) await collection.bulkWrite(moves, { session });
  return new Map(found.map(({ _id, last }) => [_id, last]));
}

/** The same person is always in the same lane. */
function laneOf(person: string): number {
  let hash = 0;
  for (let at = 0; at < person.length; at += 1) hash = (hash * 31 + person.charCodeAt(at)) | 0;
  return Math.abs(hash) % laneCount;
}
