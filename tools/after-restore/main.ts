import { setTimeout as sleep } from 'node:timers/promises';
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

const looks = 4;
const betweenLooksMs = 2_000;

const uri = await mongoOf();
const nats = await natsOf('after-restore');
// One that was only just told to stop, or is reaching for NATS again, answers late or not at all, and writes all the same.
for (let look = 0; look < looks; look += 1) {
  if (look > 0) await sleep(betweenLooksMs);
  const running = await whoRuns();
  if (running.length > 0)
    giveUp(`${running.join(', ')} runs, and may do what was done already. Stop all services, restore, and try again.`);
}
const onTrial = trial ? ['--trial'] : [];
process.exitCode =
  (trial && commandOf('connection-service', 'after-restore', onTrial, uri)) ||
  (trial && commandOf('sync-service', 'after-restore', onTrial, uri)) ||
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

async function whoRuns(): Promise<string[]> {
  const bus = new Bus(nats);
  const running: string[] = [];
  for (const service of outboxServices) {
    const isThere = await bus
      .isAnswered(republish[service])
      .catch((error: Error) => giveUp(`Whether ${service} runs cannot be found out: ${error.message}.`));
    if (isThere) running.push(service);
  }
  // It answers nobody on the bus, and waits for what it notes in the audit log.
  const { consumers } = await new Streams(nats).manager();
  const audit = await consumers.info('EVENTS', 'gateway-audit').catch(() => undefined);
  return audit && audit.num_waiting > 0 ? [...running, 'gateway'] : running;
}
