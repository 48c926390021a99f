import { Injectable } from '@nestjs/common';
import { newId, Refusal } from '@seatwise/contracts';
import { SessionsRepository } from '../sign-in/sessions.repository.js';
import type { MemberChange, MemberDto, MemberListDto, NewMember } from './members.dto.js';
import { emailKeyOf, LastAdmin, MembersRepository, type Member } from './members.repository.js';

/** The people of a workspace. */
@Injectable()
export class MembersService {
  constructor(
    private readonly members: MembersRepository,
    private readonly sessions: SessionsRepository,
  ) {}

  /** They sign in by a provider, or by a link with which they set their first password. */
  async invite(workspace: string, wish: NewMember): Promise<MemberDto> {
    const member = fresh(workspace, wish);
    if (!(await this.members.insert(member)))
      throw new Refusal('member_exists', 'This workspace has a member with this e-mail address.');
    return dtoOf(member);
  }

  async list(workspace: string, { limit, cursor }: { limit: number; cursor?: string }): Promise<MemberListDto> {
    if (cursor !== undefined && !/^usr_[0-9a-z]{25}$/.test(cursor))
      throw new Refusal('invalid_cursor', 'Take nextCursor from the page before, unchanged.');
    const found = await this.members.page(workspace, limit + 1, cursor);
    const page = found.slice(0, limit);
    return { members: page.map(dtoOf), nextCursor: found.length > limit ? page.at(-1)!._id : null };
  }

  /** Takes effect with the next request. */
  async change(workspace: string, id: string, { name, role }: MemberChange): Promise<MemberDto> {
    const change = { ...(name !== undefined && { name }), ...(role !== undefined && { role, roleFrom: null }) };
    if (Object.keys(change).length === 0) return dtoOf(await this.require(workspace, id));
    const changed = await this.members.change(workspace, id, change).catch(lastAdmin);
    if (!changed) throw notFound(id);
    return dtoOf(changed);
  }

  /** Their sessions end with them. */
  async remove(workspace: string, id: string): Promise<void> {
    if (!(await this.members.remove(workspace, id).catch(lastAdmin))) throw notFound(id);
    await this.sessions.withdraw({}, [id]);
  }

  private async require(workspace: string, id: string): Promise<Member> {
    const member = await this.members.find(id);
    if (member?.workspace !== workspace) throw notFound(id);
    return member;
  }
}

export const fresh = (workspace: string, { email, name, role }: NewMember): Member => ({
  _id: newId('usr'),
  workspace,
  email,
  emailKey: emailKeyOf(email),
  name,
  role,
  roleFrom: null,
  password: null,
  identities: [],
  createdAt: new Date(),
  lastSignInAt: null,
});

const notFound = (id: string) => new Refusal('member_not_found', `This workspace has no member ${id}.`);

function lastAdmin(error: unknown): never {
  if (error instanceof LastAdmin)
    throw new Refusal('last_admin', 'This is the last admin of the workspace. Make somebody else an admin first.');
  throw error;
}

const dtoOf = ({ _id: id, email, name, role, roleFrom, ...member }: Member): MemberDto => ({
  id,
  email,
  name,
  role,
  roleFrom,
  hasPassword: member.password !== null,
  isLinked: member.identities.length > 0,
  createdAt: member.createdAt.toISOString(),
  lastSignInAt: member.lastSignInAt?.toISOString() ?? null,
});
