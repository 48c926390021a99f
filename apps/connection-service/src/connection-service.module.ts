import { Module, type Type } from '@nestjs/common';
import { MessagingModule, messagingOptionsOf, NatsHealthCheck, republishing, Streams } from '@seatwise/messaging';
import { HealthModule, logging, MetricsModule } from '@seatwise/observability';
import {
  KeyRing,
  MongoHealthCheck,
  Outbox,
  PersistenceModule,
  PrivateKey,
  PublicKeys,
  type PublishEntry,
} from '@seatwise/persistence';
import { ConnectionConfig } from './config.js';
import { AccountsRepository } from './connections/accounts.repository.js';
import { ConnectionTest } from './connections/connection-test.js';
import { ConnectionsController } from './connections/connections.controller.js';
import { ConnectionsService } from './connections/connections.service.js';

/** connection-service with these settings. */
export function connectionServiceWith(config: ConnectionConfig): Type {
  @Module({
    imports: [
      logging('connection-service'),
      PersistenceModule.forRoot(
        { uri: config.mongodbUrl, database: 'connections' },
        {
          inject: [Streams],
          useFactory:
            (streams: Streams): PublishEntry =>
            (entry) =>
              streams.publishEntry(entry),
        },
      ),
      MessagingModule.forRoot(messagingOptionsOf('connection-service', config)),
      HealthModule.forChecks(MongoHealthCheck, NatsHealthCheck),
      MetricsModule,
    ],
    providers: [
      { provide: ConnectionConfig, useValue: config },
      { provide: KeyRing, useFactory: () => keyRingOf(config) },
      { provide: PrivateKey, useFactory: () => new PrivateKey(config.servicePrivateKey) },
      { provide: PublicKeys, useFactory: () => new PublicKeys(config.servicePublicKeys) },
      AccountsRepository,
      ConnectionTest,
      ConnectionsService,
      ConnectionsController,
      republishing('connection-service', Outbox),
    ],
  })
  class ConnectionServiceModule {}
  return ConnectionServiceModule;
}

export const keyRingOf = ({
  encryptionKeys,
  encryptionKeyId,
}: Pick<ConnectionConfig, 'encryptionKeys' | 'encryptionKeyId'>): KeyRing =>
  new KeyRing({ keys: encryptionKeys, current: encryptionKeyId });
