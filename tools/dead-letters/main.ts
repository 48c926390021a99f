import { existsSync, readFileSync } from 'node:fs';
import { DeadLetters, Nats, Streams } from '@seatwise/messaging';
import { Home } from '../start/home.js';

const usage = `npm run dead-letters -- [list]          what could not be taken, and why
npm run dead-letters -- show NUMBER     its payload
npm run dead-letters -- replay NUMBER   sends it again to the consumer that parked it
npm run dead-letters -- replay all

NATS_URL names the server; without it, the one that npm start runs.`;

const [command = 'list', number = ''] = process.argv.slice(2);
const isKnown = command === 'list' || (['show', 'replay'].includes(command) && /^(\d+|all)$/.test(number));
if (!isKnown) {
  console.log(usage);
  process.exit(command === '--help' ? 0 : 2);
}

const nats = new Nats({ servers: natsUrl(), name: 'dead-letters' });
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
if (seen === 0) console.log(command === 'list' ? 'No message is parked.' : `There is no parked message ${number}.`);
if (seen === 0 && command !== 'list') process.exitCode = 1;
await nats.onApplicationShutdown();

function natsUrl(): string {
  if (process.env.NATS_URL) return process.env.NATS_URL;
  const running = new Home().path('running.json');
  if (existsSync(running)) return (JSON.parse(readFileSync(running, 'utf8')) as { natsUrl: string }).natsUrl;
  console.error('NATS_URL is not set, and npm start is not running here.');
  return process.exit(2);
}
