export { KeyRing, SealError, type KeyRingSettings } from './at-rest.js';
export { Database, type IndexDeclaration, type PersistenceOptions } from './database.js';
export { MongoHealthCheck } from './health.js';
export { newServiceKey, PrivateKey, PublicKeys } from './on-the-bus.js';
export { Outbox, type OutboxEntry } from './outbox.js';
export { OutboxRelay, type PublishEntry } from './outbox-relay.js';
export { PersistenceModule, type OutboxTarget } from './persistence.module.js';
