import { Injectable } from '@nestjs/common';
import {
  connectAccount,
  getConnection,
  listConnections,
  removeConnection,
  rotateCredential,
  testConnection,
  tryAccount,
  updateConnection,
  type ConnectionDto,
  type ConnectionListDto,
  type ConnectionSettings,
  type ConnectionTestDto,
  type InConnection,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { PublicKeys } from '@seatwise/persistence';
import type { NewConnection, NewConnectionTest, NewToken } from './connections.dto.js';

const owner = 'connection-service';

/** Connections, as connection-service keeps them. A token leaves this process only sealed to that service. */
@Injectable()
export class ConnectionsService {
  constructor(
    private readonly bus: Bus,
    private readonly publicKeys: PublicKeys,
  ) {}

  async connect(workspace: string, { orgUrl, token, ...settings }: NewConnection): Promise<ConnectionDto> {
    const sealedToken = await this.publicKeys.sealFor(owner, token, `connect|${workspace}|${orgUrl}`);
    return this.bus.request(connectAccount, { workspace, orgUrl, sealedToken, settings });
  }

  /** Connects nothing: its checks are told under `test`. */
  async tryOut(workspace: string, test: string, { token, ...org }: NewConnectionTest): Promise<ConnectionTestDto> {
    const sealedToken = await this.publicKeys.sealFor(owner, token, `test|${workspace}|${org.orgUrl}`);
    return this.bus.request(tryAccount, { ...org, workspace, test, sealedToken });
  }

  async rotate(at: InConnection, { token, ...more }: NewToken): Promise<ConnectionDto> {
    const sealedToken = await this.publicKeys.sealFor(owner, token, `rotate|${at.workspace}|${at.connection}`);
    return this.bus.request(rotateCredential, Object.assign({ sealedToken }, more, at));
  }

  list = (workspace: string): Promise<ConnectionListDto> => this.bus.request(listConnections, { workspace });
  get = (at: InConnection): Promise<ConnectionDto> => this.bus.request(getConnection, at);
  test = (at: InConnection): Promise<ConnectionDto> => this.bus.request(testConnection, at);

  /** As {@link test}; its checks are told under `test`. */
  async testLive(at: InConnection, test: string): Promise<ConnectionTestDto> {
    const { workspace, orgUrl, checks, capabilities, health } = await this.bus.request(
      testConnection,
      Object.assign({ test }, at),
    );
    return { id: test, workspace, orgUrl, checks, capabilities, health };
  }

  update(at: InConnection, settings: ConnectionSettings): Promise<ConnectionDto> {
    return this.bus.request(updateConnection, Object.assign({ settings }, at));
  }

  async remove(at: InConnection, history: 'keep' | 'erase'): Promise<void> {
    await this.bus.request(removeConnection, Object.assign({ history }, at));
  }
}
