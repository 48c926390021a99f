import { listActions, Refusal } from '@seatwise/contracts';
import { Bus, Streams, streams } from '@seatwise/messaging';
import { giveUp } from '../operator/give-up.js';
import { commandOf, mongoOf } from '../operator/mongo.js';
import { natsOf } from '../operator/nats.js';

const usage = `npm run after-restore -- --backup-of 2026-11-26T09:00:00Z

Once, when the databases have come back from a backup of that moment, before any service is started: what was on its way then
is not sent to Okta again, sessions end, each audit log says that Seatwise came back, and JetStream is emptied, for it
carried what the databases do not know. Then start the services, and npm run republish.

MONGODB_URL and NATS_URL name the servers, NATS_USER and NATS_PASSWORD who asks.`;

const args = process.argv.slice(2);
const [option, moment] = args;
if (option !== '--backup-of' || args.length !== 2 || Number.isNaN(Date.parse(moment!))) {
  console.log(usage);
  process.exit(option === '--help' ? 0 : 2);
}

const uri = await mongoOf();
const nats = await natsOf('after-restore');
const isRunning = await new Bus(nats)
  .request(listActions, { workspace: 'ws_none', limit: 1 })
  .then(() => true)
  .catch((error: unknown) => !(error instanceof Refusal && error.code === 'service_unavailable'));
if (isRunning)
  giveUp('action-service runs, and may send what was done already. Stop all services, restore, and try again.');
process.exitCode =
  commandOf('action-service', 'after-restore', [], uri) || commandOf('gateway', 'after-restore', args, uri);
if (process.exitCode === 0) {
  const manager = await new Streams(nats).manager();
  const found: string[] = [];
  for await (const name of manager.streams.names()) if (name in streams) found.push(name);
  for (const name of found) await manager.streams.delete(name);
  console.log('JetStream: emptied. Start the services, and npm run republish');
}
await nats.onApplicationShutdown();
