import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Bus } from './bus.js';
import { DeadLetters } from './dead-letters.js';
import { Explorer } from './explorer.js';
import { NatsHealthCheck } from './health.js';
import { SharedMap } from './key-value.js';
import { Nats } from './nats.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';
import { Queues } from './queues.js';
import { Streams } from './streams.js';

/** NATS for a service: `Bus`, `Streams`, `DeadLetters`, `Queues`, `SharedMap`, and the methods marked `@Handles` and `@Consumes`. */
@Global()
@Module({})
export class MessagingModule {
  static forRoot(options: MessagingOptions): DynamicModule {
    const shared = [Nats, Bus, Streams, DeadLetters, Queues, SharedMap, NatsHealthCheck];
    return {
      module: MessagingModule,
      imports: [DiscoveryModule],
      providers: [{ provide: MESSAGING_OPTIONS, useValue: options }, ...shared, Explorer],
      exports: shared,
    };
  }
}
