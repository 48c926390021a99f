import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '@seatwise/persistence';
import { Home, root } from '../start/home.js';

const usage = `npm run audit -- verify                       whether the audit log is as it was written
npm run audit -- verify --workspace ws_…

MONGODB_URL names the server; without it, it is the one that npm start runs.`;

const patienceMs = 10_000;

const [command, ...options] = process.argv.slice(2);
const isKnown =
  command === 'verify' && (options.length === 0 || (options.length === 2 && options[0] === '--workspace'));
if (!isKnown) {
  console.log(usage);
  process.exit(command === '--help' ? 0 : 2);
}

const { MONGODB_URL: named } = process.env;
const uri = named || new Home().running()?.mongoUrl;
if (!uri) giveUp('npm start is not running here. Start it, or name the server in MONGODB_URL.');
else {
  await mustAnswer(uri);
  // The gateway's own command: nobody else reads its database.
  const verify = join(root, 'apps/gateway/dist/verify-audit.js');
  const env = { ...process.env, MONGODB_URL: uri };
  process.exitCode = spawnSync(process.execPath, [verify, ...options], { env, stdio: 'inherit' }).status ?? 1;
}

/** A service waits for MongoDB for ever, a person at a terminal does not. */
async function mustAnswer(server: string): Promise<void> {
  const database = new Database({ uri: server, database: 'gateway' });
  const late = sleep(patienceMs, 'late' as const, { ref: false });
  const answer = await Promise.race([database.onModuleInit(), late]).catch((error: Error) => error);
  // An address that was named may hold a password.
  const where = named ? 'The server in MONGODB_URL' : `The mongod of npm start (${server})`;
  if (answer === 'late') giveUp(`${where} does not answer within ${patienceMs / 1_000} s.`);
  if (answer instanceof Error) giveUp(`${where} cannot be asked: ${answer.message}`);
  await database.onApplicationShutdown();
}

function giveUp(sentence: string): never {
  console.error(sentence);
  return process.exit(1);
}
