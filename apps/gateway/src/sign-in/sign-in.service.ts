import { Injectable } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import { GatewayConfig } from '../config.js';
import type { Caller } from '../door/caller.js';
import { emailKeyOf, MembersRepository, type Member } from '../members/members.repository.js';
import { fresh } from '../members/members.service.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { Guesses } from './guesses.js';
import { hashOf, isPassword, mustBeStrong } from './passwords.js';
import { Providers, type Proven } from './providers.js';
import { digestOf, newSecret } from './secret.js';
import { SessionsRepository, type Way } from './sessions.repository.js';
import { SessionsService, type Opened, type Visit } from './sessions.service.js';
import { SignInRecords } from './sign-in-records.js';
import type { Credentials, LinkDto, NewAdministratorLink, NewLink, NewPassword } from './sign-in.dto.js';

const byPassword: Way = { way: 'password', provider: null };
const byLink: Way = { way: 'link', provider: null };
/** At a provider somebody may have to find their second factor. */
const attemptMs = 15 * 60_000;
/** So long whoever came by a link may set a password without knowing the one before. */
const linkIsFreshMs = 3_600_000;

/** The ways to sign in: by password, by a link that works once, and by a provider. */
@Injectable()
export class SignInService {
  constructor(
    private readonly members: MembersRepository,
    private readonly sessions: SessionsService,
    private readonly store: SessionsRepository,
    private readonly workspaces: WorkspacesRepository,
    private readonly guesses: Guesses,
    private readonly providers: Providers,
    private readonly records: SignInRecords,
    private readonly config: GatewayConfig,
  ) {}

  /** Signs in to every account of this e-mail address that has this password. */
  async withPassword({ email, password }: Credentials, visit: Visit): Promise<Opened> {
    if (!this.config.passwordSignIn)
      throw new Refusal('password_not_used', 'People sign in by a provider here, not with a password.');
    await this.guesses.take(emailKeyOf(email), visit.address);
    const accounts = await this.members.allWithEmail(email);
    const proven = await havingPassword(accounts, password);
    if (proven.length === 0) {
      const refusal = new Refusal('sign_in_failed', 'There is no such pair of e-mail address and password.');
      await this.records.refused(accounts, byPassword, visit.address, refusal.code, refusal.status);
      throw refusal;
    }
    await this.guesses.forgive(emailKeyOf(email), visit.address);
    return this.open(proven, byPassword, visit);
  }

  async withLink(token: string, visit: Visit): Promise<Opened> {
    const link = await this.store.takeLink(digestOf(token));
    const member = link && (await this.members.find(link.member));
    if (!member)
      throw new Refusal('sign_in_link_invalid', 'A sign-in link works once and for a short time. Ask for another one.');
    return this.open([member], byLink, visit);
  }

  /** For a member of the workspace. */
  async makeLink(workspace: string, { email, minutes }: NewLink): Promise<LinkDto> {
    const member = await this.members.withEmail(workspace, email);
    if (!member) throw new Refusal('member_not_found', 'This workspace has no member with this e-mail address.');
    return this.linkFor(member, minutes);
  }

  /** By the operator: for the first administrator of a workspace, or one who has lost the way in. */
  async makeAdministratorLink(workspace: string, { email, name, minutes }: NewAdministratorLink): Promise<LinkDto> {
    if (!(await this.workspaces.find(workspace)))
      throw new Refusal('workspace_not_found', `There is no workspace ${workspace}.`);
    await this.members.insert(fresh(workspace, { email, name, role: 'admin' }));
    const member = (await this.members.withEmail(workspace, email))!;
    const isAdmin = member.role === 'admin' && member.roleFrom === null;
    if (!isAdmin) await this.members.change(workspace, member._id, { role: 'admin', roleFrom: null });
    return this.linkFor(member, minutes);
  }

  /** Where to send the browser, and the secret with which it is to come back. */
  async begin(id: string, returnTo: string, known: string | undefined) {
    const settings = this.providers.require(id);
    mustBeLocal(returnTo);
    const { url, state, nonce, verifier } = await this.providers.begin(settings);
    // Of several tabs each may come back.
    const secret = known ?? newSecret();
    const expiresAt = new Date(Date.now() + attemptMs);
    const browser = digestOf(secret);
    await this.store.addAttempt({ _id: digestOf(state), browser, provider: id, nonce, verifier, returnTo, expiresAt });
    return { url, secret, expiresAt };
  }

  /** Takes back who was sent to a provider. `query` is what it sent along, with the question mark. */
  async comeBack(
    id: string,
    query: string,
    secret: string | undefined,
    visit: Visit,
  ): Promise<Opened & { returnTo: string }> {
    const settings = this.providers.require(id);
    const state = new URLSearchParams(query).get('state') ?? '';
    const by = { _id: digestOf(state), browser: digestOf(secret ?? ''), provider: id };
    const attempt = await this.store.takeAttempt(by);
    if (!attempt)
      throw new Refusal('sign_in_expired', 'This sign-in was not begun in this browser, is over, or took too long.');
    const way: Way = { way: 'oidc', provider: id };
    let accounts: Member[] = [];
    try {
      const proven = await this.providers.end(settings, query, { state, ...attempt });
      accounts = await this.accountsOf(proven, settings.workspaces);
      const members = await this.admitted(accounts, proven, id);
      return { ...(await this.open(members, way, visit)), returnTo: attempt.returnTo };
    } catch (error) {
      if (error instanceof Refusal && error.status < 500)
        await this.records.refused(accounts, way, visit.address, error.code, error.status);
      throw error;
    }
  }

  /**
   * Sets the password of the account in use, and of the person's others that had the same. Every other session of those
   * accounts ends, and this one goes on under another secret.
   */
  async changePassword(caller: Caller, { current, password }: NewPassword, visit: Visit): Promise<Opened> {
    const session = await this.sessions.require(caller.session!);
    const accounts = await this.members.allOf(session.members.map(({ id }) => id));
    const own = accounts.find(({ _id }) => _id === caller.person!.id);
    if (!this.config.passwordSignIn || !own || own.roleFrom !== null)
      throw new Refusal('password_not_used', 'This account signs in by a provider, not with a password.');
    const isFresh = session.way === 'link' && Date.now() - session.openedAt.getTime() < linkIsFreshMs;
    const changed = isFresh ? [own] : await this.knowing(current, own, accounts, visit);
    mustBeStrong(password, own);
    const kept = await Promise.all(changed.map(async ({ _id }) => [_id, await hashOf(password)] as const));
    for (const [id, hash] of kept) await this.members.setPassword(id, hash);
    const ids = changed.map(({ _id }) => _id);
    await this.store.withdraw({ _id: { $ne: session._id } }, ids);
    const secret = newSecret();
    await this.store.renew(session._id, digestOf(secret), byPassword);
    return { session, secret };
  }

  /** Of the person's accounts those with this password, of which the one in use must be one. */
  private async knowing(current: string | undefined, own: Member, accounts: Member[], { address }: Visit) {
    if (own.password === null)
      throw new Refusal(
        'password_not_used',
        'The first password is set after a sign-in by a link that an admin makes.',
      );
    await this.guesses.take(own.emailKey, address);
    const same = await havingPassword(accounts, current ?? '');
    if (!same.includes(own)) throw new Refusal('password_wrong', 'Send the password that you have as current.');
    await this.guesses.forgive(own.emailKey, address);
    return same;
  }

  private async linkFor({ _id: member }: Member, minutes: number): Promise<LinkDto> {
    const token = newSecret();
    const expiresAt = new Date(Date.now() + minutes * 60_000);
    await this.store.addLink({ _id: digestOf(token), member, expiresAt });
    return { token, path: `/sign-in#link=${token}`, expiresAt: expiresAt.toISOString() };
  }

  /** Who was here before is known by the provider's name for them; who was invited, by their verified e-mail address. */
  private async accountsOf({ issuer, subject, email }: Proven, workspaces: string[] | undefined): Promise<Member[]> {
    const [known, invited] = await Promise.all([
      this.members.allWithIdentity({ issuer, subject }),
      email === undefined ? [] : this.members.allWithEmail(email),
    ]);
    // An address may be given to somebody else: whoever came under another name of this provider is not this one.
    const isNew = ({ identities }: Member) => identities.every((identity) => identity.issuer !== issuer);
    return [...known, ...invited.filter(isNew)].filter(
      ({ workspace }) => workspaces === undefined || workspaces.includes(workspace),
    );
  }

  private async admitted(accounts: Member[], proven: Proven, provider: string): Promise<Member[]> {
    const { issuer, subject, email, role } = proven;
    if (accounts.length === 0)
      throw email === undefined
        ? new Refusal('email_unverified', 'The provider does not say that it has verified your e-mail address.')
        : new Refusal(
            'not_a_member',
            'You are a member of no workspace here. Ask an admin to invite this e-mail address.',
          );
    if (role === 'none') {
      const given = accounts.filter(({ roleFrom }) => roleFrom === provider).map(({ _id }) => _id);
      await this.store.withdraw({}, given);
      throw new Refusal('no_role', 'The provider gives you no role here. Ask whoever manages it.');
    }
    const change = role === 'kept' ? {} : { role, roleFrom: provider };
    await Promise.all(accounts.map(({ _id }) => this.members.link(_id, { issuer, subject }, change)));
    return accounts.map((account) => ({ ...account, ...change }));
  }

  /** What cannot be recorded is not done. */
  private async open(accounts: Member[], way: Way, visit: Visit): Promise<Opened> {
    const opened = await this.sessions.open(accounts, way, visit);
    try {
      await this.records.opened(opened.session, accounts);
    } catch (error) {
      await this.store.remove({ _id: opened.session._id });
      throw error;
    }
    await this.members.markSignIn(
      accounts.map(({ _id }) => _id),
      opened.session.openedAt,
    );
    return opened;
  }
}

/** Takes as long when there is no such account, or when its role is a provider's to give, and it has no say in this. */
async function havingPassword(accounts: Member[], password: string): Promise<Member[]> {
  const tried: { password: string | null; member?: Member }[] = accounts.map((member) => ({
    password: member.roleFrom === null ? member.password : null,
    member,
  }));
  if (tried.length === 0) tried.push({ password: null });
  const results = await Promise.all(tried.map((one) => isPassword(password, one.password)));
  return tried.flatMap(({ member }, n) => (results[n] && member ? [member] : []));
}

/** Refuses what would lead away from here: only a path of this origin, and none of the API's. */
export function mustBeLocal(path: string): void {
  const here = 'https://here.invalid';
  const isPath = /^\/(?![/\\])[^\\]*$/.test(path) && URL.canParse(path, here) && new URL(path, here).origin === here;
  if (!isPath || path.startsWith('/api/'))
    throw new Refusal('invalid_return', 'returnTo must be a path of the page, such as /people?status=ACTIVE.');
}
