import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { reportCredential, requestCredential, type Capability } from '@seatwise/contracts';
import { Bus, SharedMap } from '@seatwise/messaging';
import { listOf } from '@seatwise/observability';
import {
  OrgClients,
  type KnownOrg,
  type OktaClient,
  type OktaCredential,
  type RequestObservation,
} from '@seatwise/okta';
import { PrivateKey } from '@seatwise/persistence';
import { SyncConfig } from '../config.js';
import type { Connection } from './connection.js';

/** What the requests of one task came to. */
export interface Spent {
  requests: number;
  waitedMs: number;
  /** Of Okta's answers. */
  bytes: number;
}

/** An Okta client for each connection, with its credential in memory alone. */
@Injectable()
export class Orgs implements OnApplicationShutdown {
  private readonly clients: OrgClients<Connection & KnownOrg>;
  private readonly spending = new AsyncLocalStorage<Spent>();

  constructor(
    config: SyncConfig,
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
      observe: (observation) => this.observe(observation),
    });
  }

  /** Runs `work` and counts the requests made in it into `spent`. */
  counting<T>(spent: Spent, work: () => Promise<T>): Promise<T> {
    return this.spending.run(spent, work);
  }

  of(connection: Connection): OktaClient {
    return this.clients.of({ ...connection, id: connection._id });
  }

  /** Okta does not take the credential any more: connection-service shall know, and the next use asks for it anew. */
  async rejected(connection: Connection): Promise<void> {
    this.forget(connection._id);
    await this.report(connection, 'rejected');
  }

  /** Okta takes the credential, for all that is read but what is missing. */
  accepted(connection: Connection, missing: Capability[]): Promise<void> {
    return this.report(connection, 'accepted', missing);
  }

  forget(connection: string): void {
    this.clients.forget(connection);
  }

  /** Lost, it is said again with the next use. */
  private async report(
    { workspace, _id, version }: Connection,
    verdict: 'accepted' | 'rejected',
    missing: Capability[] = [],
  ): Promise<void> {
    await this.bus
      .request(reportCredential, { workspace, connection: _id, verdict, missing, version })
      .catch(() => undefined);
  }

  onApplicationShutdown(): Promise<void> {
    return this.clients.close();
  }

  private async fetchCredential({ workspace, _id }: Connection): Promise<OktaCredential> {
    const { sealed } = await this.bus.request(requestCredential, {
      workspace,
      connection: _id,
      recipient: 'sync-service',
    });
    return JSON.parse(await this.privateKey.open(sealed, `credential|${workspace}|${_id}`)) as OktaCredential;
  }

  private observe({ waitedMs, bytes }: RequestObservation): void {
    const spent = this.spending.getStore();
    if (!spent) return;
    spent.requests += 1;
    spent.waitedMs += Math.round(waitedMs);
    spent.bytes += bytes;
  }
}
