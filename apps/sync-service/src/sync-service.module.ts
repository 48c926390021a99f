import { Module, type Type } from '@nestjs/common';
import { MessagingModule, messagingOptionsOf, NatsHealthCheck, republishing, Streams } from '@seatwise/messaging';
import { HealthModule, logging, MetricsModule } from '@seatwise/observability';
import { MongoHealthCheck, PersistenceModule, PrivateKey, type PublishEntry } from '@seatwise/persistence';
import { SyncConfig } from './config.js';
import { BudgetsController } from './connections/budgets.controller.js';
import { ConnectionsConsumer } from './connections/connections.consumer.js';
import { ConnectionsRepository } from './connections/connections.repository.js';
import { Orgs } from './connections/orgs.js';
import { DirectoryController } from './directory/directory.controller.js';
import { Mirror } from './directory/mirror.js';
import { SightingsConsumer } from './directory/sightings.consumer.js';
import { SweepTask } from './directory/sweep.task.js';
import { LogTask } from './log/log.task.js';
import { RunAdvance } from './runs/run-advance.js';
import { RunEnding } from './runs/run-ending.js';
import { MirrorAges } from './runs/run-measures.js';
import { RunsController } from './runs/runs.controller.js';
import { RunsRepository } from './runs/runs.repository.js';
import { RunsService } from './runs/runs.service.js';
import { Scheduler } from './schedule/scheduler.js';
import { FollowUp } from './tasks/follow-up.js';
import { ListingTask } from './tasks/listing.task.js';
import { LostMessages } from './tasks/lost-messages.js';
import { Queue } from './tasks/queue.js';
import { TasksRepository } from './tasks/tasks.repository.js';
import { Worker } from './tasks/worker.js';

/** sync-service with these settings. */
export function syncServiceWith(config: SyncConfig): Type {
  @Module({
    imports: [
      logging('sync-service'),
      PersistenceModule.forRoot(
        { uri: config.mongodbUrl, database: 'directory' },
        {
          inject: [Streams],
          useFactory:
            (streams: Streams): PublishEntry =>
            (entry) =>
              streams.publishEntry(entry),
        },
      ),
      MessagingModule.forRoot(messagingOptionsOf('sync-service', config)),
      HealthModule.forChecks(MongoHealthCheck, NatsHealthCheck),
      MetricsModule,
    ],
    providers: [
      { provide: SyncConfig, useValue: config },
      { provide: PrivateKey, useFactory: () => new PrivateKey(config.servicePrivateKey) },
      ConnectionsRepository,
      ConnectionsConsumer,
      BudgetsController,
      Orgs,
      Mirror,
      DirectoryController,
      SightingsConsumer,
      SweepTask,
      LogTask,
      RunsRepository,
      RunEnding,
      MirrorAges,
      RunAdvance,
      RunsService,
      RunsController,
      Queue,
      TasksRepository,
      ListingTask,
      FollowUp,
      Worker,
      Scheduler,
      LostMessages,
      republishing('sync-service', LostMessages),
    ],
  })
  class SyncServiceModule {}
  return SyncServiceModule;
}
