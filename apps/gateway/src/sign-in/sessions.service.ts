import { Injectable } from '@nestjs/common';
import { newId, Refusal } from '@seatwise/contracts';
import { GatewayConfig } from '../config.js';
import type { Caller } from '../door/caller.js';
import { MembersRepository, type Member } from '../members/members.repository.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { digestOf, newSecret } from './secret.js';
import { SessionsRepository, type Session, type Way } from './sessions.repository.js';
import type { OpenSessionDto, OpenSessionListDto, SessionDto, ShownWorkspaceDto } from './sign-in.dto.js';

const coarselyMs = 60_000;

/** From where somebody asks. */
export interface Visit {
  address: string;
  browser: string;
  /** The secret of the session that their browser has already. */
  cookie: string | undefined;
}

/** A session with its secret, which is told to the browser and kept nowhere. */
export interface Opened {
  session: Session;
  secret: string;
}

/** Who is signed in. */
@Injectable()
export class SessionsService {
  private readonly idleMs: number;
  private readonly longestMs: number;

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly members: MembersRepository,
    private readonly workspaces: WorkspacesRepository,
    { sessionIdleMinutes, sessionHours }: GatewayConfig,
  ) {
    this.idleMs = sessionIdleMinutes * 60_000;
    this.longestMs = sessionHours * 3_600_000;
  }

  /** Always another session, whatever the browser had before: nobody can have known its secret. */
  async open(accounts: Member[], way: Way, { address, browser, cookie }: Visit): Promise<Opened> {
    const now = new Date();
    const endsAt = new Date(now.getTime() + this.longestMs);
    const secret = newSecret();
    const [current] = accounts.toSorted((a, b) => Number(b.lastSignInAt ?? 0) - Number(a.lastSignInAt ?? 0));
    const session: Session = {
      _id: newId('ses'),
      digest: digestOf(secret),
      members: accounts.map(({ _id: id, workspace }) => ({ id, workspace })),
      current: current!._id,
      ...way,
      address,
      browser,
      openedAt: now,
      seenAt: now,
      expiresAt: this.idleEnd(now, endsAt),
      endsAt,
    };
    await this.sessions.insert(session);
    if (cookie !== undefined) await this.sessions.remove({ digest: digestOf(cookie) });
    return { session, secret };
  }

  /** Who has this session; undefined when it has ended, or the account is gone. */
  async callerWith(secret: string): Promise<Caller | undefined> {
    const session = await this.sessions.withDigest(digestOf(secret));
    if (!session) return undefined;
    const member = await this.members.find(session.current);
    if (!member) return undefined;
    const now = new Date();
    if (now.getTime() - session.seenAt.getTime() > Math.min(coarselyMs, this.idleMs / 4))
      await this.sessions.markSeen(session._id, now, this.idleEnd(now, session.endsAt));
    const { _id: id, email, workspace, role } = member;
    const isGood = async () => {
      const [still, person] = await Promise.all([this.sessions.find(session._id), this.members.find(id)]);
      return still?.current === id && person !== undefined;
    };
    return { key: null, person: { id, email }, session: session._id, workspace, role, isGood };
  }

  async show({ session: id }: Caller): Promise<SessionDto> {
    const session = await this.require(id!);
    const accounts = await this.members.allOf(session.members.map((one) => one.id));
    const member = accounts.find(({ _id }) => _id === session.current);
    if (!member) throw ended();
    const workspaces = await Promise.all(
      accounts.map(async ({ workspace, role }) => Object.assign(await this.shown(workspace), { role })),
    );
    const { workspace, role, password } = member;
    const current = workspaces.find(({ id: one }) => one === workspace)!;
    return {
      person: personOf(member),
      workspace: { id: workspace, name: current.name, timeZone: current.timeZone },
      role,
      hasPassword: password !== null,
      workspaces: workspaces.map((one) => ({ id: one.id, name: one.name, role: one.role })),
      expiresAt: session.expiresAt.toISOString(),
    };
  }

  /** Goes on in another workspace of the same person. */
  async move(caller: Caller, workspace: string): Promise<SessionDto> {
    const session = await this.require(caller.session!);
    const there = session.members.find((one) => one.workspace === workspace);
    if (!there)
      throw new Refusal('workspace_not_found', `There is no workspace ${workspace} that you are signed in to.`);
    await this.sessions.use(session._id, there.id);
    return this.show(caller);
  }

  /** A person's own; for an admin those of all members of the workspace. */
  async list(caller: Caller): Promise<OpenSessionListDto> {
    const found = await this.visibleTo(caller);
    const accounts = await this.members.allOf(found.map((session) => accountIn(session, caller.workspace)));
    const byId = new Map(accounts.map((account) => [account._id, account]));
    return {
      sessions: found.flatMap((session) => {
        const member = byId.get(accountIn(session, caller.workspace));
        return member ? [dtoOf(session, member, caller)] : [];
      }),
    };
  }

  async end(caller: Caller, id: string): Promise<void> {
    const [session] = await this.visibleTo(caller, id);
    if (!session) throw new Refusal('session_not_found', `There is no session ${id} that you may end.`);
    const account = accountIn(session, caller.workspace);
    // An admin ends what is theirs to end: another workspace's part of it is not.
    if (account === caller.person?.id && caller.session !== null) await this.sessions.remove({ _id: id });
    else await this.sessions.withdraw({ _id: id }, [account]);
  }

  async require(id: string): Promise<Session> {
    const session = await this.sessions.find(id);
    if (!session) throw ended();
    return session;
  }

  private visibleTo({ role, session, person, workspace }: Caller, id?: string): Promise<Session[]> {
    const one = id !== undefined && { _id: id };
    if (role === 'admin') return this.sessions.list({ 'members.workspace': workspace, ...one });
    return session === null ? Promise.resolve([]) : this.sessions.list({ 'members.id': person!.id, ...one });
  }

  private async shown(id: string): Promise<ShownWorkspaceDto> {
    const { name = id, timeZone = '' } = (await this.workspaces.find(id)) ?? {};
    return { id, name, timeZone };
  }

  private idleEnd = (now: Date, endsAt: Date): Date =>
    new Date(Math.min(now.getTime() + this.idleMs, endsAt.getTime()));
}

const ended = () => new Refusal('unauthenticated', 'The session has ended. Sign in again.');
const personOf = ({ _id: id, email, name }: Member) => ({ id, email, name });
const accountIn = ({ members }: Session, workspace: string): string =>
  members.find((one) => one.workspace === workspace)!.id;

const dtoOf = (session: Session, member: Member, caller: Caller): OpenSessionDto => ({
  id: session._id,
  person: personOf(member),
  current: session._id === caller.session,
  way: session.way,
  provider: session.provider,
  address: session.address,
  browser: session.browser,
  openedAt: session.openedAt.toISOString(),
  seenAt: session.seenAt.toISOString(),
  expiresAt: session.expiresAt.toISOString(),
});
