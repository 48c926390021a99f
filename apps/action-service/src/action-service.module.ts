import { Module, type Type } from '@nestjs/common';
import { MessagingModule, messagingOptionsOf, NatsHealthCheck } from '@seatwise/messaging';
import { HealthModule, logging, MetricsModule } from '@seatwise/observability';
import { MongoHealthCheck, PersistenceModule } from '@seatwise/persistence';
import type { ActionConfig } from './config.js';

/** action-service: its place in the system. What it does comes with the lifecycle actions. */
export function actionServiceWith(config: ActionConfig): Type {
  @Module({
    imports: [
      logging('action-service'),
      PersistenceModule.forRoot({ uri: config.mongodbUrl, database: 'actions' }),
      MessagingModule.forRoot(messagingOptionsOf('action-service', config)),
      HealthModule.forChecks(MongoHealthCheck, NatsHealthCheck),
      MetricsModule,
    ],
  })
  class ActionServiceModule {}
  return ActionServiceModule;
}
