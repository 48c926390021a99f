import { loadConfig } from '@seatwise/observability';
import { Database, Outbox, SealError } from '@seatwise/persistence';
import { keyRingOf } from './action-service.module.js';
import { ActionConfig } from './config.js';
import { bindingOf, signing } from './webhooks/webhook.js';
import { WebhooksRepository } from './webhooks/webhooks.repository.js';

/**
 * `node dist/rotate-keys.js`: seals the secrets of every webhook that are under an older key anew under ENCRYPTION_KEY_ID.
 * Safe while the service runs and when it is run again; the older key can be taken from ENCRYPTION_KEYS once it says that
 * nothing is left.
 */
const config = loadConfig(ActionConfig);
const keyRing = keyRingOf(config);
const database = new Database({ uri: config.mongodbUrl, database: 'actions' });
await database.onModuleInit();
const webhooks = new WebhooksRepository(database, new Outbox(database));
let resealed = 0;
let left = 0;
let unreadable = 0;
for await (const webhook of webhooks.all()) {
  const binding = bindingOf(webhook.workspace, webhook._id);
  try {
    if (!webhook.secrets.some(({ sealed }) => keyRing.isStale(sealed))) continue;
    const secrets = await Promise.all(
      signing(webhook).map(async (one) => ({ ...one, sealed: await keyRing.rewrap(one.sealed, binding) })),
    );
    if (await webhooks.reseal(webhook, secrets)) resealed += 1;
    else left += 1;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    unreadable += 1;
    console.error(`${webhook._id}: ${error.message}. Rotate its secret.`);
  }
}
console.log(
  `secrets of ${resealed} webhooks sealed anew under ${config.encryptionKeyId}, ${left} changed meanwhile${left > 0 ? ': run it again' : ''}`,
);
await database.onApplicationShutdown();
process.exitCode = unreadable > 0 ? 1 : 0;
