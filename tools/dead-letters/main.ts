import { DeadLetters, Streams } from '@seatwise/messaging';
import { natsOf } from '../operator/nats.js';

const usage = `npm run dead-letters -- [list]          what could not be taken, and why
npm run dead-letters -- show NUMBER     its payload
npm run dead-letters -- replay NUMBER   sends it again to the consumer that parked it
npm run dead-letters -- replay all

NATS_URL names the server, NATS_USER and NATS_PASSWORD who asks; without it, it is the one that npm start runs.`;

const [command = 'list', number = ''] = process.argv.slice(2);
const isKnown = command === 'list' || (['show', 'replay'].includes(command) && /^(\d+|all)$/.test(number));
if (!isKnown) {
  console.log(usage);
  process.exit(command === '--help' ? 0 : 2);
}

const nats = await natsOf('dead-letters');
const letters = new DeadLetters(new Streams(nats));
let seen = 0;
for await (const letter of letters.list()) {
  if (command !== 'list' && number !== 'all' && String(letter.sequence) !== number) continue;
  seen += 1;
  const { sequence, consumer, reason, payload } = letter;
  if (command === 'replay') {
    await letters.replay(sequence);
    console.log(`${sequence} is on its way to ${consumer} again`);
  } else console.log(command === 'show' ? payload : `${sequence}\t${consumer}\t${reason}`);
}
const isForAll = command === 'list' || number === 'all';
if (seen === 0) console.log(isForAll ? 'No message is parked.' : `There is no parked message ${number}.`);
if (seen === 0 && !isForAll) process.exitCode = 1;
await nats.onApplicationShutdown();
