import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '@seatwise/persistence';
import { Home, root } from '../start/home.js';
import { giveUp } from './give-up.js';

const patienceMs = 10_000;

/** The MongoDB of an operator's command, once it answers: a service waits for it for ever, a person at a terminal does not. */
export async function mongoOf(): Promise<string> {
  const { MONGODB_URL: named } = process.env;
  const uri = named || new Home().running()?.mongoUrl;
  if (!uri) return giveUp('npm start is not running here. Start it, or name the server in MONGODB_URL.');
  const database = new Database({ uri, database: 'gateway' });
  const late = sleep(patienceMs, 'late' as const, { ref: false });
  const answer = await Promise.race([database.onModuleInit(), late]).catch((error: Error) => error);
  // An address that was named may hold a password.
  const where = named ? 'The server in MONGODB_URL' : `The mongod of npm start (${uri})`;
  if (answer === 'late') giveUp(`${where} does not answer within ${patienceMs / 1_000} s.`);
  if (answer instanceof Error) giveUp(`${where} cannot be asked: ${answer.message}`);
  await database.onApplicationShutdown();
  return uri;
}

/** Runs a service's own command on its own database, which nobody else reads; answers its exit code. */
export function commandOf(service: string, command: string, args: string[], uri: string): number {
  const program = join(root, 'apps', service, 'dist', `${command}.js`);
  const env = { ...process.env, MONGODB_URL: uri };
  return spawnSync(process.execPath, [program, ...args], { env, stdio: 'inherit' }).status ?? 1;
}
