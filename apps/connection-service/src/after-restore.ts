import { connectionChanged } from '@seatwise/contracts';
import { DatabaseConfig, loadConfig } from '@seatwise/observability';
import { Database, Outbox } from '@seatwise/persistence';
import { AccountsRepository } from './connections/accounts.repository.js';

/**
 * `node dist/after-restore.js --trial`: once, when the database has come back from a backup that is only tried, and before this
 * service is started. Every connection is paused: nothing is done in its org until a person goes on with it.
 */
if (process.argv.slice(2).join(' ') !== '--trial') {
  console.error('node dist/after-restore.js --trial');
  process.exit(2);
}

const database = new Database({ uri: loadConfig(DatabaseConfig).mongodbUrl, database: 'connections' });
await database.onModuleInit();
const accounts = new AccountsRepository(database, new Outbox(database));
let paused = 0;
for await (const { workspace, _id } of accounts.allConnected()) {
  await accounts.update(workspace, _id, () => ({ paused: true }), connectionChanged);
  paused += 1;
}
console.log(`connection-service: ${paused} connections are paused`);
await database.onApplicationShutdown();
