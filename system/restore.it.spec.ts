import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestServers, testFolder } from '@seatwise/testing';
import { Seatwise } from '../tools/harness/seatwise.js';
import { beforeTheServices, headsOf, mustBeWhole, putToWork, snapshot, withTheServices } from './restored.js';

describe('backed up at work, burnt down and restored elsewhere', () => {
  let seatwise: Seatwise;
  beforeAll(async () => {
    // Answers take a while, so that everything is under way when the backup is made.
    const faults = JSON.stringify([{ kind: 'latency', milliseconds: 60 }]);
    seatwise = await Seatwise.start([{ SIMULATOR_PEOPLE: '800', SIMULATOR_APPS: '20', SIMULATOR_FAULTS: faults }]);
  });
  afterAll(() => seatwise.stop());

  it('the figures are the same, nothing is done twice, and what is not known is said', async () => {
    const work = await putToWork(seatwise, { many: 80 });
    await sleep(1_500);
    const heads = await headsOf(seatwise.servers.mongoUrl);
    const backupOf = new Date();
    const folder = testFolder();
    await snapshot(seatwise.servers, folder);
    expect(await work.api.newestRun(work.connection.id)).toMatchObject({ state: 'running' });
    // What is done now no backup knows.
    await sleep(1_500);
    await seatwise.burnDown();
    await work.stop();

    const servers = await startTestServers({ folder: join(folder) });
    const said = await beforeTheServices(servers, backupOf);
    expect(said.join('\n')).toMatch(/[1-9]\d* actions .* are unknown, and 1 bulk jobs are paused\n.*1 audit logs/);
    await seatwise.riseOn(servers);
    // Too late: what it would say of may be under way again.
    await expect(beforeTheServices(servers, backupOf)).rejects.toThrow(/action-service runs/);
    await withTheServices(servers);
    const came = await mustBeWhole(work, heads);
    expect(came).toMatchObject({ actions: { done: expect.any(Number) }, items: { done: expect.any(Number) } });
    expect(came.doneAndNotKnown).toBeGreaterThan(0);
  });
});
