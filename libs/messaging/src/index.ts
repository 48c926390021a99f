export { Bus } from './bus.js';
export {
  routeOf,
  StreamConsumer,
  type ConsumerOptions,
  type EventHead,
  type HeadRoute,
  type MessageContext,
} from './consumer.js';
export { DeadLetters, type DeadLetter } from './dead-letters.js';
export { Consumes, ConsumesHeads, Handles, marksOf } from './decorators.js';
export { NatsHealthCheck } from './health.js';
export { SharedMap } from './key-value.js';
export { MessagingModule } from './messaging.module.js';
export { Nats } from './nats.js';
export { closeConsumer, openConsumers } from './outside.js';
export { messagingOptionsOf, type MessagingOptions } from './options.js';
export { Queues, type QueueStanding } from './queues.js';
export { republishing, type Republishes } from './republishing.js';
export { streams, Streams, type StreamName } from './streams.js';
export { isTransient } from './transient.js';
export { TryLater } from './try-later.js';
