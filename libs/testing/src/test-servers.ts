import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startMongod, type MongodServer } from './mongod.js';
import { startNats, type NatsServer } from './nats.js';
import { freePort } from './ports.js';
import { resolveMongod, resolveNatsServer } from './resolve.js';
import { cacheFolder, silent } from './settings.js';

/** A folder for one test's data, gone when the process ends. */
export function testFolder(): string {
  const parent = join(dirname(cacheFolder), 'tmp');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestServers {
  nats: NatsServer;
  mongod: MongodServer;
  natsUrl: string;
  mongoUrl: string;
  stop(): Promise<void>;
}

/** A nats-server and a mongod of one's own, started afresh from binaries, whatever addresses the settings name. */
export async function startTestServers(): Promise<TestServers> {
  const { NATS_URL: _nats, MONGODB_URL: _mongo, ...env } = process.env;
  const folder = testFolder();
  const [natsBinary, mongodBinary] = await Promise.all([
    resolveNatsServer({ say: silent, env }),
    resolveMongod({ say: silent, env }),
  ]);
  if (natsBinary.kind === 'url' || mongodBinary.kind === 'url')
    throw new Error('test servers are started from binaries');
  const [nats, mongod] = await Promise.all([
    startNats({ binary: natsBinary.path, port: await freePort(), storeDir: join(folder, 'nats') }),
    startMongod({ binary: mongodBinary.path, port: await freePort(), dataDir: join(folder, 'mongod') }),
  ]);
  return {
    nats,
    mongod,
    natsUrl: nats.url,
    mongoUrl: mongod.url,
    stop: async () => {
      await Promise.all([nats.stop(), mongod.stop()]);
    },
  };
}

let shared: Promise<TestServers> | undefined;

/** The servers that the tests of one file share; ended with their process. */
export function testServers(): Promise<TestServers> {
  shared ??= startTestServers();
  return shared;
}

/** A database name that nobody had before. */
export const freshDatabase = (): string => `test_${randomBytes(6).toString('hex')}`;
