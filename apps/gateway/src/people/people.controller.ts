import { Controller, Get, Res } from '@nestjs/common';
import { getPersonRecord, getPersonUsage, Refusal } from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import type { Response } from 'express';
import { By, within, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromPath, FromQuery } from '../door/reading.js';
import { peopleExample } from './people.csv.js';
import {
  AttributeListDto,
  AttributesQuery,
  PeopleFileQuery,
  PeoplePageDto,
  PeopleQuery,
  PersonDto,
  PersonPath,
  WindowQuery,
} from './people.dto.js';
import { PeopleService } from './people.service.js';

@Controller('api/v1')
export class PeopleController {
  constructor(
    private readonly people: PeopleService,
    private readonly bus: Bus,
  ) {}

  @Get('people')
  @Operation({
    allows: 'viewer',
    summary: 'List people',
    description: 'By status, seat, app and name, of one connection or of all.',
    answer: { status: 200, description: 'One page of people.', Type: PeoplePageDto },
    refuses: ['connection_not_found', 'app_not_found', 'invalid_cursor'],
  })
  listPeople(@By() caller: Caller, @FromQuery(PeopleQuery) query: PeopleQuery): Promise<PeoplePageDto> {
    return this.people.list(caller, query);
  }

  @Get('people.csv')
  @Operation({
    allows: 'viewer',
    summary: 'People as a file',
    description:
      'CSV (RFC 4180) of all whom the list would give. What a spreadsheet would take for a formula has an apostrophe ' +
      'before it. Each attribute that is asked for is a column `profile.{name}`; what is no text or number is JSON.',
    answer: { status: 200, description: 'The file.', contentType: 'text/csv', example: peopleExample },
    refuses: ['connection_not_found', 'app_not_found'],
    deadlineMs: null,
  })
  exportPeople(
    @By() caller: Caller,
    @FromQuery(PeopleFileQuery) query: PeopleFileQuery,
    @Res() response: Response,
  ): Promise<void> {
    return this.people.export(caller, query, response);
  }

  @Get('people/attributes')
  @Operation({
    allows: 'viewer',
    summary: 'List the attributes of profiles',
    description:
      'Names for `attributes` of the list of people: those that are set with any of the 2,000 people of the highest ids, ' +
      'in one connection or in each.',
    answer: { status: 200, description: 'The names.', Type: AttributeListDto },
    refuses: ['connection_not_found'],
  })
  async listAttributes(
    @By() caller: Caller,
    @FromQuery(AttributesQuery) { connection }: AttributesQuery,
  ): Promise<AttributeListDto> {
    return { attributes: await this.people.attributes(caller, connection) };
  }

  @Get('connections/:connection/people/:person')
  @Operation({
    allows: 'viewer',
    summary: 'One person',
    description: 'The profile and groups of Okta, and every seat with its sign-ins by app and day.',
    answer: { status: 200, description: 'The person.', Type: PersonDto },
    refuses: ['connection_not_found', 'person_not_found'],
  })
  async getPerson(
    @By() caller: Caller,
    @FromPath(PersonPath) path: PersonPath,
    @FromQuery(WindowQuery) query: WindowQuery,
  ): Promise<PersonDto> {
    const at = within(caller, path);
    const [record, usage] = await Promise.all([
      this.bus.request(getPersonRecord, at),
      this.bus.request(getPersonUsage, within(caller, path, query)).catch(notCountedYet),
    ]);
    return Object.assign(record, { connection: path.connection, usage });
  }
}

/** The figures follow the mirror: who is not in them yet is in the mirror all the same. */
function notCountedYet(error: unknown): null {
  if (error instanceof Refusal && (error.code === 'person_not_found' || error.code === 'connection_not_found'))
    return null;
  throw error;
}
