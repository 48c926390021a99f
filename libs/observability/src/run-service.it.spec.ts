import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, root, startProcess, startTestServers, testFolder, type RunningProcess } from '@seatwise/testing';

const program = join(root, 'apps/usage-aggregator/dist/main.js');

describe('a service', () => {
  const logs = testFolder();
  const running: RunningProcess[] = [];
  afterEach(() => Promise.all(running.splice(0).map((each) => each.kill())));

  const start = async (settings: Record<string, string>) => {
    const port = await freePort();
    const logFile = join(logs, `service-${port}.log`);
    const log = () => readFileSync(logFile, 'utf8');
    const said = async (line: string) => {
      while (!log().includes(line)) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const service = startProcess({
      command: process.execPath,
      args: [program],
      logFile,
      env: { PATH: process.env.PATH, HTTP_PORT: String(port), ...settings },
    });
    running.push(service);
    const statusOf = (path: string) =>
      fetch(`http://127.0.0.1:${port}${path}`).then(
        ({ status }) => status,
        () => 0,
      );
    const until = async (path: string, status: number) => {
      while ((await statusOf(path)) !== status) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    return { service, port, statusOf, until, log, said };
  };

  it('is alive and not ready while its database is away, and ends when it is told to', async () => {
    const away = `mongodb://127.0.0.1:${await freePort()}/?replicaSet=rs0`;
    const { service, statusOf, until } = await start({ MONGODB_URL: away, NATS_URL: 'nats://127.0.0.1:1' });
    await until('/livez', 200);
    expect(await statusOf('/readyz')).toBe(503);
    expect(await statusOf('/anything')).toBe(503);
    service.signal('SIGTERM');
    expect(await service.ended).toBe('code 0');
  });

  it('says why it waits for a server', async () => {
    const servers = await startTestServers();
    try {
      const away = await freePort();
      const noDatabase = await start({ MONGODB_URL: `mongodb://127.0.0.1:${away}/`, NATS_URL: servers.natsUrl });
      await noDatabase.said('MongoDB is not reachable yet');
      expect(noDatabase.log()).toContain('ECONNREFUSED');
      const noNats = await start({ MONGODB_URL: servers.mongoUrl, NATS_URL: `nats://127.0.0.1:${away}` });
      await noNats.said('there is no connection to NATS yet');
      expect(noNats.log()).toMatch(/ECONNREFUSED|refused/i);
    } finally {
      await servers.stop();
    }
  });

  it('names the settings of NATS that are wrong, and tells no password that stands in an address', async () => {
    const { service, log } = await start({
      MONGODB_URL: 'mongodb://127.0.0.1:1/',
      NATS_URL: 'nats://sync-service:in-the-clear@nats:4222',
      NATS_TLS_CA_FILE: '/nowhere/ca.pem',
    });
    expect(await service.ended).toBe('code 1');
    expect(log()).toContain('NATS_URL must be nats://host:port');
    expect(log()).toContain('NATS_TLS_CA_FILE must name a file that can be read');
    expect(log()).not.toContain('in-the-clear');
  });

  it('is not ready while a server that it needs is frozen or gone, alive all the time, and ready again by itself', async () => {
    const servers = await startTestServers();
    const { service, statusOf, until } = await start({ MONGODB_URL: servers.mongoUrl, NATS_URL: servers.natsUrl });
    await until('/readyz', 200);
    const losses: [lose: () => void | Promise<void>, giveBack: () => void | Promise<void>][] = [
      [() => servers.mongod.process.signal('SIGSTOP'), () => servers.mongod.process.signal('SIGCONT')],
      [() => servers.mongod.kill(), () => servers.mongod.restart()],
      [() => servers.nats.process.signal('SIGSTOP'), () => servers.nats.process.signal('SIGCONT')],
      [() => servers.nats.kill(), () => servers.nats.restart()],
    ];
    for (const [lose, giveBack] of losses) {
      await lose();
      await until('/readyz', 503);
      expect(await statusOf('/livez')).toBe(200);
      await giveBack();
      await until('/readyz', 200);
    }
    expect(service.isRunning()).toBe(true);
    await servers.stop();
  });

  it('ends though somebody never finishes what they began to send', async () => {
    // Servers of its own: what other tests have left in a stream is nothing that it should take up.
    const servers = await startTestServers();
    const { service, port, until } = await start({ MONGODB_URL: servers.mongoUrl, NATS_URL: servers.natsUrl });
    await until('/readyz', 200);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write('GET /livez HTTP/1.1\r\nHost: here\r\nX-Never-Ending: ');
    service.signal('SIGTERM');
    expect(await service.ended).toBe('code 0');
    socket.destroy();
    await servers.stop();
  });
});
