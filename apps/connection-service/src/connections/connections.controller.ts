import { Injectable } from '@nestjs/common';
import {
  connectAccount,
  getConnection,
  listConnections,
  removeConnection,
  reportCredential,
  requestCredential,
  rotateCredential,
  testConnection,
  tryAccount,
  updateConnection,
  type ConnectAccount,
  type ConnectionDto,
  type ConnectionListDto,
  type ConnectionTestDto,
  type CredentialRequest,
  type CredentialVerdict,
  type Done,
  type InConnection,
  type InWorkspace,
  type RemoveConnection,
  type RetestConnection,
  type RotateCredential,
  type SealedCredential,
  type TryAccount,
  type UpdateConnection,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { ConnectionsService } from './connections.service.js';

/** What other services ask of this one. */
@Injectable()
export class ConnectionsController {
  constructor(private readonly connections: ConnectionsService) {}

  @Handles(connectAccount)
  connect(dto: ConnectAccount): Promise<ConnectionDto> {
    return this.connections.connect(dto);
  }

  @Handles(listConnections)
  async list({ workspace }: InWorkspace): Promise<ConnectionListDto> {
    return { connections: await this.connections.list(workspace) };
  }

  @Handles(getConnection)
  get({ workspace, connection }: InConnection): Promise<ConnectionDto> {
    return this.connections.get(workspace, connection);
  }

  @Handles(tryAccount)
  tryOut(dto: TryAccount): Promise<ConnectionTestDto> {
    return this.connections.tryOut(dto);
  }

  @Handles(testConnection)
  test(dto: RetestConnection): Promise<ConnectionDto> {
    return this.connections.retest(dto);
  }

  @Handles(updateConnection)
  update(dto: UpdateConnection): Promise<ConnectionDto> {
    return this.connections.update(dto);
  }

  @Handles(rotateCredential)
  rotate(dto: RotateCredential): Promise<ConnectionDto> {
    return this.connections.rotate(dto);
  }

  @Handles(removeConnection)
  async remove(dto: RemoveConnection): Promise<Done> {
    await this.connections.remove(dto);
    return { done: true };
  }

  @Handles(requestCredential)
  handOut(dto: CredentialRequest): Promise<SealedCredential> {
    return this.connections.handOut(dto);
  }

  @Handles(reportCredential)
  async learn(dto: CredentialVerdict): Promise<Done> {
    await this.connections.learn(dto);
    return { done: true };
  }
}
