import { startTestServers, testFolder } from '@seatwise/testing';
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

describe('backed up at work, burnt down and restored elsewhere', () => {
  let seatwise: Seatwise;
  beforeAll(async () => {
    // Answers take a while, so that everything is under way when the backup is made.
    const faults = JSON.stringify([{ kind: 'latency', milliseconds: 60 }]);
    const size = { SIMULATOR_PEOPLE: '400', SIMULATOR_APPS: '15', SIMULATOR_GROUPS: '5', SIMULATOR_FROZEN: 'false' };
    seatwise = await Seatwise.start([{ ...size, SIMULATOR_FAULTS: faults }], { LEASE_SECONDS: '10' });
  });
  afterAll(() => seatwise.stop());

  it('the figures are the same, nothing is done twice, and what is not known is said', async () => {
    const work = await putToWork(seatwise, { inJob: 30, single: 40 });
    await whenReset(work, 5);
    // Where the first run has ended, another is under way.
    await work.api.sync(work.connection.id).catch(() => undefined);
    const heads = await headsOf(seatwise.servers.mongoUrl);
    const backupOf = new Date();
    const folder = testFolder();
    await snapshot(seatwise.servers, folder);
    expect(await work.api.newestRun(work.connection.id)).toMatchObject({ state: 'running' });
    // What is done now no backup knows.
    await whenReset(work, 15);
    await seatwise.burnDown();
    await work.stop();
    await work.org.control('DELETE', 'faults');

    const servers = await startTestServers({ folder });
    const said = await beforeTheServices(servers, backupOf);
    expect(said.join('\n')).toMatch(/[1-9]\d* actions .* are unknown, and 1 bulk jobs are paused\n.*1 audit logs/);
    await seatwise.riseOn(servers);
    // Too late: what it would say of may be under way again.
    await expect(beforeTheServices(servers, backupOf)).rejects.toThrow(/action-service runs/);
    await withTheServices(servers);
    expect(await mustBeWhole(work, heads)).toMatchObject({
      actions: { done: expect.any(Number), unknown: expect.any(Number) },
      items: { done: expect.any(Number) },
    });
  });
});
