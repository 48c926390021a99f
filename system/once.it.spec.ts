import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  getAction,
  Refusal,
  requestAction,
  type ActionDto,
  type ActionName,
  type ConnectionDto,
  type RequestAction,
  type UserStatus,
} from '@seatwise/contracts';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';

const seeds = (process.env.SEEDS ?? '20261124').split(',').map(Number);
const count = Number(process.env.ACTIONS ?? 120);
const ended = new Set(['done', 'refused', 'failed', 'unknown']);

/** Numbers that come out the same for the same seed (a linear congruential generator). */
function chances(from: number): () => number {
  let state = from >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

interface Truth {
  id: string;
  status: UserStatus;
  profile: Record<string, unknown>;
}
interface Change {
  number: number;
  what: string;
  by: string;
  subject: string;
  object: string | null;
}

/** The events by which Okta's log tells of each action. */
const effects: Record<ActionName, string[]> = {
  add_user_to_group: ['group.user_membership.add'],
  remove_user_from_group: ['group.user_membership.remove'],
  assign_user_to_app: ['application.user_membership.add', 'application.user_membership.update'],
  unassign_user_from_app: ['application.user_membership.remove'],
  create_user: ['user.lifecycle.create'],
  activate_user: ['user.lifecycle.activate'],
  deactivate_user: ['user.lifecycle.deactivate'],
  delete_user: ['user.lifecycle.delete.completed'],
  suspend_user: ['user.lifecycle.suspend'],
  unsuspend_user: ['user.lifecycle.unsuspend'],
  unlock_user: ['user.account.unlock_by_admin'],
  change_user_password: ['user.account.update_password'],
  change_user_profile: ['user.account.update_profile'],
  expire_user_password: ['user.account.expire_password'],
  reset_user_password: ['user.account.reset_password'],
  reset_user_mfa: ['user.mfa.factor.reset_all'],
};

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
  const below = (limit: number): number => Math.floor(next() * limit);
  let seatwise: Seatwise;
  let org: TestOrg;
  let connection: ConnectionDto;
  let truth: Truth[];
  let groups: string[];
  let apps: string[];
  let rules: string[];

  const lines = async <T>(path: string): Promise<T[]> => {
    const text = await (await fetch(`${org.url}/control/truth/${path}`)).text();
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as T);
  };

  beforeAll(async () => {
    seatwise = await Seatwise.start(
      [{ SIMULATOR_PEOPLE: '1500', SIMULATOR_FROZEN: 'false', SIMULATOR_SEED: String(seed % 1000) }],
      { LEASE_SECONDS: '3' },
    );
    [org] = seatwise.orgs as [TestOrg];
    const { api } = await seatwise.workspace('Once');
    connection = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
    await seatwise.ended(api, connection);
    await api.call('PATCH', `/connections/${connection.id}`, { syncEveryMinutes: 1440 });
    truth = (await lines<Truth>('people')).slice(1);
    rules = (await lines<{ group: string }>('rules')).map(({ group }) => group);
    groups = (await lines<{ id: string; type: string }>('groups'))
      .filter(({ id, type }) => type === 'OKTA_GROUP' && !rules.includes(id))
      .map(({ id }) => id);
    // What a group gives or takes is no effect of ours.
    const given = new Set((await lines<{ app: string }>('group-assignments')).map(({ app }) => app));
    apps = (await lines<{ id: string; status: string }>('apps'))
      .filter(({ id, status }) => status === 'ACTIVE' && !given.has(id))
      .map(({ id }) => id);
    await org.control('PUT', 'limits', { windowSeconds: 5 });
  });
  afterAll(() => seatwise.stop());

  /** Half of the people are moved about, the other half have their groups, apps and profiles changed. */
  function wish(at: number): Pick<RequestAction, 'action' | 'parameters'> & { person?: string } {
    const active = truth.filter(({ status }) => status === 'ACTIVE');
    const held = active.slice(0, 25);
    const moved = [
      ...active.slice(25, 45),
      ...['STAGED', 'LOCKED_OUT', 'SUSPENDED', 'DEPROVISIONED', 'PROVISIONED', 'PASSWORD_EXPIRED'].flatMap((status) =>
        truth.filter((one) => one.status === status).slice(0, 6),
      ),
    ];
    const one = <T>(of: T[]): T => of[below(of.length)]!;
    const onHeld: (() => [ActionName, Record<string, unknown>])[] = [
      () => ['add_user_to_group', { group: one(groups.slice(0, 4)) }],
      () => ['remove_user_from_group', { group: one(groups.slice(0, 4)) }],
      () => ['assign_user_to_app', { app: one(apps.slice(0, 6)) }],
      () => ['unassign_user_from_app', { app: one(apps.slice(0, 6)) }],
      () => ['change_user_profile', { profile: { title: `Title ${at}` } }],
      () => ['reset_user_mfa', {}],
    ];
    const onMoved: ((login: unknown) => [ActionName, Record<string, unknown>])[] = [
      () => ['activate_user', {}],
      () => ['deactivate_user', {}],
      (confirmLogin) => ['delete_user', { confirmLogin }],
      () => ['suspend_user', {}],
      () => ['unsuspend_user', {}],
      () => ['unlock_user', {}],
      () => ['expire_user_password', {}],
      () => ['reset_user_password', {}],
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

  async function ask(wanted: ReturnType<typeof wish>): Promise<ActionDto> {
    const { id, workspace } = connection;
    const request = {
      workspace,
      connection: id,
      by: { key: `key_${'0'.repeat(25)}`, role: 'admin' },
      idempotencyKey: randomUUID(),
      reason: 'test',
      ...wanted,
    };
    let action: string | undefined;
    while (action === undefined)
      try {
        action = (await seatwise.bus.request(requestAction, request)).id;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (error.code === 'action_in_flight') action = (error.extra.context as { action: string }).action;
        else if (error.status < 500) throw error;
        else await sleep(200);
      }
    const patience = Date.now() + 150_000;
    const record = (await until(
      () => seatwise.bus.request(getAction, { workspace, action: action! }).catch(() => undefined),
      (seen) => seen !== undefined && (ended.has(seen.state) || Date.now() > patience),
    ))!;
    if (!ended.has(record.state)) console.log('STUCK', JSON.stringify(record).slice(0, 1500));
    return record;
  }

  it('and the ledger agrees with every record', async () => {
    const before = await changes();
    await org.control('PUT', 'faults', faults);
    let busy = true;
    const breaking = (async () => {
      while (busy) {
        await sleep(300 + next() * 1_700);
        const which = next();
        const { nats, mongod } = seatwise.servers;
        if (which < 0.7) {
          const victim = seatwise.services.get('action-service')!;
          await victim.kill();
          await victim.restart();
        } else if (which < 0.85) {
          await nats.kill();
          await nats.restart();
        } else {
          await mongod.kill();
          await mongod.restart();
        }
      }
    })();
    const wishes = Array.from({ length: count }, (_none, at) => wish(at));
    const records: ActionDto[] = [];
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let wanted = wishes.shift(); wanted; wanted = wishes.shift()) records.push(await ask(wanted));
      }),
    );
    busy = false;
    await breaking;
    await org.control('DELETE', 'faults');
    const made = (await changes()).slice(before.length);
    const tally = Object.groupBy(records, ({ action, state, effect }) => `${action} ${state} ${effect}`);
    console.log(
      Object.entries(tally)
        .map(([what, of]) => `${what}: ${of!.length}`)
        .sort()
        .join('\n'),
    );
    console.log(records.filter(({ requests }) => requests.some(({ sent }) => sent > 1)).length, 'sent more than once');
    expect(compare(records, made)).toEqual([]);
  }, 1_200_000);

  async function changes(): Promise<Change[]> {
    const all: Change[] = [];
    for (;;) {
      const page = await org.control<Change[]>('GET', `ledger/changes?after=${all.at(-1)?.number ?? 0}&limit=1000`);
      if (page.length === 0) return all;
      all.push(...page);
    }
  }

  /** Every effect in the ledger belongs to one action that says that it was done, and every such action has its effect. */
  function compare(records: ActionDto[], made: Change[]): string[] {
    const wrong: string[] = [];
    const held = records.filter(({ action }) => /group|app/.test(action)).map(({ person }) => person!);
    const persons = new Set(held.flatMap((person) => [person, `0ua${person.slice(3)}`]));
    const known = new Set(Object.values(effects).flat());
    const left = new Map<string, Change[]>();
    for (const change of made) {
      const aside =
        /membership/.test(change.what) &&
        !(persons.has(change.subject) && [...groups, ...apps].includes(change.object ?? ''));
      if (!known.has(change.what) || change.by === 'control' || aside) continue;
      const key = `${change.what}|${change.subject}|${change.object ?? ''}`;
      left.set(key, [...(left.get(key) ?? []), change]);
    }
    const takeOne = (what: string[], person: string | null, object: unknown): boolean => {
      for (const each of what) {
        // The log names an assignment by an id of its own, made from the person's.
        const subject = each.startsWith('application.') ? `0ua${person?.slice(3)}` : person;
        const found = left.get(`${each}|${subject}|${String(object ?? '')}`);
        if (found?.pop()) return true;
      }
      return false;
    };
    const unsure: ActionDto[] = [];
    for (const record of records) {
      const { action, state, effect, person, parameters, requests } = record;
      const object = parameters.group ?? parameters.app;
      if (state === 'unknown') unsure.push(record);
      const expected = state === 'done' && effect === 'changed' ? [effects[action]] : [];
      if (action === 'delete_user' && requests.length === 2 && requests[0]!.sent > 0 && effect === 'changed')
        expected.push(effects.deactivate_user);
      if (action === 'create_user' && expected.length > 0 && parameters.activate) expected.push(effects.activate_user);
      for (const what of expected)
        if (!takeOne(what, person, object))
          wrong.push(`${record.id} ${action} says done, and nothing was done: ${JSON.stringify(record)}`);
    }
    for (const { action, person, parameters } of unsure)
      takeOne(effects[action], person, parameters.group ?? parameters.app);
    for (const [key, found] of left) if (found.length > 0) wrong.push(`${found.length} too many of ${key}`);
    return wrong;
  }
});
