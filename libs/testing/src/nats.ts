import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './ports.js';
import { startProcess, untilReady, type RunningProcess } from './process.js';
import { silent, type Say } from './settings.js';

export interface NatsServer {
  url: string;
  monitorUrl: string;
  /** The process of now: another one after a restart. */
  readonly process: RunningProcess;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Starts it again on the same ports and the same store. */
  restart(): Promise<void>;
  /** Ends it with `kill -9` and starts it again with nothing of what JetStream kept. */
  restartWithoutStore(): Promise<void>;
}

export interface NatsServerOptions {
  binary: string;
  /** Any free one when left out. */
  port?: number;
  /** Where it tells of itself over HTTP; any free one when left out. */
  monitorPort?: number;
  /** Where JetStream keeps its messages, and the server its configuration and log. */
  storeDir: string;
  /** Accounts and users, and whatever else belongs into its configuration; everybody may everything when left out. */
  accounts?: string;
  /** What that refers to, such as passwords. */
  env?: Record<string, string>;
  say?: Say;
}

/** A nats-server with JetStream on 127.0.0.1 that has each message on the disk before it acknowledges it. */
export async function startNats(options: NatsServerOptions): Promise<NatsServer> {
  const { binary, storeDir, accounts = '', env = {}, say = silent } = options;
  const port = options.port || (await freePort());
  const monitorPort = options.monitorPort || (await freePort());
  const monitorUrl = `http://127.0.0.1:${monitorPort}`;
  const name = `seatwise-${randomBytes(6).toString('hex')}`;
  mkdirSync(storeDir, { recursive: true });
  const config = join(storeDir, 'nats.conf');
  writeFileSync(
    config,
    `server_name: ${name}\nhost: 127.0.0.1\nport: ${port}\nhttp: "127.0.0.1:${monitorPort}"\nmax_payload: 8MB\n` +
      `jetstream {\n  store_dir: "${join(storeDir, 'jetstream')}"\n  sync_interval: always\n}\n${accounts}`,
  );
  const start = async () => {
    const running = startProcess({
      command: binary,
      args: ['-c', config],
      env: { ...process.env, ...env },
      logFile: join(storeDir, 'nats.log'),
    });
    await untilReady('nats-server', running, () => checkHealth(monitorUrl, name));
    await checkSyncAlways(monitorUrl, running);
    return running;
  };
  let current = await start();
  say(`nats-server on port ${port}, JetStream syncs always`);
  return {
    url: `nats://127.0.0.1:${port}`,
    monitorUrl,
    get process() {
      return current;
    },
    stop: () => current.stop(),
    kill: () => current.kill(),
    restart: async () => {
      await current.stop();
      current = await start();
    },
    restartWithoutStore: async () => {
      await current.kill();
      rmSync(join(storeDir, 'jetstream'), { recursive: true });
      current = await start();
    },
  };
}

/** It is ready, and it is ours: somebody else's server may have taken the port in between. */
async function checkHealth(monitorUrl: string, name: string): Promise<void> {
  const health = await fetch(`${monitorUrl}/healthz`);
  if (!health.ok) throw new Error(`health ${health.status}`);
  if ((await about(monitorUrl)).server_name !== name) throw new Error('another server answers on this port');
}

/** The setting is verified, not trusted: the default acknowledges up to two minutes before it syncs. */
async function checkSyncAlways(monitorUrl: string, running: RunningProcess): Promise<void> {
  if ((await about(monitorUrl)).jetstream?.config?.sync_always === true) return;
  await running.stop();
  throw new Error('This nats-server does not keep to sync_interval: always.');
}

interface Varz {
  server_name: string;
  jetstream?: { config?: { sync_always?: boolean } };
}

const about = async (monitorUrl: string) => (await (await fetch(`${monitorUrl}/varz`)).json()) as Varz;
