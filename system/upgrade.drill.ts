import { root } from '@seatwise/testing';
import type { ActionDto } from '@seatwise/contracts';
import { activePeople, ended, lastChangeOf, suspendedSince } from '../tools/actions/acting.js';
import { Seatwise } from '../tools/harness/seatwise.js';
import { serviceNames } from '../tools/start/services.js';
import { mirrorIsWhole } from './truth.js';

/** A checkout of the version before, built. */
const { SEATWISE_BEFORE: before, PEOPLE: size = '2000' } = process.env;

/** `SEATWISE_BEFORE=… npm run drill`: from the version before to this one and back, one service after the other, under load. */
describe('two versions side by side on the same data', () => {
  let seatwise: Seatwise;
  beforeAll(async () => {
    if (!before) throw new Error('SEATWISE_BEFORE names no checkout of the version before.');
    const faults = JSON.stringify([{ kind: 'latency', milliseconds: 60 }]);
    seatwise = await Seatwise.start([{ SIMULATOR_PEOPLE: size, SIMULATOR_APPS: '40', SIMULATOR_FAULTS: faults }]);
    for (const name of serviceNames) await seatwise.replace(name, before);
  });
  afterAll(() => seatwise.stop());

  it('loses nothing, counts nothing twice and does nothing twice, on the way to it and back', async () => {
    const [org] = seatwise.orgs;
    const { api } = await seatwise.workspace('Rolling');
    const connection = await api.connect({ orgUrl: org!.url, token: org!.token, level: 'read_and_act' });
    const people = (await activePeople(org!)).slice(1, 61);
    const first = await lastChangeOf(org!);
    for (const [at, checkout] of [root, before!].entries()) {
      const asked: Promise<{ record?: ActionDto }>[] = [];
      for (const [index, name] of serviceNames.entries()) {
        const door = api.at(seatwise.gatewayUrl);
        for (const person of people.slice(at * 30 + index * 6, at * 30 + index * 6 + 6))
          asked.push(ended(door, connection.id, { action: 'suspend_user', person }));
        // Whoever waits at a door that closes asks at the next; here the gateway is the last to go, and they are done.
        if (name === 'gateway') await Promise.all(asked);
        await seatwise.replace(name, checkout);
      }
      for (const { record } of await Promise.all(asked)) expect(record).toMatchObject({ state: 'done' });
      await mirrorIsWhole(seatwise, api.at(seatwise.gatewayUrl), connection, org!);
    }
    expect(await suspendedSince(org!, first)).toEqual(people.toSorted());
  });
});
