import { Module, type Type } from '@nestjs/common';
import { MessagingModule, NatsHealthCheck } from '@seatwise/messaging';
import { HealthModule, logging, MetricsModule } from '@seatwise/observability';
import { MongoHealthCheck, PersistenceModule } from '@seatwise/persistence';
import type { ActionConfig } from './config.js';

/** action-service: its place in the system. What it does comes with the lifecycle actions. */
export function actionServiceWith(config: ActionConfig): Type {
  const { natsUser: user, natsPassword: password } = config;
  @Module({
    imports: [
      logging('action-service'),
      PersistenceModule.forRoot({ uri: config.mongodbUrl, database: 'actions' }),
      MessagingModule.forRoot({
        servers: config.natsUrl,
        name: 'action-service',
        ...(user !== undefined && { user }),
        ...(password !== undefined && { password }),
      }),
      HealthModule.forChecks(MongoHealthCheck, NatsHealthCheck),
      MetricsModule,
    ],
  })
  class ActionServiceModule {}
  return ActionServiceModule;
}
