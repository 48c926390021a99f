import { setTimeout as sleep } from 'node:timers/promises';
import { DeadLetters, Nats, Streams } from '@seatwise/messaging';
import { Home } from '../start/home.js';

const usage = `npm run dead-letters -- [list]          what could not be taken, and why
npm run dead-letters -- show NUMBER     its payload
npm run dead-letters -- replay NUMBER   sends it again to the consumer that parked it
npm run dead-letters -- replay all

NATS_URL names the server, NATS_USER and NATS_PASSWORD who asks; without it, it is the one that npm start runs.`;

const patienceMs = 5_000;

const [command = 'list', number = ''] = process.argv.slice(2);
const isKnown = command === 'list' || (['show', 'replay'].includes(command) && /^(\d+|all)$/.test(number));
if (!isKnown) {
  console.log(usage);
  process.exit(command === '--help' ? 0 : 2);
}

const nats = await connected();
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

/** The connection, once JetStream answers on it; a service waits for NATS for ever, a person at a terminal does not. */
async function connected(): Promise<Nats> {
  const { NATS_URL: named, NATS_USER: user, NATS_PASSWORD: password } = process.env;
  const servers = named || new Home().running()?.natsUrl;
  if (!servers) return giveUp('npm start is not running here. Start it, or name the server in NATS_URL.');
  // An address that was named may hold a password.
  const where = named ? 'The server in NATS_URL' : `The nats-server of npm start (${servers})`;
  const found = new Nats({ servers, name: 'dead-letters', ...(user && { user, ...(password && { password }) }) });
  const late = sleep(patienceMs, undefined, { ref: false }).then(() => {
    throw new Error(`it does not answer within ${patienceMs / 1_000} s`);
  });
  try {
    await Promise.race([new Streams(found).manager(), late]);
  } catch (error) {
    return giveUp(
      `${where} cannot be asked: ${(error as Error).message}. Check that it runs, with JetStream on, and that the address is right.`,
    );
  }
  return found;
}

function giveUp(sentence: string): never {
  console.error(sentence);
  return process.exit(1);
}
