import {
  Global,
  Module,
  type DynamicModule,
  type InjectionToken,
  type OptionalFactoryDependency,
} from '@nestjs/common';
import { Database, PERSISTENCE_OPTIONS, type PersistenceOptions } from './database.js';
import { MongoHealthCheck } from './health.js';
import { Outbox } from './outbox.js';
import { OutboxRelay, PUBLISH_ENTRY, type PublishEntry } from './outbox-relay.js';

/** Who publishes the outbox's entries: a provider of the service, such as messaging's `Streams`. */
export interface OutboxTarget {
  inject: (InjectionToken | OptionalFactoryDependency)[];
  useFactory: (...dependencies: never[]) => PublishEntry;
}

/** MongoDB for a service: `Database`, `Outbox`, and, where a target is named, the relay that empties the outbox. */
@Global()
@Module({})
export class PersistenceModule {
  static forRoot(options: PersistenceOptions, outboxTarget?: OutboxTarget): DynamicModule {
    const shared = [Database, Outbox, MongoHealthCheck];
    const relay = outboxTarget ? [{ provide: PUBLISH_ENTRY, ...outboxTarget }, OutboxRelay] : [];
    return {
      module: PersistenceModule,
      providers: [{ provide: PERSISTENCE_OPTIONS, useValue: options }, ...shared, ...relay],
      exports: shared,
    };
  }
}
