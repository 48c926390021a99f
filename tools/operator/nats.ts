import { setTimeout as sleep } from 'node:timers/promises';
import { messagingOptionsOf, Nats, Streams, type MessagingOptions } from '@seatwise/messaging';
import { ConfigError, loadConfig, NatsConfig } from '@seatwise/observability';
import { Home } from '../start/home.js';
import { giveUp } from './give-up.js';

const patienceMs = 5_000;
const operator = 'operator';

/**
 * The connection of an operator's command, once JetStream answers on it; a service waits for NATS for ever, a person at a terminal
 * does not.
 */
export async function natsOf(command: string): Promise<Nats> {
  const { NATS_URL: named } = process.env;
  const options = named ? namedOptions() : await ownOptions();
  if (!options) return giveUp('npm start is not running here. Start it, or name the server in NATS_URL.');
  // An address that was named may hold a password.
  const where = named ? 'The server in NATS_URL' : `The nats-server of npm start (${options.servers})`;
  const found = new Nats({ ...options, name: command });
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

/** With the settings that a service has for NATS. */
function namedOptions(): MessagingOptions {
  try {
    const config = loadConfig(NatsConfig);
    return { ...messagingOptionsOf(operator, config), inbox: config.natsUser ?? operator };
  } catch (error) {
    if (error instanceof ConfigError) return giveUp(error.message);
    throw error;
  }
}

async function ownOptions(): Promise<MessagingOptions | undefined> {
  const home = new Home();
  const running = home.running();
  if (!running) return undefined;
  const { natsUrl: servers, natsUsers } = running;
  const { natsPasswords } = await home.load();
  return { servers, name: operator, ...(natsUsers && { user: operator, password: natsPasswords.operator }) };
}
