import { DatabaseConfig, loadConfig } from '@seatwise/observability';
import { Database } from '@seatwise/persistence';
import { ConnectionsRepository } from './connections/connections.repository.js';

/**
 * `node dist/after-restore.js --trial`: once, when the database has come back from a backup that is only tried, and before this
 * service is started. It takes every connection for paused until it hears so, and so reads nothing meanwhile.
 */
if (process.argv.slice(2).join(' ') !== '--trial') {
  console.error('node dist/after-restore.js --trial');
  process.exit(2);
}

const database = new Database({ uri: loadConfig(DatabaseConfig).mongodbUrl, database: 'directory' });
await database.onModuleInit();
console.log(`sync-service: reads none of ${await new ConnectionsRepository(database).pauseAll()} connections`);
await database.onApplicationShutdown();
