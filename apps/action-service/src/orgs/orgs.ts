import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { getConnection, reportCredential, requestCredential, type ConnectionDto } from '@seatwise/contracts';
import { Bus, SharedMap } from '@seatwise/messaging';
import { listOf } from '@seatwise/observability';
import { OrgClients, type OktaClient, type OktaCredential } from '@seatwise/okta';
import { PrivateKey } from '@seatwise/persistence';
import { ActionConfig } from '../config.js';

/** The orgs that are acted in, each as connection-service knows it now. */
@Injectable()
export class Orgs implements OnApplicationShutdown {
  private readonly clients: OrgClients<ConnectionDto>;

  constructor(
    config: ActionConfig,
    private readonly bus: Bus,
    shared: SharedMap,
    private readonly privateKey: PrivateKey,
  ) {
    this.clients = new OrgClients({
      policy: {
        allowedOrigins: listOf(config.oktaAllowedOrigins),
        allowedHostSuffixes: listOf(config.oktaAllowedHostSuffixes),
      },
      store: shared,
      credentialOf: (connection) => this.fetchCredential(connection),
    });
  }

  connection(workspace: string, connection: string): Promise<ConnectionDto> {
    return this.bus.request(getConnection, { workspace, connection });
  }

  of(connection: ConnectionDto): OktaClient {
    return this.clients.of(connection);
  }

  /** Okta does not take the credential any more: connection-service shall know, and the next use asks for it anew. */
  async rejected({ workspace, id, version }: ConnectionDto): Promise<void> {
    this.clients.forget(id);
    const report = { workspace, connection: id, verdict: 'rejected' as const, missing: [], version };
    await this.bus.request(reportCredential, report).catch(() => undefined);
  }

  onApplicationShutdown(): Promise<void> {
    return this.clients.close();
  }

  private async fetchCredential({ workspace, id }: ConnectionDto): Promise<OktaCredential> {
    const { sealed } = await this.bus.request(requestCredential, {
      workspace,
      connection: id,
      recipient: 'action-service',
    });
    return JSON.parse(await this.privateKey.open(sealed, `credential|${workspace}|${id}`)) as OktaCredential;
  }
}
