import { setTimeout as sleep } from 'node:timers/promises';
import type { RunDto } from '@seatwise/contracts';
import { Seatwise } from '../tools/harness/seatwise.js';
import { differences, mustBeSame } from './truth.js';

const seed = Number(process.env.SEED ?? 20_261_123);

/** Moments in a run that come out the same for the same seed (a linear congruential generator). */
function moments(from: number): () => number {
  let state = from >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const stillRunning = (run: RunDto | undefined) => run === undefined || run.state === 'running';

describe(`kill -9 in the middle of a run (SEED=${seed})`, () => {
  let seatwise: Seatwise;
  const next = moments(seed);
  beforeAll(async () => {
    // Answers take a while, so that the run is still under way at every kill.
    const faults = JSON.stringify([{ kind: 'latency', milliseconds: 120 }]);
    const size = { SIMULATOR_PEOPLE: '3000', SIMULATOR_APPS: '60', SIMULATOR_FAULTS: faults };
    seatwise = await Seatwise.start([size, { ...size, SIMULATOR_SEED: '5' }]);
  });
  afterAll(() => seatwise.stop());

  it('loses nothing and counts nothing twice when sync-service and usage-aggregator are killed, five times each', async () => {
    const { api } = await seatwise.workspace('Services');
    const org = seatwise.orgs[0]!;
    const connection = await api.connect({ orgUrl: org.url, token: org.token });
    let inMidRun = 0;
    for (let at = 0; at < 10; at += 1) {
      await sleep(200 + next() * 600);
      if (stillRunning(await api.newestRun(connection.id))) inMidRun += 1;
      const victim = seatwise.services.get(at % 2 === 0 ? 'sync-service' : 'usage-aggregator')!;
      await victim.kill();
      await victim.restart();
    }
    expect(inMidRun).toBe(10);
    expect(await seatwise.ended(api, connection)).toMatchObject({ state: 'complete', missing: [] });
    mustBeSame(await differences(seatwise, connection, org));
  });

  it('and when nats-server and mongod are, twice each', async () => {
    const { api } = await seatwise.workspace('Servers');
    const org = seatwise.orgs[1]!;
    const connection = await api.connect({ orgUrl: org.url, token: org.token });
    let inMidRun = 0;
    for (const server of [
      seatwise.servers.nats,
      seatwise.servers.mongod,
      seatwise.servers.nats,
      seatwise.servers.mongod,
    ]) {
      await sleep(200 + next() * 800);
      if (stillRunning(await api.newestRun(connection.id).catch(() => undefined))) inMidRun += 1;
      await server.kill();
      await sleep(next() * 500);
      await server.restart();
    }
    expect(inMidRun).toBe(4);
    expect(await seatwise.ended(api, connection)).toMatchObject({ state: 'complete', missing: [] });
    mustBeSame(await differences(seatwise, connection, org));
  });
});
