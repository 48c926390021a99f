import { Injectable } from '@nestjs/common';
import {
  connectionChanged,
  connectionConnected,
  connectionRemoved,
  InvalidRequest,
  newId,
  type ConnectAccount,
  type ConnectionDto,
  type ConnectionHealth,
  type CredentialRequest,
  type CredentialVerdict,
  type RemoveConnection,
  type RotateCredential,
  type SealedCredential,
  type UpdateConnection,
} from '@seatwise/contracts';
import { KeyRing, PrivateKey, PublicKeys, SealError } from '@seatwise/persistence';
import { bindingOf, settingsWith, toDto, usualSettings, verdictOf, type Account } from './account.js';
import { AccountsRepository, AlreadyConnected } from './accounts.repository.js';
import { ConnectionTest } from './connection-test.js';

/** The Okta accounts of the workspaces: connected, tested, changed, handed out sealed, and let go. */
@Injectable()
export class ConnectionsService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly test: ConnectionTest,
    private readonly keyRing: KeyRing,
    private readonly privateKey: PrivateKey,
    private readonly publicKeys: PublicKeys,
  ) {}

  async connect({ workspace, orgUrl: pasted, sealedToken, settings: chosen }: ConnectAccount): Promise<ConnectionDto> {
    const orgUrl = this.test.normalise(pasted);
    if (await this.accounts.isConnected(workspace, orgUrl)) throw new AlreadyConnected(orgUrl);
    const token = await this.openToken(sealedToken, workspace);
    const settings = settingsWith(chosen, usualSettings(orgUrl));
    const checks = await this.test.mustPass(orgUrl, token, settings.level === 'read_and_act');
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
      sealedToken: await this.keyRing.seal(token, bindingOf(workspace, id)),
    };
    await this.accounts.add(account, connectionConnected);
    return toDto(account);
  }

  async list(workspace: string): Promise<ConnectionDto[]> {
    return (await this.accounts.list(workspace)).map(toDto);
  }

  async get(workspace: string, connection: string): Promise<ConnectionDto> {
    return toDto(await this.accounts.require(workspace, connection));
  }

  /** Tests anew and keeps what came of it. */
  async retest(workspace: string, connection: string): Promise<ConnectionDto> {
    const account = await this.accounts.require(workspace, connection);
    const checks = await this.test.run(account.orgUrl, await this.tokenOf(account), account.level === 'read_and_act');
    const outcome = { checks, ...verdictOf(checks), testedAt: new Date().toISOString() };
    return toDto(await this.accounts.update(workspace, connection, () => outcome, connectionChanged));
  }

  async update({ workspace, connection, settings }: UpdateConnection): Promise<ConnectionDto> {
    return toDto(
      await this.accounts.update(
        workspace,
        connection,
        (account) => settingsWith(settings, account),
        connectionChanged,
      ),
    );
  }

  /** Puts another token in the place of the one there is, once it has passed the test. */
  async rotate({ workspace, connection, sealedToken }: RotateCredential): Promise<ConnectionDto> {
    const account = await this.accounts.require(workspace, connection);
    const token = await this.openToken(sealedToken, workspace);
    const checks = await this.test.mustPass(account.orgUrl, token, account.level === 'read_and_act');
    const sealed = await this.keyRing.seal(token, bindingOf(workspace, connection));
    const outcome = { sealedToken: sealed, checks, ...verdictOf(checks), testedAt: new Date().toISOString() };
    return toDto(await this.accounts.update(workspace, connection, () => outcome, connectionChanged));
  }

  async remove({ workspace, connection, history }: RemoveConnection): Promise<void> {
    await this.accounts.remove(workspace, connection, connectionRemoved, { workspace, connection, history });
  }

  /** The credential, sealed so that only the service that asked can open it. */
  async handOut({ workspace, connection, recipient }: CredentialRequest): Promise<SealedCredential> {
    const account = await this.accounts.require(workspace, connection);
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
  async learn({ workspace, connection, verdict, version }: CredentialVerdict): Promise<void> {
    const account = await this.accounts.require(workspace, connection);
    if (version < account.version) return;
    const health: ConnectionHealth = verdict === 'rejected' ? 'needs_reauth' : verdictOf(account.checks).health;
    if (health !== account.health)
      await this.accounts.update(workspace, connection, () => ({ health }), connectionChanged);
  }

  private tokenOf(account: Account): Promise<string> {
    return this.keyRing.open(account.sealedToken, bindingOf(account.workspace, account._id));
  }

  private async openToken(sealed: string, workspace: string): Promise<string> {
    const token = await this.privateKey.open(sealed, `connect|${workspace}`).catch((error: unknown) => {
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
