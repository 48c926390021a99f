import { setTimeout as sleep } from 'node:timers/promises';
import { Nats, Streams } from '@seatwise/messaging';
import { Home } from '../start/home.js';

const patienceMs = 5_000;

/**
 * The connection of an operator's command, once JetStream answers on it; a service waits for NATS for ever, a person at a terminal
 * does not.
 */
export async function natsOf(command: string): Promise<Nats> {
  const { NATS_URL: named, NATS_USER: user, NATS_PASSWORD: password } = process.env;
  const servers = named || new Home().running()?.natsUrl;
  if (!servers) return giveUp('npm start is not running here. Start it, or name the server in NATS_URL.');
  // An address that was named may hold a password.
  const where = named ? 'The server in NATS_URL' : `The nats-server of npm start (${servers})`;
  const found = new Nats({ servers, name: command, ...(user && { user, ...(password && { password }) }) });
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
