import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { consumerUser, natsAccounts, natsUsers, natsVariable, type NatsUser } from '@seatwise/contracts';
import { testFolder } from './folder.js';
import { ProcessWide } from './lifetime.js';
import { startMongod, type MongodServer } from './mongod.js';
import { startNats, type NatsServer } from './nats.js';
import { NotReadyError } from './process.js';
import { resolveMongod, resolveNatsServer } from './resolve.js';
import { silent } from './settings.js';

export interface TestServers {
  nats: NatsServer;
  mongod: MongodServer;
  natsUrl: string;
  /** Of the users that may do what the design gives them; whoever comes as nobody may do everything. */
  natsPasswords: Record<NatsUser, string>;
  /** Of the readers outside that were asked for. */
  readerPasswords: Record<string, string>;
  mongoUrl: string;
  /** Where their data is: that of mongod in `mongod/db`, that of JetStream in `nats/jetstream`. */
  folder: string;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  mongodCacheGb?: number;
  /** One that has data already is served as it is, such as a copy of another's; a new one when left out. */
  folder?: string;
  /** Names of readers outside, whose places in the stream are still to be opened. */
  readers?: string[];
}

/**
 * A nats-server and a mongod of one's own, started afresh from binaries, whatever addresses the settings name. A test that
 * ends, kills or restarts a server takes these.
 */
export async function startTestServers({
  mongodCacheGb,
  folder = testFolder(),
  readers = [],
}: TestServerOptions = {}): Promise<TestServers> {
  const { NATS_URL: _nats, MONGODB_URL: _mongo, ...settings } = process.env;
  const [natsBinary, mongodBinary] = await Promise.all([
    resolveNatsServer({ say: silent, env: settings }),
    resolveMongod({ say: silent, env: settings }),
  ]);
  if (natsBinary.kind === 'url' || mongodBinary.kind === 'url')
    throw new Error('test servers are started from binaries');
  const mongodOptions = {
    binary: mongodBinary.path,
    dataDir: join(folder, 'mongod'),
    ...(mongodCacheGb !== undefined && { cacheGb: mongodCacheGb }),
  };
  const natsPasswords = newNatsPasswords();
  const readerPasswords = Object.fromEntries(readers.map((name) => [name, newNatsPassword()]));
  const env = natsEnvironment({ ...natsPasswords, ...usersOf(readerPasswords), [anybody]: 'anybody' });
  const consumers = readers.map((name) => ({ name }));
  const accounts = `${natsAccounts({ consumers, unrestricted: anybody })}no_auth_user: ${anybody}\n`;
  const starting = [
    onSomePort(() => startNats({ binary: natsBinary.path, storeDir: join(folder, 'nats'), accounts, env })),
    onSomePort(() => startMongod(mongodOptions)),
  ] as const;
  const settled = await Promise.allSettled(starting);
  const failed = settled.find(({ status }) => status === 'rejected');
  // The one that did start would otherwise be left behind without anybody who knows of it.
  if (failed) for (const one of settled) if (one.status === 'fulfilled') await one.value.stop();
  const [nats, mongod] = await Promise.all(starting);
  return {
    nats,
    mongod,
    natsUrl: nats.url,
    natsPasswords,
    readerPasswords,
    mongoUrl: mongod.url,
    folder,
    stop: async () => {
      await Promise.all([nats.stop(), mongod.stop()]);
    },
  };
}

/** As whom a test comes that says nothing else. */
const anybody = 'anybody';

/** Begins with a letter, for NATS takes what begins like a number for one. */
export const newNatsPassword = (): string => `p${randomBytes(24).toString('base64url')}`;

export const newNatsPasswords = (): Record<NatsUser, string> =>
  Object.fromEntries(natsUsers.map((user) => [user, newNatsPassword()])) as Record<NatsUser, string>;

/** The same passwords by the users that readers outside are. */
export const usersOf = (readerPasswords: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(readerPasswords).map(([name, password]) => [consumerUser({ name }), password]));

/** Where nats-server looks for these passwords. */
export const natsEnvironment = (passwords: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(passwords).map(([user, password]) => [natsVariable(user), password]));

const shared = new ProcessWide<Promise<TestServers>>('servers');

/**
 * The servers that all test files of one Jest worker share, each file in databases and subjects of its own; ended with
 * the worker at the latest. Started anew when a file has ended them.
 */
export async function testServers(): Promise<TestServers> {
  const before = await shared.get()?.catch(() => undefined);
  if (before?.nats.process.isRunning() && before.mongod.process.isRunning()) return before;
  await before?.stop();
  return shared.set(startTestServers());
}

/** A database name that nobody had before. */
export const freshDatabase = (): string => `test_${randomBytes(6).toString('hex')}`;

/** Between the choice of a port and its use somebody else may take it: then another is chosen. */
async function onSomePort<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      if (tries === 5 || !(error instanceof NotReadyError && error.portTaken)) throw error;
    }
  }
}
