/** A small typed consumer of Seatwise's events for programs of others: `@seatwise/contracts/consumer`. */
export { ConsumerError, EventConsumer, type ConsumerOptions } from './event-consumer.js';
export { handOver, newerThan, on, type EventHead, type Handle, type Handler } from './handlers.js';
export { SnapshotError, takeSnapshot, type Snapshot, type SnapshotOptions } from './snapshot-reader.js';
