import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import {
  freePort,
  resolveMongod,
  resolveNatsServer,
  root,
  silent,
  spawnService,
  spawnSimulator,
  startProcess,
  testFolder,
  untilReady,
  type RunningProcess,
  type RunningService,
} from '@seatwise/testing';
import { MongoClient } from 'mongodb';
import { ended } from '../tools/actions/acting.js';
import { composeEnvironments } from '../tools/deployment/compose.js';
import { putBuilt } from '../tools/harness/built.js';
import { until } from '../tools/harness/until.js';
import { Api } from '../tools/start/api.js';
import { serviceNames } from '../tools/start/services.js';
import { startTool } from './started.js';

const environmentOf = composeEnvironments();
const demo = join(root, 'k8s/overlays/demo');

/**
 * The processes that docker-compose.yml has as containers, with the very settings it gives them, but for where they are, and the
 * services in folders that hold what their images hold, far from the sources.
 */
describe('what docker-compose.yml gives each part', () => {
  const folder = testFolder();
  const images = mkdtempSync(join(tmpdir(), 'seatwise-images-'));
  const servers: RunningProcess[] = [];
  const parts: RunningService[] = [];
  let natsUrl: string;
  let mongoHost: string;

  beforeAll(async () => {
    natsUrl = await startNats();
    mongoHost = await startMongod();
  });
  afterAll(async () => {
    await Promise.all(parts.map((part) => part.kill()));
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(images, { recursive: true });
  });

  const start = (name: string, command: string, args: string[], env: NodeJS.ProcessEnv = {}) => {
    const started = startProcess({
      command,
      args,
      env: { PATH: process.env.PATH, ...env },
      logFile: join(folder, `${name}.log`),
    });
    servers.push(started);
    return started;
  };

  /** nats-server with the configuration of the demo, on loopback. */
  async function startNats(): Promise<string> {
    const found = await resolveNatsServer({ say: silent, env: { PATH: process.env.PATH } });
    if (found.kind === 'url') throw new Error('it is started from a binary');
    const [port, monitorPort] = [await freePort(), await freePort()];
    const at = join(folder, 'nats');
    cpSync(join(demo, 'nats'), at, { recursive: true });
    const written = readFileSync(join(at, 'nats.conf'), 'utf8');
    const here = written
      .replace('/data', join(folder, 'nats-data'))
      .replace('http: 8222', `host: 127.0.0.1\nport: ${port}\nhttp: "127.0.0.1:${monitorPort}"`);
    writeFileSync(join(at, 'nats.conf'), here);
    const server = start('nats-server', found.path, ['-c', join(at, 'nats.conf')], environmentOf('nats'));
    await untilReady('nats-server', server, async () => {
      const { auth_required: closed } = (await (await fetch(`http://127.0.0.1:${monitorPort}/varz`)).json()) as {
        auth_required?: boolean;
      };
      if (closed !== true) throw new Error('it lets everybody in');
    });
    return `nats://127.0.0.1:${port}`;
  }

  /** mongod with a key file, and the users that setup.js makes, by the table in it. */
  async function startMongod(): Promise<string> {
    const found = await resolveMongod({ say: silent, env: { PATH: process.env.PATH } });
    if (found.kind === 'url') throw new Error('it is started from a binary');
    const port = await freePort();
    const data = join(folder, 'mongod');
    mkdirSync(data);
    const env = environmentOf('mongodb-setup');
    writeFileSync(join(folder, 'keyfile'), environmentOf('mongodb').MONGODB_KEYFILE!, { mode: 0o400 });
    const where = ['--dbpath', data, '--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket'];
    const how = ['--replSet', 'rs0', '--keyFile', join(folder, 'keyfile'), '--wiredTigerCacheSizeGB', '0.5'];
    const server = start('mongod', found.path, [...where, ...how]);
    const host = `127.0.0.1:${port}`;
    // Whoever comes from the same machine may make the replica set and the first user, and nothing after that.
    const first = new MongoClient(`mongodb://${host}/?directConnection=true`);
    await untilReady('mongod', server, () => first.db('admin').command({ ping: 1 }));
    await first.db('admin').command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host }] } });
    await until(
      () => first.db('admin').command({ hello: 1 }),
      ({ isWritablePrimary }) => isWritablePrimary === true,
    );
    const password = env.MONGODB_ROOT_PASSWORD!;
    await first.db('admin').command({ createUser: 'root', pwd: password, roles: ['root'] });
    await first.close();
    const asRoot = new MongoClient(`mongodb://root:${password}@${host}/?directConnection=true`);
    const table = /const databases = \{([^}]*)\}/.exec(readFileSync(join(demo, 'mongodb/setup.js'), 'utf8'))?.[1] ?? '';
    for (const [, user = '', db = ''] of table.matchAll(/'?([\w-]+)'?: '(\w+)'/g)) {
      const pwd = env[`${user.toUpperCase().replaceAll('-', '_')}_MONGODB_PASSWORD`];
      await asRoot.db('admin').command({ createUser: user, pwd, roles: [{ role: 'readWrite', db }] });
    }
    await asRoot.close();
    return host;
  }

  const mongoUrlOf = (name: string) => environmentOf(name).MONGODB_URL!.replace('mongodb:27017', mongoHost);

  it('is enough to connect an org, sync it to its end and act on a person', async () => {
    const { SIMULATOR_HOST: _host, ...simulated } = environmentOf('okta-simulator');
    const org = await spawnSimulator({ env: { ...simulated, SIMULATOR_PEOPLE: '200', SIMULATOR_LIMITS: 'none' } });
    parts.push(org);
    for (const name of serviceNames) {
      const here = { NATS_URL: natsUrl, MONGODB_URL: mongoUrlOf(name), OTEL_EXPORTER_OTLP_ENDPOINT: '' };
      const okta = 'OKTA_ALLOWED_ORIGINS' in environmentOf(name) ? { OKTA_ALLOWED_ORIGINS: org.url } : {};
      const env = { ...environmentOf(name), ...here, ...okta };
      const image = join(images, name);
      putBuilt(name, image);
      parts.push(await spawnService({ name, image, env, logFile: join(folder, `${name}.log`) }));
    }
    const door = new Api(parts.at(-1)!.url, environmentOf('gateway').BOOTSTRAP_TOKEN!);
    const { key } = await door.call<{ key: string }>('POST', '/bootstrap', { workspaceName: 'Acme' });
    const api = door.withKey(key);
    const token = environmentOf('okta-simulator').SIMULATOR_TOKEN!;
    const { id } = await api.connect({ orgUrl: org.url, token, level: 'read_and_act' });
    const run = await until(
      () => api.newestRun(id).catch(() => undefined),
      (newest) => newest !== undefined && newest.state !== 'running',
    );
    expect(run).toMatchObject({ state: 'complete', missing: [] });
    await until(
      () => api.summary(id).catch(() => undefined),
      (summary) => Boolean(summary?.asOf[0]?.signIns) && summary!.people > 0,
    );
    const { people } = await api.call<{ people: { id: string }[] }>(
      'GET',
      `/people?connection=${id}&status=ACTIVE&limit=1`,
    );
    const { record } = await ended(api, id, { action: 'suspend_user', person: people[0]!.id });
    expect(record).toMatchObject({ state: 'done', verified: true });
  });

  it('is enough for the commands of an operator', async () => {
    const { OPERATOR_NATS_PASSWORD: password = '' } = environmentOf('nats');
    const asOperator = { NATS_URL: natsUrl, NATS_USER: 'operator', NATS_PASSWORD: password };
    await startTool('dead-letters', [], asOperator).line('No message is parked.');
    const republished = startTool('republish', [], asOperator);
    expect(await republished.ended).toBe(0);
    expect(republished.said).toHaveLength(4);
  });

  it('has NATS refuse nobody anything that they need', () => {
    const refused = readFileSync(join(folder, 'nats-server.log'), 'utf8').match(/\w+ Violation - .*/g);
    expect(refused).toBeNull();
  });

  it.each(serviceNames)('lets %s into no database but its own', async (name) => {
    const client = new MongoClient(mongoUrlOf(name));
    const databases = await client.db('admin').command({ listDatabases: 1, nameOnly: true, authorizedDatabases: true });
    expect((databases.databases as object[]).length).toBe(1);
    for (const other of ['gateway', 'connections', 'directory', 'usage', 'actions'])
      if (other !== (databases.databases as { name: string }[])[0]!.name)
        await expect(client.db(other).collection('anything').findOne()).rejects.toThrow(/not authorized/);
    await client.close();
  });

  it('lets nobody into NATS without their password', async () => {
    const { NATS_USER: user = '', NATS_PASSWORD: pass = '' } = environmentOf('sync-service');
    const welcome = await connect({ servers: natsUrl, user, pass });
    await welcome.close();
    await expect(connect({ servers: natsUrl, user, pass: 'another', reconnect: false })).rejects.toThrow(
      /authorization/i,
    );
    await expect(connect({ servers: natsUrl, reconnect: false })).rejects.toThrow(/authorization/i);
  });
});
