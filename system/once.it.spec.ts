import { setTimeout as sleep } from 'node:timers/promises';
import { actionCatalogue, type ActionDto, type ActionName } from '@seatwise/contracts';
import type { RunningService } from '@seatwise/testing';
import { createConnection } from 'mongoose';
import {
  changesAfter,
  ended,
  undone,
  eventsOf,
  lastChangeOf,
  subjectOf,
  truthOf,
  type Change,
  type TruePerson,
  type Wish,
} from '../tools/actions/acting.js';
import { orgForActions } from '../tools/actions/table.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import type { Api } from '../tools/start/api.js';

const seeds = (process.env.SEEDS ?? '20261124').split(',').map(Number);
const count = Number(process.env.ACTIONS ?? 120);

/** Numbers that come out the same for the same seed (a linear congruential generator). */
function chances(from: number): () => number {
  let state = from >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const faults = [
  ...['POST', 'PUT', 'DELETE'].map((method) => ({ kind: 'didItThenHungUp', method, probability: 0.1 })),
  { kind: 'error500', path: '/api/v1/', probability: 0.06 },
  { kind: 'reset', path: '/api/v1/', probability: 0.03 },
  { kind: 'malformed', path: '/api/v1/users', probability: 0.02 },
  { kind: 'storm429', path: '/api/v1/', probability: 0.003 },
  { kind: 'latency', path: '/api/v1/', milliseconds: 60 },
];

describe.each(seeds)(`each action is done once, whatever breaks (SEED %d, ${count} actions)`, (seed) => {
  const next = chances(seed);
  const one = <T>(of: T[]): T => of[Math.floor(next() * of.length)]!;
  let seatwise: Seatwise;
  let replica: RunningService;
  let org: TestOrg;
  let api: Api;
  let connection: string;
  let people: TruePerson[];
  let groups: string[];
  let apps: string[];

  beforeAll(async () => {
    seatwise = await Seatwise.start([{ ...orgForActions, SIMULATOR_SEED: String(seed % 1000) }], {
      LEASE_SECONDS: '3',
    });
    replica = await seatwise.replica('action-service');
    [org] = seatwise.orgs as [TestOrg];
    ({ api } = await seatwise.workspace('Once'));
    ({ id: connection } = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' }));
    people = (await truthOf<TruePerson>(org, 'people')).slice(1);
    // What a rule or a group gives and takes is no effect of ours.
    const ruled = new Set((await truthOf<{ group: string }>(org, 'rules')).map(({ group }) => group));
    const given = new Set((await truthOf<{ app: string }>(org, 'group-assignments')).map(({ app }) => app));
    groups = (await truthOf<{ id: string; type: string }>(org, 'groups'))
      .filter(({ id, type }) => type === 'OKTA_GROUP' && !ruled.has(id))
      .map(({ id }) => id);
    apps = (await truthOf<{ id: string; status: string }>(org, 'apps'))
      .filter(({ id, status }) => status === 'ACTIVE' && !given.has(id))
      .map(({ id }) => id);
    await org.control('PUT', 'limits', { windowSeconds: 5 });
  });
  afterAll(() => seatwise.stop());

  /** Half of the people are moved about, the other half have their groups, apps and profiles changed. */
  function wish(at: number): Wish {
    const active = people.filter(({ status }) => status === 'ACTIVE');
    const held = active.slice(0, 25);
    const moved = [
      ...active.slice(25, 45),
      ...['STAGED', 'LOCKED_OUT', 'SUSPENDED', 'DEPROVISIONED', 'PROVISIONED', 'PASSWORD_EXPIRED'].flatMap((status) =>
        people.filter((person) => person.status === status).slice(0, 6),
      ),
    ];
    const onHeld: (() => [ActionName, Record<string, unknown>])[] = [
      () => ['add_user_to_group', { group: one(groups.slice(0, 4)) }],
      () => ['remove_user_from_group', { group: one(groups.slice(0, 4)) }],
      () => ['assign_user_to_app', { app: one(apps.slice(0, 6)) }],
      () => ['unassign_user_from_app', { app: one(apps.slice(0, 6)) }],
      () => ['change_user_profile', { profile: { title: `Title ${at}` } }],
      () => ['change_user_password', { password: `Correct Horse ${at} Battery` }],
      () => ['reset_user_mfa', {}],
    ];
    const onMoved: ((login: unknown) => [ActionName, Record<string, unknown>])[] = [
      () => ['activate_user', { sendEmail: one([true, false]) }],
      () => ['deactivate_user', {}],
      (confirmLogin) => ['delete_user', { confirmLogin }],
      () => ['suspend_user', {}],
      () => ['unsuspend_user', {}],
      () => ['unlock_user', {}],
      () => ['expire_user_password', { temporaryPassword: one([true, false]) }],
      () => ['reset_user_password', { sendEmail: one([true, false]) }],
    ];
    const kind = next();
    if (kind < 0.08) {
      const login = `new.${at}.${seed}@example.com`;
      const profile = { login, email: login, firstName: 'New', lastName: `Person ${at}` };
      return { action: 'create_user', parameters: { profile, activate: at % 2 === 0 } };
    }
    const person = one(kind < 0.55 ? held : moved);
    const [action, parameters] = kind < 0.55 ? one(onHeld)() : one(onMoved)(person.profile.login);
    return { action, parameters, person: person.id };
  }

  it('and the ledger agrees with every record', async () => {
    const before = await lastChangeOf(org);
    await org.control('PUT', 'faults', faults);
    const over = new AbortController();
    const breaking = breakThings(over.signal);
    const wishes = Array.from({ length: count }, (_none, at) => wish(at));
    const records: ActionDto[] = [];
    const backs: ActionDto[] = [];
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let wanted = wishes.shift(); wanted; wanted = wishes.shift()) {
          const { record } = await ended(api, connection, wanted);
          records.push(record!);
          const mayBeUndone = record?.state === 'done' && record.effect === 'changed' && record.person !== null;
          if (!mayBeUndone || actionCatalogue[record.action].undo === null || next() > 0.2) continue;
          // Refused before it came to be where it was no change at all.
          const { record: back } = await undone(api, record.id);
          if (back) backs.push(back);
        }
      }),
    );
    over.abort();
    await breaking;
    await org.control('DELETE', 'faults');
    expect(records.filter(Boolean)).toHaveLength(count);
    expect(backs.length).toBeGreaterThan(0);
    expect(disagreements([...records, ...backs], await changesAfter(org, before))).toEqual([]);
    expect(await lanesHeld()).toBe(0);
  }, 1_800_000);

  /** Lanes whose holder has not ended, though everything has: nothing could be done to those people any more. */
  async function lanesHeld(): Promise<number> {
    const database = await createConnection(seatwise.servers.mongoUrl, { dbName: 'actions' }).asPromise();
    const holder = { from: 'actions', localField: 'holder', foreignField: '_id', as: 'action' };
    const held = await database
      .collection('lanes')
      .aggregate([{ $lookup: holder }, { $match: { 'action.endedAt': null } }])
      .toArray();
    await database.close();
    return held.length;
  }

  /**
   * At moments of the seed: ends one of two action-services, NATS or MongoDB by kill -9 and starts it again, freezes one for
   * longer than its leases, or lets MongoDB step down.
   */
  async function breakThings(over: AbortSignal): Promise<void> {
    const { nats, mongod, mongoUrl } = seatwise.servers;
    for (;;) {
      await sleep(500 + next() * 3_000, undefined, { signal: over }).catch(() => undefined);
      if (over.aborted) return;
      const which = next();
      const worker = one([seatwise.services.get('action-service')!, replica]);
      if (which < 0.75) {
        const victim = which < 0.55 ? worker : which < 0.65 ? nats : mongod;
        await victim.kill();
        await victim.restart();
      } else if (which < 0.9) {
        worker.process.signal('SIGSTOP');
        await sleep(4_000 + next() * 3_000);
        worker.process.signal('SIGCONT');
      } else {
        const database = await createConnection(mongoUrl).asPromise();
        await database.db!.admin().command({ replSetStepDown: 1, secondaryCatchUpPeriodSecs: 0, force: true });
        await database.close();
      }
    }
  }

  /** Every effect in the ledger belongs to one action that says that it was done, and every such action has its effect. */
  function disagreements(records: ActionDto[], made: Change[]): string[] {
    const wrong: string[] = [];
    const held = records.filter(({ action }) => /group|app/.test(action)).map(({ person }) => person!);
    const ours = new Set(held.flatMap((person) => [person, subjectOf('application.', person)]));
    const known = new Set(Object.values(eventsOf).flat());
    const left = new Map<string, number>();
    for (const { what, subject, object } of made) {
      // A membership or assignment that follows from a person's being moved about.
      const follows =
        what.includes('membership') && !(ours.has(subject) && [...groups, ...apps].includes(object ?? ''));
      if (!known.has(what) || follows) continue;
      const key = `${what}|${subject}|${object ?? ''}`;
      left.set(key, (left.get(key) ?? 0) + 1);
    }
    const takeOne = (events: string[], { person, parameters }: ActionDto): boolean => {
      const object = (parameters.group ?? parameters.app ?? '') as string;
      const keys = events.map((event) => `${event}|${subjectOf(event, person ?? '')}|${object}`);
      const found = keys.find((key) => (left.get(key) ?? 0) > 0);
      if (found) left.set(found, left.get(found)! - 1);
      return found !== undefined;
    };
    for (const record of records.filter(({ effect }) => effect === 'changed'))
      for (const events of expectedOf(record))
        if (!takeOne(events, record))
          wrong.push(`${record.action} ${record.id} is ${record.state}, and nothing was done`);
    // One effect at most of what nobody could see.
    for (const record of records.filter(({ state }) => state === 'unknown')) takeOne(eventsOf[record.action], record);
    for (const [key, more] of left) if (more > 0) wrong.push(`${more} too many of ${key}`);
    return wrong;
  }
});

/** The effects that a record speaks of, each by any of some events. */
function expectedOf({ action, state, parameters, requests }: ActionDto): string[][] {
  const own = state === 'done' ? [eventsOf[action]] : [];
  // Okta deletes in two calls, of which the first deactivates.
  if (action === 'delete_user' && requests.length === 2) own.push(eventsOf.deactivate_user);
  if (action === 'create_user' && parameters.activate) own.push(eventsOf.activate_user);
  return own;
}
