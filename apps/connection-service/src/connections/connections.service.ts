import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import {
  connectionChanged,
  connectionChecked,
  connectionConnected,
  InvalidRequest,
  newId,
  PermissionLevelRequired,
  type ConnectAccount,
  type ConnectionDto,
  type ConnectionTestDto,
  type CredentialRequest,
  type CredentialVerdict,
  type RemoveConnection,
  type RetestConnection,
  type RotateCredential,
  type SealedCredential,
  type TryAccount,
  type UpdateConnection,
} from '@seatwise/contracts';
import { Streams } from '@seatwise/messaging';
import type { Tell } from '@seatwise/okta';
import { KeyRing, PrivateKey, PublicKeys, SealError } from '@seatwise/persistence';
import {
  bindingOf,
  isConnected,
  learnedFrom,
  settingsWith,
  toDto,
  usualSettings,
  verdictOf,
  type Account,
  type Connected,
} from './account.js';
import { AccountsRepository } from './accounts.repository.js';
import { ConnectionTest, InvalidOrgUrl } from './connection-test.js';

/** The Okta accounts of the workspaces: connected, tested, changed, handed out sealed, and let go. */
@Injectable()
export class ConnectionsService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly test: ConnectionTest,
    private readonly keyRing: KeyRing,
    private readonly privateKey: PrivateKey,
    private readonly publicKeys: PublicKeys,
    private readonly streams: Streams,
  ) {}

  async connect({ workspace, orgUrl: pasted, sealedToken, settings: chosen }: ConnectAccount): Promise<ConnectionDto> {
    const orgUrl = this.test.normalise(pasted);
    await this.mustBeFree(workspace, orgUrl);
    const token = await this.openToken(sealedToken, `connect|${workspace}|${pasted}`);
    const settings = settingsWith(chosen, usualSettings(orgUrl));
    const { checks, orgId } = await this.test.mustPass(orgUrl, token, settings.level === 'read_and_act');
    const id = newId('con');
    const now = new Date().toISOString();
    const account: Account = {
      _id: id,
      workspace,
      orgUrl,
      ...settings,
      ...verdictOf(checks),
      checks,
      version: 1,
      createdAt: now,
      testedAt: now,
      removedAt: null,
      orgId,
      sealedToken: await this.keyRing.seal(token, bindingOf(workspace, id)),
    };
    await this.accounts.add(account, connectionConnected);
    return toDto(account);
  }

  /** Tries an org and a token, and keeps nothing of it. */
  async tryOut({
    workspace,
    test,
    orgUrl: pasted,
    sealedToken,
    level,
    connection,
  }: TryAccount): Promise<ConnectionTestDto> {
    const orgUrl = this.test.normalise(pasted);
    const account = connection === undefined ? undefined : await this.accounts.requireConnected(workspace, connection);
    await this.mustBeFree(workspace, orgUrl, account);
    const token = await this.openToken(sealedToken, `test|${workspace}|${pasted}`);
    const tell = this.tellOf(workspace, test);
    const { checks } = await this.test.run(orgUrl, token, level === 'read_and_act', tell);
    return { id: test, workspace, orgUrl, checks, ...verdictOf(checks) };
  }

  async list(workspace: string): Promise<ConnectionDto[]> {
    return (await this.accounts.list(workspace)).map(toDto);
  }

  async get(workspace: string, connection: string): Promise<ConnectionDto> {
    return toDto(await this.accounts.require(workspace, connection));
  }

  /** Tests anew and keeps what came of it. */
  async retest({ workspace, connection, test }: RetestConnection): Promise<ConnectionDto> {
    const account = await this.accounts.requireConnected(workspace, connection);
    const token = await this.tokenOf(account);
    const tell = test === undefined ? undefined : this.tellOf(workspace, test);
    const { checks } = await this.test.run(account.orgUrl, token, account.level === 'read_and_act', tell);
    const outcome = { checks, ...verdictOf(checks), testedAt: new Date().toISOString() };
    // Of a token that was replaced meanwhile nothing is to be kept.
    const isSame = (now: Account) => now.sealedToken?.ciphertext === account.sealedToken.ciphertext;
    const keep = (now: Account) => (isSame(now) ? outcome : null);
    return toDto(await this.accounts.update(workspace, connection, keep, connectionChanged));
  }

  async update({ workspace, connection, settings }: UpdateConnection): Promise<ConnectionDto> {
    await this.accounts.requireConnected(workspace, connection);
    const change = (account: Account) => settingsWith(settings, account);
    return toDto(await this.accounts.update(workspace, connection, change, connectionChanged));
  }

  /** Puts another token, and perhaps another address, in the place of the one there is, once it has passed the test. */
  async rotate({ workspace, connection, sealedToken, orgUrl: pasted }: RotateCredential): Promise<ConnectionDto> {
    const account = await this.accounts.requireConnected(workspace, connection);
    const orgUrl = pasted === undefined ? account.orgUrl : this.test.normalise(pasted);
    await this.mustBeFree(workspace, orgUrl, account);
    const token = await this.openToken(sealedToken, `rotate|${workspace}|${connection}`);
    const { checks, orgId } = await this.test.mustPass(orgUrl, token, account.level === 'read_and_act');
    // Its people would be taken for those of the org that is mirrored.
    if (account.orgId !== null && orgId !== account.orgId)
      throw new InvalidOrgUrl(`Another org answers at ${orgUrl}. Connect it as a connection of its own.`);
    const sealed = await this.keyRing.seal(token, bindingOf(workspace, connection));
    const tested = { checks, ...verdictOf(checks), testedAt: new Date().toISOString() };
    const outcome = { sealedToken: sealed, orgUrl, orgId, ...tested };
    return toDto(await this.accounts.update(workspace, connection, () => outcome, connectionChanged));
  }

  async remove({ workspace, connection, history }: RemoveConnection): Promise<void> {
    await this.accounts.remove(workspace, connection, history);
  }

  /** The credential, sealed so that only the service that asked can open it; for acting only where that is allowed. */
  async handOut({ workspace, connection, recipient }: CredentialRequest): Promise<SealedCredential> {
    const account = await this.accounts.requireConnected(workspace, connection);
    if (recipient === 'action-service' && account.level !== 'read_and_act')
      throw new PermissionLevelRequired(connection);
    const credential = JSON.stringify({ kind: 'api_token', token: await this.tokenOf(account) });
    return {
      sealed: await this.publicKeys.sealFor(recipient, credential, `credential|${workspace}|${connection}`),
      orgUrl: account.orgUrl,
      rateShare: account.rateShare,
    };
  }

  /**
   * A service tells what Okta said to the credential. Said twice, it changes nothing; and a rejection of one that may have
   * been replaced since is left out: the new one will be tried.
   */
  async learn({ workspace, connection, verdict, missing, version }: CredentialVerdict): Promise<void> {
    const change = (account: Account): Partial<Account> | null => {
      if (version < account.version || !isConnected(account)) return null;
      if (verdict === 'rejected') return account.health === 'needs_reauth' ? null : { health: 'needs_reauth' };
      const checks = learnedFrom(account.checks, missing);
      const learned = { checks, ...verdictOf(checks) };
      return learned.health === account.health && isDeepStrictEqual(checks, account.checks) ? null : learned;
    };
    await this.accounts.update(workspace, connection, change, connectionChanged);
  }

  /** Tells whoever watches a test, as long as it lasts: its answer has all checks in any case. */
  private tellOf(workspace: string, test: string): Tell {
    return (check) => this.streams.tellLive(connectionChecked, workspace, { workspace, test, check });
  }

  /** Throws `already_connected` where the org is one of the workspace already, and not that of `account`. */
  private async mustBeFree(workspace: string, orgUrl: string, account?: Account): Promise<void> {
    if (orgUrl !== account?.orgUrl) await this.accounts.mustBeNew(workspace, orgUrl);
  }

  private tokenOf(account: Connected): Promise<string> {
    return this.keyRing.open(account.sealedToken, bindingOf(account.workspace, account._id));
  }

  private async openToken(sealed: string, context: string): Promise<string> {
    const token = await this.privateKey.open(sealed, context).catch((error: unknown) => {
      if (error instanceof SealError) throw new InvalidRequest([{ path: '$.sealedToken', detail: 'cannot be opened' }]);
      throw error;
    });
    if (!/^[\x21-\x7e]{8,512}$/.test(token))
      throw new InvalidRequest([
        { path: '$.token', detail: 'must be an Okta API token: 8 to 512 visible characters without spaces' },
      ]);
    return token;
  }
}
