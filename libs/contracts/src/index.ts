import 'reflect-metadata';

export * from './actions.js';
export * from './batch.js';
export * from './bulk.js';
export * from './check.js';
export * from './cloud-event.js';
export * from './connections.js';
export * from './directory.js';
export * from './fields.js';
export * from './ids.js';
export * from './message.js';
export * from './outbox.js';
export * from './problems.js';
export * from './says.js';
export * from './sync.js';
export * from './usage.js';
export * from './webhooks.js';
