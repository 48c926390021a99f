import { Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { By, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromBody, FromPath, FromQuery } from '../door/reading.js';
import { MemberChange, MemberDto, MemberListDto, MemberPath, MembersQuery, NewMember } from './members.dto.js';
import { MembersService } from './members.service.js';

@Controller('api/v1/members')
export class MembersController {
  constructor(private readonly members: MembersService) {}

  @Post()
  @Operation({
    allows: 'admin',
    summary: 'Invite a person',
    audited: 'member.invited',
    description:
      'They sign in by a provider that has verified this e-mail address, or by a link of `POST /sign-in-links`, with which they ' +
      'set their first password. Seatwise sends no e-mail.',
    answer: { status: 201, description: 'The member.', Type: MemberDto },
    refuses: ['member_exists'],
  })
  inviteMember(@By() caller: Caller, @FromBody(NewMember) member: NewMember): Promise<MemberDto> {
    return this.members.invite(caller.workspace, member);
  }

  @Get()
  @Operation({
    allows: 'admin',
    summary: 'List the members',
    description: 'In the order in which they were invited.',
    answer: { status: 200, description: 'One page of members.', Type: MemberListDto },
    refuses: ['invalid_cursor'],
  })
  listMembers(@By() caller: Caller, @FromQuery(MembersQuery) query: MembersQuery): Promise<MemberListDto> {
    return this.members.list(caller.workspace, query);
  }

  @Patch(':member')
  @Operation({
    allows: 'admin',
    summary: 'Change the name or role of a member',
    audited: 'member.changed',
    description:
      'It takes effect with their next request. A role that a provider’s claim gives is given anew at their next sign-in.',
    answer: { status: 200, description: 'The member as they are now.', Type: MemberDto },
    refuses: ['member_not_found', 'last_admin'],
  })
  changeMember(
    @By() caller: Caller,
    @FromPath(MemberPath) { member }: MemberPath,
    @FromBody(MemberChange) change: MemberChange,
  ): Promise<MemberDto> {
    return this.members.change(caller.workspace, member, change);
  }

  @Delete(':member')
  @Operation({
    allows: 'admin',
    summary: 'Remove a member',
    audited: 'member.removed',
    description: 'Their sessions end at once. API keys that they issued stay: revoke those apart.',
    answer: { status: 204, description: 'Removed.' },
    refuses: ['member_not_found', 'last_admin'],
  })
  removeMember(@By() caller: Caller, @FromPath(MemberPath) { member }: MemberPath): Promise<void> {
    return this.members.remove(caller.workspace, member);
  }
}
