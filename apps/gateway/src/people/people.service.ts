import { Injectable } from '@nestjs/common';
import { getAttributes, getConnection, listAttributes, listConnections, listPeople } from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import type { Response } from 'express';
import { within, type Caller } from '../door/caller.js';
import { sendFile } from '../door/csv.js';
import type { PeopleFileQuery, PeoplePageDto, PeopleQuery, ListedPersonDto } from './people.dto.js';
import { columnsWith } from './people.csv.js';

const mostInPage = 200;

/** Lists of people: the figures are usage-aggregator's, the profiles sync-service's. */
@Injectable()
export class PeopleService {
  constructor(private readonly bus: Bus) {}

  async list(caller: Caller, { attributes, ...query }: PeopleQuery): Promise<PeoplePageDto> {
    const page = await this.bus.request(listPeople, within(caller, query));
    if (attributes?.length) await this.addAttributes(caller, page.people, attributes);
    return page;
  }

  /** The names that people of this connection, or of all, have in their profiles. */
  async attributes({ workspace }: Caller, connection?: string): Promise<string[]> {
    const connections =
      connection === undefined
        ? (await this.bus.request(listConnections, { workspace })).connections.map(({ id }) => id)
        : // Whether there is such a connection its owner knows.
          [(await this.bus.request(getConnection, { workspace, connection })).id];
    const found = await Promise.all(
      connections.map((one) => this.bus.request(listAttributes, { workspace, connection: one })),
    );
    return [...new Set(found.flatMap(({ names }) => names))].toSorted();
  }

  async export(caller: Caller, query: PeopleFileQuery, response: Response): Promise<void> {
    await sendFile('people.csv', columnsWith(query.attributes ?? []), this.all(caller, query), response);
  }

  private async *all(caller: Caller, query: PeopleFileQuery): AsyncGenerator<ListedPersonDto> {
    const asked: PeopleQuery = Object.assign(query, { limit: mostInPage });
    for (;;) {
      const page = await this.list(caller, asked);
      yield* page.people;
      if (page.nextCursor === null) return;
      asked.cursor = page.nextCursor;
    }
  }

  private async addAttributes({ workspace }: Caller, people: ListedPersonDto[], names: string[]): Promise<void> {
    const byConnection = Map.groupBy(people, ({ connection }) => connection);
    await Promise.all(
      [...byConnection].map(async ([connection, rows]) => {
        const ids = rows.map(({ id }) => id);
        const found = await this.bus.request(getAttributes, { workspace, connection, people: ids, names });
        const byPerson = new Map(found.people);
        for (const row of rows) row.attributes = byPerson.get(row.id) ?? {};
      }),
    );
  }
}
