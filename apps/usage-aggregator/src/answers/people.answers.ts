import { Injectable } from '@nestjs/common';
import { listPeople, ListPeople, PeoplePage, Refusal, type PersonRow } from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { searchFor } from '../directory/naming.js';
import { Collections } from '../store/collections.js';
import type { ConnectionDocument, PersonDocument, SeatDocument } from '../store/documents.js';
import { beyond, cursorAt, positionOf } from './cursor.js';
import { asOfOf, VisibleConnections, within } from './visible-connections.js';
import { inState, isoOf, stateOf, windowStart } from './window.js';

const sortFields = { name: 'nameKey', email: 'emailKey', status: 'status', lastSignIn: 'last' } as const;

/** What a list shows, whether it comes from the people or from an app's seats. */
type Listed = Pick<
  PersonDocument,
  '_id' | 'connection' | 'person' | 'name' | 'nameKey' | 'login' | 'email' | 'emailKey' | 'status' | 'licensed' | 'last'
>;

/** Lists people, a page at a time. */
@Injectable()
export class PeopleAnswers {
  constructor(
    private readonly collections: Collections,
    private readonly connections: VisibleConnections,
  ) {}

  @Handles(listPeople)
  async list(dto: ListPeople): Promise<PeoplePage> {
    const { workspace, connection, app, limit, sort, order, window } = dto;
    if (app !== undefined && connection === undefined)
      throw new Refusal('invalid_request', 'A list of the people of an app needs the connection that the app is in.');
    const sorting = `people:${app === undefined ? 'all' : 'app'}:${sort}:${order}`;
    const after = positionOf(sorting, dto.cursor, sort === 'lastSignIn' ? 'number' : 'string');
    const visible = await this.connections.of(workspace, connection);
    const start = windowStart(window);
    const field = app !== undefined && sort === 'status' ? 'personStatus' : sortFields[sort];
    const conditions = [
      ...(dto.seat ? inState(dto.seat, start) : []),
      ...searchFor(dto.search),
      ...(after ? [beyond(field, order, after)] : []),
    ];
    const way = order === 'asc' ? 1 : -1;
    const page = { conditions, sort: { [field]: way, _id: way } as Record<string, 1 | -1>, limit: limit + 1 };
    const found = app === undefined ? await this.ofAll(dto, visible, page) : await this.ofApp(dto, app, visible, page);
    const listed = found.slice(0, limit);
    const end = found.length > limit ? listed.at(-1) : undefined;
    return {
      people: listed.map((item) => personRow(item, start)),
      nextCursor: end ? cursorAt(sorting, { value: end[sortFields[sort]], id: end._id }) : null,
      asOf: visible.map(asOfOf),
    };
  }

  private ofAll(
    { workspace, status }: ListPeople,
    visible: ConnectionDocument[],
    { conditions, sort, limit }: PageOf,
  ): Promise<Listed[]> {
    return this.collections.people
      .find({
        ...within(workspace, visible),
        known: true,
        ...(status && { status: { $in: status } }),
        ...(conditions.length > 0 && { $and: conditions }),
      })
      .sort(sort)
      .limit(limit)
      .toArray();
  }

  private async ofApp(
    { workspace, status }: ListPeople,
    app: string,
    visible: ConnectionDocument[],
    { conditions, sort, limit }: PageOf,
  ): Promise<Listed[]> {
    const seats = await this.collections.seats
      .find({
        ...within(workspace, visible),
        app,
        removed: false,
        personStatus: status ? { $in: status } : { $ne: null },
        ...(conditions.length > 0 && { $and: conditions }),
      })
      .sort(sort)
      .limit(limit)
      .toArray();
    return seats.map((seat: SeatDocument) => ({ ...seat, status: seat.personStatus ?? 'deleted' }));
  }
}

interface PageOf {
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
  lastSignIn: isoOf(listed.last),
  role: '',
});
