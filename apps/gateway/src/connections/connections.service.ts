import { Injectable } from '@nestjs/common';
import {
  connectAccount,
  getConnection,
  listConnections,
  removeConnection,
  rotateCredential,
  testConnection,
  updateConnection,
  type ConnectionDto,
  type ConnectionListDto,
  type ConnectionSettings,
  type InConnection,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { PublicKeys } from '@seatwise/persistence';
import type { NewConnection, NewToken } from './connections.dto.js';

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

  async rotate(at: InConnection, { token, ...more }: NewToken): Promise<ConnectionDto> {
    const sealedToken = await this.publicKeys.sealFor(owner, token, `rotate|${at.workspace}|${at.connection}`);
    return this.bus.request(rotateCredential, Object.assign({ sealedToken }, more, at));
  }

  list = (workspace: string): Promise<ConnectionListDto> => this.bus.request(listConnections, { workspace });
  get = (at: InConnection): Promise<ConnectionDto> => this.bus.request(getConnection, at);
  test = (at: InConnection): Promise<ConnectionDto> => this.bus.request(testConnection, at);

  update(at: InConnection, settings: ConnectionSettings): Promise<ConnectionDto> {
    return this.bus.request(updateConnection, Object.assign({ settings }, at));
  }

  async remove(at: InConnection, history: 'keep' | 'erase'): Promise<void> {
    await this.bus.request(removeConnection, Object.assign({ history }, at));
  }
}
