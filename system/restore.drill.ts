import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTestServers, testFolder, type TestServers } from '@seatwise/testing';
import { Seatwise } from '../tools/harness/seatwise.js';
import {
  beforeTheServices,
  headsOf,
  mustBeWhole,
  putToWork,
  snapshot,
  whenReset,
  withTheServices,
} from './restored.js';

const run = promisify(execFile);
const { PEOPLE: people = '2000' } = process.env;
const { MONGODUMP_BINARY: mongodump = 'mongodump', MONGORESTORE_BINARY: mongorestore = 'mongorestore' } = process.env;

const seconds = (from: number, to: number) => ((to - from) / 1_000).toFixed(1);

/** A way to back up: made while everything runs, and brought back on servers that have nothing. */
interface Way {
  name: string;
  make: (from: TestServers, folder: string) => Promise<void>;
  restore: (folder: string) => Promise<TestServers>;
}

const ways: Way[] = [
  {
    name: 'a snapshot of the volume',
    make: snapshot,
    restore: (folder) => startTestServers({ folder }),
  },
  {
    name: 'mongodump --oplog',
    make: async ({ mongoUrl }, folder) =>
      void (await run(mongodump, ['--uri', mongoUrl, '--oplog', '--gzip', `--archive=${join(folder, 'seatwise.gz')}`])),
    restore: async (folder) => {
      const servers = await startTestServers();
      const archive = `--archive=${join(folder, 'seatwise.gz')}`;
      await run(mongorestore, ['--uri', servers.mongoUrl, '--oplogReplay', '--gzip', archive]);
      return servers;
    },
  },
  {
    name: 'a snapshot of the volume, and before it one of JetStream',
    make: async (from, folder) => {
      from.nats.process.signal('SIGSTOP');
      cpSync(join(from.folder, 'nats/jetstream'), join(folder, 'nats/jetstream'), { recursive: true });
      from.nats.process.signal('SIGCONT');
      await snapshot(from, folder);
    },
    restore: (folder) => startTestServers({ folder }),
  },
];

/** `npm run drill`: each way to back up, on a system at work, with what it comes to. */
describe.each(ways)('$name', ({ make, restore, name }) => {
  let seatwise: Seatwise;
  beforeAll(async () => {
    const faults = JSON.stringify([{ kind: 'latency', milliseconds: 60 }]);
    const size = { SIMULATOR_PEOPLE: people, SIMULATOR_APPS: '40', SIMULATOR_FROZEN: 'false' };
    seatwise = await Seatwise.start([{ ...size, SIMULATOR_FAULTS: faults }], { LEASE_SECONDS: '10' });
  });
  afterAll(() => seatwise.stop());

  it('brings back the same figures', async () => {
    const work = await putToWork(seatwise, { inJob: 40, single: 90 });
    await whenReset(work, 10);
    await work.api.sync(work.connection.id).catch(() => undefined);
    const heads = await headsOf(seatwise.servers.mongoUrl);
    const folder = testFolder();
    const began = Date.now();
    await make(seatwise.servers, folder);
    const backupOf = new Date();
    await whenReset(work, 40);
    await seatwise.burnDown();
    await work.stop();
    await work.org.control('DELETE', 'faults');

    const restoring = Date.now();
    const servers = await restore(folder);
    const said = [...(await beforeTheServices(servers, backupOf))];
    await seatwise.riseOn(servers);
    said.push(...(await withTheServices(servers)));
    const lasted = `backed up in ${seconds(began, backupOf.getTime())} s, served again after ${seconds(restoring, Date.now())} s`;
    const came = await mustBeWhole(work, heads);
    process.stdout.write(`${name}: ${lasted}\n  ${said.join('\n  ')}\n  ${JSON.stringify(came)}\n`);
  });
});
