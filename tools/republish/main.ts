import { outboxServices, Refusal, republish } from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { natsOf } from '../operator/nats.js';

const usage = `npm run republish                  fills a lost stream again: every event of the last 30 days is published once more
npm run republish -- --since DATE  those that were written from then on, such as 2026-11-26 or 2026-11-26T09:00:00Z

Everything may go on running meanwhile: events keep their ids, and whoever took them before passes them over.
The places of readers outside, which were in the stream that is lost, npm run nats -- consumers opens anew.
NATS_URL names the server, NATS_USER and NATS_PASSWORD who asks; without it, it is the one that npm start runs.`;

const kept = 30 * 86_400_000;
const [flag, named, ...more] = process.argv.slice(2);
const since = flag === undefined ? new Date(Date.now() - kept) : new Date(named ?? '');
if ((flag !== undefined && flag !== '--since') || more.length > 0 || Number.isNaN(since.getTime())) {
  console.log(usage);
  process.exit(flag === '--help' ? 0 : 2);
}

const nats = await natsOf('republish');
const bus = new Bus(nats);
for (const service of outboxServices) {
  try {
    const { events } = await bus.request(republish[service], { since: since.toISOString() });
    console.log(`${service}: ${events.toLocaleString('en')} events are on their way again`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(`${service} did not do it: ${error.message} Run this once more when it runs.`);
    process.exitCode = 1;
  }
}
await nats.onApplicationShutdown();
