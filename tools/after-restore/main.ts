import { parseArgs } from 'node:util';
import { outboxServices, republish } from '@seatwise/contracts';
import { Bus, Streams, streams } from '@seatwise/messaging';
import { giveUp } from '../operator/give-up.js';
import { commandOf, mongoOf } from '../operator/mongo.js';
import { natsOf } from '../operator/nats.js';

const usage = `npm run after-restore -- --backup-of 2026-11-26T09:00:00Z [--trial]

Once, when the databases have come back from a backup of that moment, before any service is started: what was on its way then
is not sent to Okta again, sessions end, each audit log says that Seatwise came back, and JetStream is emptied, for it
carried what the databases do not know. Then start the services, and npm run republish.

--trial: the system only tries the backup, beside the one that works. Connections are paused and webhooks are off, so that
nothing is done in Okta and nothing is sent to anybody until a person goes on with them.

MONGODB_URL and NATS_URL name the servers, NATS_USER and NATS_PASSWORD who asks.`;

const asked = () => {
  try {
    const options = { 'backup-of': { type: 'string' }, trial: { type: 'boolean' }, help: { type: 'boolean' } } as const;
    return parseArgs({ options }).values;
  } catch {
    return {};
  }
};
const { 'backup-of': backupOf = '', trial = false, help } = asked();
if (help || Number.isNaN(Date.parse(backupOf))) {
  console.log(usage);
  process.exit(help ? 0 : 2);
}

const uri = await mongoOf();
const nats = await natsOf('after-restore');
const running: string[] = [];
for (const service of outboxServices) {
  const isThere = await new Bus(nats)
    .isAnswered(republish[service])
    .catch((error: Error) => giveUp(`Whether ${service} runs cannot be found out: ${error.message}.`));
  if (isThere) running.push(service);
}
if (running.length > 0)
  giveUp(`${running.join(', ')} runs, and may do what was done already. Stop all services, restore, and try again.`);
const onTrial = trial ? ['--trial'] : [];
process.exitCode =
  (trial ? commandOf('connection-service', 'after-restore', onTrial, uri) : 0) ||
  commandOf('action-service', 'after-restore', onTrial, uri) ||
  commandOf('gateway', 'after-restore', ['--backup-of', backupOf], uri);
if (process.exitCode === 0) {
  const manager = await new Streams(nats).manager();
  const found: string[] = [];
  for await (const name of manager.streams.names()) if (name in streams) found.push(name);
  for (const name of found) await manager.streams.delete(name);
  console.log('JetStream: emptied. Start the services, and npm run republish');
}
await nats.onApplicationShutdown();
