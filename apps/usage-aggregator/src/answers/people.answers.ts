import { Injectable } from '@nestjs/common';
import {
  AppNotFound,
  listPeople,
  ListPeople,
  oktaItself,
  PeoplePage,
  Refusal,
  type PersonRow,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { searchFor } from '../directory/naming.js';
import { byWords, Collections, listOf } from '../store/collections.js';
import type { PersonDocument } from '../store/documents.js';
import { beyond, cursorAt, positionOf } from './cursor.js';
import { asOfOf, VisibleConnections, type Within } from './visible-connections.js';
import { inState, isoOf, stateOf, windowStart } from './window.js';

const sortFields = { name: 'nameKey', email: 'emailKey', status: 'status', lastSignIn: 'last' } as const;

/** What a list shows, whether it comes from the people or from an app's seats. */
type Listed = Pick<
  PersonDocument,
  '_id' | 'connection' | 'person' | 'name' | 'nameKey' | 'login' | 'email' | 'emailKey' | 'status' | 'licensed' | 'last'
> & { assignment?: string };

/** Lists people, a page at a time. */
@Injectable()
export class PeopleAnswers {
  constructor(
    private readonly collections: Collections,
    private readonly connections: VisibleConnections,
  ) {}

  @Handles(listPeople)
  async list(dto: ListPeople): Promise<PeoplePage> {
    const { workspace, connection, limit, sort, order, window } = dto;
    const app = dto.app === oktaItself ? undefined : dto.app;
    if (app !== undefined && connection === undefined)
      throw new Refusal('invalid_request', 'A list of the people of an app needs the connection that the app is in.');
    const sorting = `people:${app === undefined ? 'all' : 'app'}:${sort}:${order}`;
    const after = positionOf(sorting, dto.cursor, sort === 'lastSignIn' ? 'number' : 'string');
    const start = windowStart(window);
    const field = app !== undefined && sort === 'status' ? 'personStatus' : sortFields[sort];
    const words = searchFor(dto.search);
    const conditions = [
      ...(dto.seat ? inState(dto.seat, start) : []),
      ...words,
      ...(after ? [beyond(field, order, after)] : []),
    ];
    const way = order === 'asc' ? 1 : -1;
    const page = { words, conditions, sort: { [field]: way, _id: way } as Record<string, 1 | -1>, limit: limit + 1 };
    const [visible, found] = await this.connections.and(workspace, connection, (home) =>
      app === undefined ? this.ofAll(dto, home, page) : this.ofApp(dto, app, home, page),
    );
    const listed = found.slice(0, limit);
    const end = found.length > limit ? listed.at(-1) : undefined;
    return {
      people: listed.map((item) => personRow(item, start)),
      nextCursor: end ? cursorAt(sorting, { value: end[sortFields[sort]], id: end._id }) : null,
      asOf: visible.map(asOfOf),
    };
  }

  private async ofAll({ status, seat }: ListPeople, home: Within, page: PageOf): Promise<Listed[]> {
    const { conditions, sort, limit } = page;
    const found = this.collections.people
      .find({
        ...home,
        known: true,
        ...(status && { status: { $in: status } }),
        ...(conditions.length > 0 && { $and: conditions }),
      })
      .sort(sort)
      .limit(limit);
    const index = await this.indexOf(home, page, status !== undefined || seat !== undefined);
    return (index ? found.hint(index) : found).toArray();
  }

  /**
   * The index to read a search by, which MongoDB would choose by the search before: whom few words find are read and
   * sorted; where they find many, a page of them is soon met when all are gone through in the list's order.
   */
  private async indexOf(
    home: Within,
    { words: [longest], sort }: PageOf,
    isFiltered: boolean,
  ): Promise<Record<string, 1> | undefined> {
    if (!longest) return undefined;
    const found = await this.collections.people.countDocuments(
      { ...home, known: true, ...longest },
      { limit: mostSorted, hint: byWords },
    );
    if (found < mostSorted) return byWords;
    return isFiltered ? undefined : { ...listOf, ...Object.fromEntries(Object.keys(sort).map((field) => [field, 1])) };
  }

  /** An app's list is sorted by its seats; what it shows of the people is read for the page alone. */
  private async ofApp(
    { status }: ListPeople,
    app: string,
    home: Within,
    { words, conditions, sort, limit }: PageOf,
  ): Promise<Listed[]> {
    const { apps, seats, people } = this.collections;
    const [there, few] = await Promise.all([
      apps.findOne({ ...home, _id: { $in: home.connection.$in.map((one) => `${one}|${app}`) }, removed: false }),
      this.fewFound(home, words),
    ]);
    if (!there) throw new AppNotFound(app);
    const found = await seats
      .find({
        ...home,
        app,
        removed: false,
        personStatus: status ? { $in: status } : { $ne: null },
        ...(few && { _id: { $in: few.map(({ connection, person }) => `${connection}|${person}|${app}`) } }),
        ...(conditions.length > 0 && { $and: conditions }),
      })
      .sort(sort)
      .limit(limit)
      .toArray();
    const shown = await people
      .find({ ...home, _id: { $in: found.map(({ connection, person }) => `${connection}|${person}`) } })
      .project<Shown>({ _id: 0, person: 1, name: 1, login: 1, email: 1 })
      .toArray();
    const texts = new Map(shown.map((one) => [one.person, one]));
    return found.map((seat) => ({
      ...seat,
      ...(texts.get(seat.person) ?? { name: '', login: '', email: '' }),
      status: seat.personStatus ?? 'deleted',
      assignment: seat.status,
    }));
  }

  /** Seats have no index of words. Where a search finds few people, it is their seats that are looked at. */
  private async fewFound(
    home: Within,
    words: object[],
  ): Promise<Pick<PersonDocument, 'connection' | 'person'>[] | undefined> {
    if (words.length === 0) return undefined;
    const found = await this.collections.people
      .find({ ...home, known: true, $and: words })
      .project<Pick<PersonDocument, 'connection' | 'person'>>({ _id: 0, connection: 1, person: 1 })
      .limit(fewPeople + 1)
      .toArray();
    return found.length > fewPeople ? undefined : found;
  }
}

const fewPeople = 1_000;
/** So many are read and sorted within some ten milliseconds. */
const mostSorted = 10_000;
type Shown = Pick<PersonDocument, 'person' | 'name' | 'login' | 'email'>;

interface PageOf {
  /** Of the search, which are among the conditions. */
  words: object[];
  conditions: object[];
  sort: Record<string, 1 | -1>;
  limit: number;
}

export const personRow = (listed: Listed, start: number): PersonRow => ({
  connection: listed.connection,
  id: listed.person,
  name: listed.name,
  login: listed.login,
  email: listed.email,
  status: listed.status,
  seat: stateOf(listed, start),
  ...(listed.assignment !== undefined && { assignment: listed.assignment }),
  lastSignIn: isoOf(listed.last),
  role: '',
});
