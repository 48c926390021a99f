import { Module, type Type } from '@nestjs/common';
import { MessagingModule, messagingOptionsOf, NatsHealthCheck, republishing, Streams } from '@seatwise/messaging';
import { HealthModule, logging, MetricsModule } from '@seatwise/observability';
import {
  KeyRing,
  MongoHealthCheck,
  Outbox,
  PersistenceModule,
  PrivateKey,
  type PublishEntry,
} from '@seatwise/persistence';
import { ActionsController } from './actions/actions.controller.js';
import { ActionsRepository } from './actions/actions.repository.js';
import { ActionsService } from './actions/actions.service.js';
import { BulkController } from './bulk/bulk.controller.js';
import { BulkRepository } from './bulk/bulk.repository.js';
import { BulkService } from './bulk/bulk.service.js';
import { Feeder } from './bulk/feeder.js';
import { ActionConfig } from './config.js';
import { ConnectionsConsumer } from './orgs/connections.consumer.js';
import { Orgs } from './orgs/orgs.js';
import { Courier } from './webhooks/courier.js';
import { DeliveriesRepository } from './webhooks/deliveries.repository.js';
import { Intake } from './webhooks/intake.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WebhooksRepository } from './webhooks/webhooks.repository.js';
import { WebhooksService } from './webhooks/webhooks.service.js';
import { Ending } from './work/ending.js';
import { Worker } from './work/worker.js';

/** action-service with these settings. */
export function actionServiceWith(config: ActionConfig): Type {
  @Module({
    imports: [
      logging('action-service'),
      PersistenceModule.forRoot(
        { uri: config.mongodbUrl, database: 'actions' },
        {
          inject: [Streams],
          useFactory:
            (streams: Streams): PublishEntry =>
            (entry) =>
              streams.publishEntry(entry),
        },
      ),
      MessagingModule.forRoot(messagingOptionsOf('action-service', config)),
      HealthModule.forChecks(MongoHealthCheck, NatsHealthCheck),
      MetricsModule,
    ],
    providers: [
      { provide: ActionConfig, useValue: config },
      { provide: PrivateKey, useFactory: () => new PrivateKey(config.servicePrivateKey) },
      { provide: KeyRing, useFactory: () => keyRingOf(config) },
      Orgs,
      ActionsRepository,
      ActionsService,
      ActionsController,
      Ending,
      Worker,
      BulkRepository,
      BulkService,
      BulkController,
      Feeder,
      WebhooksRepository,
      DeliveriesRepository,
      Courier,
      Intake,
      WebhooksService,
      WebhooksController,
      ConnectionsConsumer,
      republishing('action-service', Outbox),
    ],
  })
  class ActionServiceModule {}
  return ActionServiceModule;
}

/** What seals the secrets of webhooks at rest. */
export const keyRingOf = ({
  encryptionKeys,
  encryptionKeyId,
}: Pick<ActionConfig, 'encryptionKeys' | 'encryptionKeyId'>): KeyRing =>
  new KeyRing({ keys: encryptionKeys, current: encryptionKeyId });
