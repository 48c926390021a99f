import { loadConfig } from '@seatwise/observability';
import { Database, Outbox, SealError } from '@seatwise/persistence';
import { ConnectionConfig } from './config.js';
import { bindingOf } from './connections/account.js';
import { AccountsRepository } from './connections/accounts.repository.js';
import { keyRingOf } from './connection-service.module.js';

/**
 * `node dist/rotate-keys.js`: seals every credential that is under an older key anew under ENCRYPTION_KEY_ID. Safe
 * while the service runs and when it is run again; the older key can be taken from ENCRYPTION_KEYS once it says that
 * nothing is left.
 */
const config = loadConfig(ConnectionConfig);
const keyRing = keyRingOf(config);
const database = new Database({ uri: config.mongodbUrl, database: 'connections' });
await database.onModuleInit();
const accounts = new AccountsRepository(database, new Outbox(database));
let resealed = 0;
let left = 0;
let unreadable = 0;
for await (const account of accounts.allConnected()) {
  try {
    if (!keyRing.isStale(account.sealedToken)) continue;
    const sealed = await keyRing.rewrap(account.sealedToken, bindingOf(account.workspace, account._id));
    if (await accounts.reseal(account, sealed)) resealed += 1;
    else left += 1;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    unreadable += 1;
    console.error(`${account._id}: ${error.message}. Give the connection its token anew.`);
  }
}
console.log(
  `${resealed} credentials sealed anew under ${config.encryptionKeyId}, ${left} changed meanwhile${left > 0 ? ': run it again' : ''}`,
);
await database.onApplicationShutdown();
process.exitCode = unreadable > 0 ? 1 : 0;
