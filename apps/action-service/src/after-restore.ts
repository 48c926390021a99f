import { DatabaseConfig, loadConfig } from '@seatwise/observability';
import { Database, Outbox } from '@seatwise/persistence';
import { ActionsRepository } from './actions/actions.repository.js';
import { BulkRepository } from './bulk/bulk.repository.js';
import { WebhooksRepository } from './webhooks/webhooks.repository.js';
import { Ending } from './work/ending.js';
import { Restored } from './work/restored.js';

/**
 * `node dist/after-restore.js`: once, when the database has come back from a backup and before this service is started. No
 * action that was on its way is sent again. With `--trial`, for a backup that is only tried, webhooks are off as well.
 */
const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--trial')) {
  console.error('node dist/after-restore.js [--trial]');
  process.exit(2);
}

const database = new Database({ uri: loadConfig(DatabaseConfig).mongodbUrl, database: 'actions' });
await database.onModuleInit();
const outbox = new Outbox(database);
const actions = new ActionsRepository(database, outbox);
const bulk = new BulkRepository(database, outbox);
const held = await new Restored(actions, bulk, new Ending(actions, database, outbox, bulk)).holdBack();
console.log(
  `action-service: ${held.actions} actions that were on their way are unknown, and ${held.jobs} bulk jobs are paused`,
);
if (args.includes('--trial'))
  console.log(`action-service: ${await new WebhooksRepository(database, outbox).switchAllOff()} webhooks are off`);
await database.onApplicationShutdown();
