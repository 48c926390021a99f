import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './ports.js';
import { startProcess, untilReady, type RunningProcess } from './process.js';

export interface NatsServer {
  url: string;
  monitorUrl: string;
  readonly process: RunningProcess;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Starts it again on the same ports and the same store. */
  restart(): Promise<void>;
}

export interface NatsServerOptions {
  binary: string;
  port: number;
  /** Where JetStream keeps its messages, and the server its configuration and log. */
  storeDir: string;
}

/** A nats-server with JetStream on 127.0.0.1 that has each message on the disk before it acknowledges it. */
export async function startNats({ binary, port, storeDir }: NatsServerOptions): Promise<NatsServer> {
  const monitorPort = await freePort(port === 0 ? 0 : port + 4_000);
  mkdirSync(storeDir, { recursive: true });
  const config = join(storeDir, 'nats.conf');
  writeFileSync(
    config,
    `server_name: seatwise\nhost: 127.0.0.1\nport: ${port}\nhttp: "127.0.0.1:${monitorPort}"\nmax_payload: 8MB\n` +
      `jetstream {\n  store_dir: "${join(storeDir, 'jetstream')}"\n  sync_interval: always\n}\n`,
  );
  const monitorUrl = `http://127.0.0.1:${monitorPort}`;
  const start = async () => {
    const running = startProcess({ command: binary, args: ['-c', config], logFile: join(storeDir, 'nats.log') });
    await untilReady('nats-server', running, () => checkSyncAlways(monitorUrl));
    return running;
  };
  let current = await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    monitorUrl,
    get process() {
      return current;
    },
    stop: () => current.stop(),
    kill: () => current.kill(),
    restart: async () => {
      current = await start();
    },
  };
}

/** The setting is verified, not trusted: the default acknowledges up to two minutes before it syncs. */
async function checkSyncAlways(monitorUrl: string): Promise<void> {
  const health = await fetch(`${monitorUrl}/healthz`);
  if (!health.ok) throw new Error(`health ${health.status}`);
  const varz = (await (await fetch(`${monitorUrl}/varz`)).json()) as {
    jetstream?: { config?: { sync_always?: boolean } };
  };
  if (varz.jetstream?.config?.sync_always !== true) throw new Error('JetStream does not sync always');
}
