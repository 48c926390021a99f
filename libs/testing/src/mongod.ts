import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient, MongoServerError, type Document } from 'mongodb';
import { freePort } from './ports.js';
import { startProcess, untilReady, type RunningProcess } from './process.js';
import { silent, type Say } from './settings.js';

export interface MongodServer {
  url: string;
  /** The process of now: another one after a restart. */
  readonly process: RunningProcess;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Starts it again on the same port and the same data. */
  restart(): Promise<void>;
}

export interface MongodOptions {
  binary: string;
  /** Any free one when left out. Data that was served on another port is moved to this one. */
  port?: number;
  dataDir: string;
  /** WiredTiger's cache, in GB. */
  cacheGb?: number;
  say?: Say;
}

/** A mongod on 127.0.0.1 as a replica set of one, which transactions need; ready when it is primary. */
export async function startMongod(options: MongodOptions): Promise<MongodServer> {
  const { binary, dataDir, cacheGb = 0.5, say = silent } = options;
  const port = options.port || (await freePort());
  mkdirSync(join(dataDir, 'db'), { recursive: true });
  const args = ['--dbpath', join(dataDir, 'db'), '--bind_ip', '127.0.0.1', '--port', String(port), '--replSet', 'rs0'];
  args.push('--wiredTigerCacheSizeGB', String(cacheGb), '--nounixsocket');
  // What a process that died or froze had open is given up soon: whoever waits for the same document goes on.
  args.push('--setParameter', 'transactionLifetimeLimitSeconds=15');
  const start = async () => {
    const running = startProcess({ command: binary, args, logFile: join(dataDir, 'mongod.log') });
    await untilReady('mongod', running, () => becomePrimary(port, running.pid));
    return running;
  };
  let current = await start();
  say(`mongod      on port ${port}, a replica set of one`);
  return {
    url: `mongodb://127.0.0.1:${port}/?replicaSet=rs0`,
    get process() {
      return current;
    },
    stop: () => current.stop(),
    kill: () => current.kill(),
    restart: async () => {
      await current.stop();
      current = await start();
    },
  };
}

/** Makes the replica set, or moves it to this port, and throws until its one member is primary. */
async function becomePrimary(port: number, pid: number): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1_000,
  });
  try {
    const admin = client.db('admin');
    const host = `127.0.0.1:${port}`;
    // Somebody else's mongod may have taken the port in between.
    const { pid: answering } = await admin.command({ serverStatus: 1, repl: 0, metrics: 0, wiredTiger: 0 });
    if (Number(answering) !== pid) throw new Error('another mongod answers on this port');
    const config = await readConfig(admin);
    if (!config) await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host }] } });
    else if (config.members[0]?.host !== host)
      await admin.command({
        replSetReconfig: { ...config, version: config.version + 1, members: [{ ...config.members[0], host }] },
        force: true,
      });
    const hello = await admin.command({ hello: 1 });
    if (hello.isWritablePrimary !== true || hello.me !== host) throw new Error('there is no primary yet');
  } finally {
    await client.close();
  }
}

interface ReplicaSetConfig {
  version: number;
  members: { _id: number; host: string }[];
}

async function readConfig(admin: {
  command(command: Document): Promise<Document>;
}): Promise<ReplicaSetConfig | undefined> {
  try {
    return ((await admin.command({ replSetGetConfig: 1 })) as { config: ReplicaSetConfig }).config;
  } catch (error) {
    // 94: NotYetInitialized.
    if (error instanceof MongoServerError && error.code === 94) return undefined;
    throw error;
  }
}
