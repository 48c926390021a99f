import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, type IndexDeclaration } from '@seatwise/persistence';
import type { ClientSession, mongo } from 'mongoose';
import {
  signInDays,
  type AppDocument,
  type ConnectionDocument,
  type DayDocument,
  type PersonDocument,
  type SeatCountDocument,
  type SeatDocument,
  type SignInDocument,
  type TotalDocument,
} from './documents.js';
import { repeatingOnDuplicate } from './repeating.js';

const home = { workspace: 1, connection: 1 } as const;
/** How the indexes of lists of people begin; what the list is sorted by follows. */
export const listOf = { ...home, known: 1 } as const;
/** Finds people by the words of a search. */
export const byWords = { ...listOf, words: 1 } as const;
const shown = { partialFilterExpression: { removed: false } };

const indexes: IndexDeclaration[] = [
  { collection: 'connections', key: { workspace: 1 } },
  { collection: 'people', key: { ...listOf, nameKey: 1, _id: 1 } },
  { collection: 'people', key: { ...listOf, emailKey: 1, _id: 1 } },
  { collection: 'people', key: { ...listOf, status: 1, _id: 1 } },
  { collection: 'people', key: { ...listOf, last: 1, _id: 1 } },
  { collection: 'people', key: byWords },
  { collection: 'apps', key: { ...home, removed: 1, labelKey: 1, _id: 1 } },
  { collection: 'seats', key: { ...home, app: 1, nameKey: 1, _id: 1 }, options: shown },
  { collection: 'seats', key: { ...home, app: 1, last: 1, _id: 1 }, options: shown },
  { collection: 'seat_counts', key: { ...home, app: 1 } },
  // With the people in it, the trend of many apps is read from the index alone: a total has a count for each quarter of an hour.
  { collection: 'totals', key: { ...home, day: 1, app: 1, people: 1 } },
  {
    collection: 'totals',
    key: { ...home, day: 1 },
    options: { partialFilterExpression: { untold: true }, name: 'untold' },
  },
  { collection: 'sign_ins', key: { at: 1 }, options: { expireAfterSeconds: signInDays * 86_400 } },
];

/** The collections of usage, and the one way to write several of them at once. */
@Injectable()
export class Collections implements OnModuleInit {
  constructor(private readonly database: Database) {}

  onModuleInit(): Promise<void> {
    return this.database.ensureIndexes(indexes);
  }

  get connections(): mongo.Collection<ConnectionDocument> {
    return this.database.collection('connections');
  }
  get people(): mongo.Collection<PersonDocument> {
    return this.database.collection('people');
  }
  get apps(): mongo.Collection<AppDocument> {
    return this.database.collection('apps');
  }
  get seats(): mongo.Collection<SeatDocument> {
    return this.database.collection('seats');
  }
  get seatCounts(): mongo.Collection<SeatCountDocument> {
    return this.database.collection('seat_counts');
  }
  get days(): mongo.Collection<DayDocument> {
    return this.database.collection('days');
  }
  get totals(): mongo.Collection<TotalDocument> {
    return this.database.collection('totals');
  }
  get signIns(): mongo.Collection<SignInDocument> {
    return this.database.collection('sign_ins');
  }

  /** Runs `work` in one transaction, again when another one inserted the same thing meanwhile. */
  transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    return repeatingOnDuplicate(() => this.database.transaction(work));
  }
}
