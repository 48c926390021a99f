import { Module, type Type } from '@nestjs/common';
import { MessagingModule, messagingOptionsOf, NatsHealthCheck, republishing, Streams } from '@seatwise/messaging';
import { HealthModule, logging, MetricsModule } from '@seatwise/observability';
import { MongoHealthCheck, Outbox, PersistenceModule, type PublishEntry } from '@seatwise/persistence';
import { ActivityAnswers } from './answers/activity.answers.js';
import { AppsAnswers } from './answers/apps.answers.js';
import { PeopleAnswers } from './answers/people.answers.js';
import { PersonAnswers } from './answers/person.answers.js';
import { SummaryAnswers } from './answers/summary.answers.js';
import { VisibleConnections } from './answers/visible-connections.js';
import type { UsageConfig } from './config.js';
import { ConnectionsConsumer } from './connections/connections.consumer.js';
import { Connections } from './connections/connections.js';
import { UsageDays } from './days/usage-days.js';
import { AppChanges } from './directory/app-changes.js';
import { AssignmentChanges } from './directory/assignment-changes.js';
import { DirectoryConsumer } from './directory/directory.consumer.js';
import { PersonChanges } from './directory/person-changes.js';
import { Licensing } from './seats/licensing.js';
import { Recount } from './seats/recount.js';
import { SeatCounts } from './seats/seat-counts.js';
import { Counting } from './sign-ins/counting.js';
import { SignInsConsumer } from './sign-ins/sign-ins.consumer.js';
import { Collections } from './store/collections.js';
import { Turns } from './store/turns.js';

/** usage-aggregator with these settings; `database` is where its figures are. */
export function usageWith(config: UsageConfig, database = 'usage'): Type {
  @Module({
    imports: [
      logging('usage-aggregator'),
      PersistenceModule.forRoot(
        { uri: config.mongodbUrl, database },
        {
          inject: [Streams],
          useFactory:
            (streams: Streams): PublishEntry =>
            (entry) =>
              streams.publishEntry(entry),
        },
      ),
      MessagingModule.forRoot(messagingOptionsOf('usage-aggregator', config)),
      HealthModule.forChecks(MongoHealthCheck, NatsHealthCheck),
      MetricsModule,
    ],
    providers: [
      Collections,
      Turns,
      Licensing,
      Recount,
      Connections,
      ConnectionsConsumer,
      PersonChanges,
      AppChanges,
      AssignmentChanges,
      DirectoryConsumer,
      Counting,
      UsageDays,
      SignInsConsumer,
      VisibleConnections,
      SeatCounts,
      PeopleAnswers,
      PersonAnswers,
      AppsAnswers,
      ActivityAnswers,
      SummaryAnswers,
      republishing('usage-aggregator', Outbox),
    ],
  })
  class UsageModule {}
  return UsageModule;
}
