import { Controller, Get } from '@nestjs/common';
import { getPersonRecord, getPersonUsage, listPeople, Refusal } from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { By, within, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromPath, FromQuery } from '../door/reading.js';
import { PeoplePage, PeopleQuery, PersonDto, PersonPath, WindowQuery } from './people.dto.js';

@Controller('api/v1')
export class PeopleController {
  constructor(private readonly bus: Bus) {}

  @Get('people')
  @Operation({
    allows: 'viewer',
    summary: 'List people',
    description: 'By status, seat, app and name, of one connection or of all.',
    answer: { status: 200, description: 'One page of people.', Type: PeoplePage },
    refuses: ['connection_not_found', 'app_not_found', 'invalid_cursor'],
  })
  listPeople(@By() caller: Caller, @FromQuery(PeopleQuery) query: PeopleQuery): Promise<PeoplePage> {
    return this.bus.request(listPeople, within(caller, query));
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
