import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { oktaItself, type UserStatus } from '@seatwise/contracts';
import type { Home } from '../connections/connections.js';
import { Collections } from '../store/collections.js';
import { idsUnder, type PersonDocument } from '../store/documents.js';
import { slotOf } from '../store/slot.js';
import { Shift } from './shift.js';

/** People that one transaction decides about. */
const atOnce = 1_000;

type Licensable = Pick<PersonDocument, '_id' | 'person' | 'status' | 'licensed' | 'last'>;

/** Who holds a seat in Okta itself, when the statuses that take one have changed. */
@Injectable()
export class Licensing {
  private readonly slot = slotOf('licensing');

  constructor(private readonly collections: Collections) {}

  /**
   * People whose pages came before the change are licensed by the statuses of before. Cut short, this is done again with
   * the message; and repeated when another replica changed the statuses meanwhile, so that the newest have the last word.
   */
  async bringUpToDate(home: Home): Promise<void> {
    const { workspace, connection } = home;
    const { connections } = this.collections;
    for (;;) {
      const current = await connections.findOne({ _id: connection, workspace });
      if (!current || current.erased) return;
      const { licensedStatuses, licensedBy, version } = current;
      if (isDeepStrictEqual(licensedStatuses, licensedBy)) return;
      for (let after: string | undefined = ''; after !== undefined;)
        after = await this.decide(home, licensedStatuses, after);
      await connections.updateOne({ _id: connection, workspace, version }, { $set: { licensedBy: licensedStatuses } });
    }
  }

  /** Of the people after that id, as many as a transaction carries well. Answers where to go on. */
  private decide(home: Home, statuses: UserStatus[], after: string): Promise<string | undefined> {
    const { people, seatCounts } = this.collections;
    const { connection } = home;
    return this.collections.transaction(async (session) => {
      const { $lt } = idsUnder(connection);
      const found = await people
        .find({ _id: { $gt: `${connection}|${after}`, $lt }, known: true }, { session })
        .project<Licensable>({ person: 1, status: 1, licensed: 1, last: 1 })
        .sort({ _id: 1 })
        .limit(atOnce)
        .toArray();
      const shift = new Shift();
      const wrong = found.filter(({ status, licensed }) => (statuses as string[]).includes(status) !== licensed);
      for (const person of wrong) shift.move(home, oktaItself, person, { ...person, licensed: !person.licensed });
      for (const licensed of [true, false]) {
        const ids = wrong.filter((person) => person.licensed !== licensed).map(({ _id }) => _id);
        if (ids.length > 0) await people.updateMany({ _id: { $in: ids } }, { $set: { licensed } }, { session });
      }
      await shift.write(seatCounts, this.slot, session);
      return found.length < atOnce ? undefined : found.at(-1)?.person;
    });
  }
}
