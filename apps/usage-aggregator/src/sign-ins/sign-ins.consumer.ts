import { Injectable } from '@nestjs/common';
import { signInsRecorded, SignInsRecordedV1, type SignIn } from '@seatwise/contracts';
import { Consumes, TryLater, type MessageContext } from '@seatwise/messaging';
import { counter } from '@seatwise/observability';
import type { ClientSession } from 'mongoose';
import { Connections, type Home } from '../connections/connections.js';
import { Collections } from '../store/collections.js';
import { unnamed } from '../store/documents.js';
import { tallyOf, type Tally } from './tally.js';
import { Turns } from './turns.js';

const counted = counter('sign_ins_counted_total', 'Sign-ins that were added to the figures');
const repeated = counter('sign_ins_duplicate_total', 'Sign-ins that had been counted before');

/** Counts each sign-in once, however often it is delivered, in whatever order. */
@Injectable()
export class SignInsConsumer {
  /** Pages of one connection tell of the same people, and two such transactions at once mostly undo each other. */
  private readonly turns = new Turns();

  constructor(
    private readonly collections: Collections,
    private readonly connections: Connections,
  ) {}

  @Consumes(signInsRecorded, { stream: 'EVENTS', durable: 'usage-sign-ins', concurrency: 2 })
  async recorded(
    { workspace, connection, signIns, completeUpTo }: SignInsRecordedV1,
    context: MessageContext,
  ): Promise<void> {
    const home = { workspace, connection };
    await this.connections.unlessErased(home, async () => {
      const added = await this.turns.take(connection, () =>
        this.collections.transaction((session) => this.count(home, signIns, session)),
      );
      counted.inc(added);
      repeated.inc(signIns.length - added);
    });
    if (completeUpTo === undefined) return;
    if (!(await context.isOldest())) throw new TryLater(100);
    await this.connections.mark(home, 'signInsAsOf', completeUpTo);
  }

  /** Inserting the uuids and adding to the figures is one transaction: both are there, or neither. */
  private async count(home: Home, batch: SignIn[], session: ClientSession): Promise<number> {
    const { signIns } = this.collections;
    const byId = new Map(batch.map((signIn) => [`${home.connection}|${signIn[0]}`, signIn]));
    const known = await signIns.find({ _id: { $in: [...byId.keys()] } }, { session, projection: { _id: 1 } }).toArray();
    for (const { _id } of known) byId.delete(_id);
    if (byId.size === 0) return 0;
    await signIns.insertMany(
      [...byId].map(([_id, [, at]]) => ({ _id, ...home, at: new Date(at) })),
      { session, ordered: false },
    );
    await this.add(home, tallyOf([...byId.values()]), session);
    return byId.size;
  }

  private async add(home: Home, tally: Tally, session: ClientSession): Promise<void> {
    const { people, seats, unattributed } = this.collections;
    const options = { session, ordered: false };
    const idOf = (rest: string) => `${home.connection}|${rest}`;
    await this.addDays(home, tally.days, session);
    // Someone the mirror does not know yet gets a stub, which keeps the sign-in until the directory tells of them.
    const inSeats = [...tally.seats].map(([key, { app, person, last }]) => {
      const stub = { ...home, app, person, v: 0, removed: true, licensed: false, personStatus: null, ...unnamed };
      const unassigned = { scope: 'USER' as const, status: '', group: null, created: null };
      return {
        updateOne: {
          filter: { _id: idOf(key) },
          update: { $max: { last }, $setOnInsert: { ...stub, ...unassigned } },
          upsert: true,
        },
      };
    });
    if (inSeats.length > 0) await seats.bulkWrite(inSeats, options);
    const inPeople = [...tally.people].map(([person, last]) => {
      const stub = { ...home, person, v: 0, known: false, licensed: false, ...unnamed };
      return {
        updateOne: {
          filter: { _id: idOf(person) },
          update: { $max: { last }, $setOnInsert: { ...stub, status: 'STAGED' as const, created: null } },
          upsert: true,
        },
      };
    });
    if (inPeople.length > 0) await people.bulkWrite(inPeople, options);
    const inUnattributed = [...tally.unattributed].map(([day, n]) => ({
      updateOne: {
        filter: { _id: idOf(day.replaceAll('-', '')) },
        update: { $inc: { n }, $setOnInsert: { ...home, day } },
        upsert: true,
      },
    }));
    if (inUnattributed.length > 0) await unattributed.bulkWrite(inUnattributed, options);
  }

  /** Most days of a page are new: inserted together they cost a fraction of an upsert each. */
  private async addDays(home: Home, tallied: Tally['days'], session: ClientSession): Promise<void> {
    const { days } = this.collections;
    const options = { session, ordered: false };
    const byId = new Map([...tallied].map(([key, day]) => [`${home.connection}|${key}`, day]));
    const there = await days.find({ _id: { $in: [...byId.keys()] } }, { session, projection: { _id: 1 } }).toArray();
    const additions = there.map(({ _id }) => ({
      updateOne: { filter: { _id }, update: { $inc: { n: byId.get(_id)?.n ?? 0 } } },
    }));
    for (const { _id } of there) byId.delete(_id);
    if (additions.length > 0) await days.bulkWrite(additions, options);
    if (byId.size > 0)
      await days.insertMany(
        [...byId].map(([_id, day]) => ({ _id, ...home, ...day })),
        options,
      );
  }
}
