import { Controller, Get } from '@nestjs/common';
import { getConnection, oktaId, readMirror, Refusal, type ChangeOf } from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { ConnectionPath } from '../connections/connections.dto.js';
import { By, within, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromPath, FromQuery } from '../door/reading.js';
import { GroupListDto, GroupsQuery } from './groups.dto.js';

@Controller('api/v1/connections/:connection/groups')
export class GroupsController {
  constructor(private readonly bus: Bus) {}

  @Get()
  @Operation({
    allows: 'viewer',
    summary: 'List groups',
    description: "In the order of Okta's ids. Those of the type `OKTA_GROUP` can be changed by hand.",
    answer: { status: 200, description: 'One page of groups.', Type: GroupListDto },
    refuses: ['connection_not_found', 'invalid_cursor'],
  })
  async listGroups(
    @By() caller: Caller,
    @FromPath(ConnectionPath) path: ConnectionPath,
    @FromQuery(GroupsQuery) { limit, cursor }: GroupsQuery,
  ): Promise<GroupListDto> {
    if (cursor !== undefined && !oktaId.test(cursor))
      throw new Refusal('invalid_cursor', 'Take nextCursor from the page before, unchanged.');
    const page = { kind: 'group' as const, limit, ...(cursor !== undefined && { after: cursor }) };
    const [{ items }] = await Promise.all([
      this.bus.request(readMirror, within(caller, path, page)),
      // Whether there is such a connection its owner knows.
      this.bus.request(getConnection, within(caller, path)),
    ]);
    const groups = (items as unknown as ChangeOf['group'][]).map(({ id, name, type }) => ({ id, name, type }));
    // A page has fewer than were asked for where they are large: the last is the empty one.
    return { groups, nextCursor: groups.at(-1)?.id ?? null };
  }
}
