import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionDto, ActionName } from '@seatwise/contracts';
import { Streams } from '@seatwise/messaging';
import { createConnection, type mongo } from 'mongoose';
import { Agent, request } from 'undici';
import { ended, truthOf, type TruePerson, type Wish } from '../actions/acting.js';
import { Seatwise, type TestOrg } from '../harness/seatwise.js';
import type { Api } from '../start/api.js';
import type { Say } from './org.js';
import { atOnce, percentiles, timed, type Percentiles } from './times.js';

/** Milliseconds of single actions, one at a time on an idle system. */
export interface ActionWaits {
  actions: number;
  /** From the moment at which action-service makes the record, to be stored next, until Okta has the first request: a look. */
  asked: Percentiles;
  /** Until it has the one that acts. */
  called: Percentiles;
  /** From the sending of the POST to its answer: done, and looked at again. */
  whole: Percentiles;
  /** One journaled majority write, and a hop through JetStream. */
  bare: Percentiles;
  /** The same write, and a hop through NATS alone, which a dying server loses. */
  bareCore: Percentiles;
}

/** Actions many at once, and the same requests of Okta and a journaled write each without Seatwise. */
export interface ActionSpeed {
  actions: number;
  atOnce: number;
  seconds: number;
  requests: number;
  bareSeconds: number;
  bareRequests: number;
}

export interface ActionFigures {
  waits: ActionWaits;
  speed: ActionSpeed;
}

/** A request as the simulator's ledger has it; `at` is when it had been worked on, before its answer was sent. */
interface LedgerRequest {
  number: number;
  at: number;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query: string;
}
type Sent = Pick<LedgerRequest, 'method' | 'path'> & { body?: string };

interface Pair {
  there: ActionName;
  back: ActionName;
  parameters: Record<string, unknown>;
  people: string[];
}

const waitsMeasured = 300;
const inFlight = 32;
const journaled = { writeConcern: { w: 'majority', journal: true } } as const;
const somebody = '{person}';
const ignored = (): void => undefined;

/** Single actions through the gateway: how soon Okta is called, and how many a second there can be without limits. */
export async function actionsOf(actions: number, say: Say): Promise<ActionFigures> {
  const each = Math.ceil(actions / 6);
  const size = { SIMULATOR_PEOPLE: String(2 * (waitsMeasured + 3 * each) + 1_000), SIMULATOR_APPS: '20' };
  const seatwise = await Seatwise.start([{ ...size, SIMULATOR_GROUPS: '12', SIMULATOR_FROZEN: 'false' }], {
    LOG_EVERY_SECONDS: '3600',
  });
  try {
    const [org] = seatwise.orgs as [TestOrg];
    const { api } = await seatwise.workspace('Bench');
    const connection = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
    await api.call('PATCH', `/connections/${connection.id}`, { syncEveryMinutes: 1440 });
    await seatwise.ended(api, connection);
    const database = await createConnection(seatwise.servers.mongoUrl, { dbName: 'bare' }).asPromise();
    const bench = new Bench(seatwise, org, api, connection.id, (database.db as mongo.Db).collection('actions'));
    const waits = await bench.waits();
    say(`an action calls Okta after ${waits.called.p50} ms (p50), ${waits.called.p99} ms (p99)`);
    const speed = await bench.speed(each);
    say(`${speed.actions} actions in ${speed.seconds.toFixed(1)} s, bare in ${speed.bareSeconds.toFixed(1)} s`);
    await database.close();
    return { waits, speed };
  } finally {
    await seatwise.stop();
  }
}

class Bench {
  private readonly used = new Set<string>();

  constructor(
    private readonly seatwise: Seatwise,
    private readonly org: TestOrg,
    private readonly api: Api,
    private readonly connection: string,
    private readonly writes: mongo.Collection,
  ) {}

  /** By turns an action and the bare hops, one at a time. */
  async waits(): Promise<ActionWaits> {
    const people = await this.some(waitsMeasured, () => true);
    const hops = await this.hops();
    const times = { asked: [], called: [], whole: [], bare: [], bareCore: [] } as Record<
      Exclude<keyof ActionWaits, 'actions'>,
      number[]
    >;
    for (const person of people) {
      times.bare.push(await timed(() => this.hop(hops.stream)));
      times.bareCore.push(await timed(() => this.hop(hops.core)));
      const { number } = await this.lastRequest();
      const started = performance.now();
      const record = await this.done({ action: 'suspend_user', person });
      times.whole.push(performance.now() - started);
      const [look, act] = await this.requestsAfter(number);
      if (act?.method !== 'POST') throw new Error('the second request of a suspension is another one');
      times.asked.push(look!.at - Date.parse(record.createdAt));
      times.called.push(act.at - Date.parse(record.createdAt));
      // What follows from it is over by then.
      await sleep(50);
    }
    await hops.close();
    const figures = Object.entries(times).map(([name, of]) => [name, percentiles(of)]);
    return { actions: people.length, ...(Object.fromEntries(figures) as Record<keyof typeof times, Percentiles>) };
  }

  /** Three kinds of actions on different people, there and back. */
  async speed(each: number): Promise<ActionSpeed> {
    const pairs = await this.pairs(each + 1);
    const sent = new Map<ActionName, Sent[]>();
    for (const { there, back, parameters, people } of pairs) {
      const person = people.pop()!;
      for (const action of [there, back]) sent.set(action, await this.sentFor({ action, person, parameters }));
    }
    const rounds = (['there', 'back'] as const).map((way) =>
      Array.from({ length: each }).flatMap((_none, n) =>
        pairs.map((pair) => ({ action: pair[way], person: pair.people[n]!, parameters: pair.parameters })),
      ),
    );
    const through = async (work: (wish: Wish & { person: string }) => Promise<unknown>) => {
      const before = await this.lastRequest();
      const milliseconds = await timed(async () => {
        for (const round of rounds) await atOnce(inFlight, round, work);
      });
      return { seconds: milliseconds / 1_000, requests: (await this.lastRequest()).number - before.number };
    };
    const ours = await through((wish) => this.done(wish));
    const agent = new Agent({ connections: inFlight });
    const bare = await through(async ({ action, person }) => {
      for (const { method, path, body } of sent.get(action)!) {
        const response = await request(this.org.url + path.replace(somebody, person), {
          dispatcher: agent,
          method,
          headers: { authorization: `SSWS ${this.org.token}`, 'content-type': 'application/json' },
          ...(method !== 'GET' && { body: body?.replace(somebody, person) ?? '' }),
        });
        await response.body.dump();
        // Who is not assigned any more is not found: the last look says so.
        if (response.statusCode >= 400 && response.statusCode !== 404)
          throw new Error(`${method} ${path} answered ${response.statusCode}`);
      }
      await this.writes.insertOne({ action, person, at: new Date() }, journaled);
    });
    await agent.close();
    return {
      actions: 6 * each,
      atOnce: inFlight,
      ...ours,
      bareSeconds: bare.seconds,
      bareRequests: bare.requests,
    };
  }

  private async done(wish: Wish): Promise<ActionDto> {
    const { record, code } = await ended(this.api, this.connection, wish);
    if (record?.state !== 'done' || record.effect !== 'changed')
      throw new Error(`${wish.action} ended ${record?.state} (${record?.fault?.code ?? code})`);
    return record;
  }

  /** What one action sends to Okta, by doing it. */
  private async sentFor(wish: Wish & { person: string }): Promise<Sent[]> {
    const { number } = await this.lastRequest();
    const { requests } = await this.done(wish);
    return (await this.requestsAfter(number)).map(({ method, path, query }) => {
      const acting = method === 'GET' ? undefined : requests.find((one) => one.method === method);
      return {
        method,
        path: (path + query).replace(wish.person, somebody),
        ...(acting?.body && { body: JSON.stringify(acting.body).replace(wish.person, somebody) }),
      };
    });
  }

  private async pairs(each: number): Promise<Pair[]> {
    const truth = <T>(kind: string) => truthOf<T>(this.org, kind);
    const ruled = new Set((await truth<{ group: string }>('rules')).map(({ group }) => group));
    const byGroup = new Set((await truth<{ app: string }>('group-assignments')).map(({ app }) => app));
    const groups = await truth<{ id: string; type: string }>('groups');
    const apps = await truth<{ id: string; status: string }>('apps');
    const group = groups.find(({ id, type }) => type === 'OKTA_GROUP' && !ruled.has(id))!.id;
    const app = apps.find(({ id, status }) => status === 'ACTIVE' && !byGroup.has(id))!.id;
    const memberships = await truth<{ group: string; person: string }>('memberships');
    const assignments = await truth<{ app: string; person: string }>('assignments');
    const members = new Set(memberships.filter((one) => one.group === group).map(({ person }) => person));
    const assigned = new Set(assignments.filter((one) => one.app === app).map(({ person }) => person));
    return [
      {
        there: 'suspend_user',
        back: 'unsuspend_user',
        parameters: {},
        people: await this.some(each, () => true),
      },
      {
        there: 'add_user_to_group',
        back: 'remove_user_from_group',
        parameters: { group },
        people: await this.some(each, (person) => !members.has(person)),
      },
      {
        there: 'assign_user_to_app',
        back: 'unassign_user_from_app',
        parameters: { app },
        people: await this.some(each, (person) => !assigned.has(person)),
      },
    ];
  }

  /** Active people whom nothing was done to yet. */
  private async some(count: number, fits: (person: string) => boolean): Promise<string[]> {
    // The first is who made the token.
    const people = (await truthOf<TruePerson>(this.org, 'people')).slice(1);
    const found = people
      .filter(({ id, status }) => status === 'ACTIVE' && !this.used.has(id) && fits(id))
      .slice(0, count)
      .map(({ id }) => id);
    if (found.length < count) throw new Error(`the org has not enough active people: ${found.length} of ${count}`);
    for (const id of found) this.used.add(id);
    return found;
  }

  private async lastRequest(): Promise<{ number: number }> {
    const { requests } = await this.org.control<{ requests: number }>('GET', 'ledger');
    return { number: requests };
  }

  private requestsAfter(number: number): Promise<LedgerRequest[]> {
    return this.org.control<LedgerRequest[]>('GET', `ledger/requests?after=${number}&limit=100`);
  }

  /** A record is kept, and somebody else hears of it. */
  private async hop(carry: () => Promise<void>): Promise<void> {
    await this.writes.insertOne({ at: new Date() }, journaled);
    await carry();
  }

  private async hops(): Promise<{
    core: () => Promise<void>;
    stream: () => Promise<void>;
    close: () => Promise<void>;
  }> {
    const { nats } = this.seatwise;
    const connection = await nats.connection();
    const streams = new Streams(nats);
    const manager = await streams.manager();
    await manager.streams.add({ name: 'BARE', subjects: ['bare.stream'] });
    const client = await streams.jetstream();
    let heard = ignored;
    const consumer = await client.consumers.get('BARE');
    const messages = await consumer.consume({ callback: () => heard() });
    const answering = connection.subscribe('bare.core', { callback: (_error, message) => void message.respond() });
    return {
      core: async () => void (await connection.request('bare.core', 'hop')),
      stream: async () => {
        const arrived = new Promise<void>((resolve) => (heard = resolve));
        void client.publish('bare.stream', 'hop');
        await arrived;
      },
      close: async () => {
        answering.unsubscribe();
        await messages.close();
        await manager.streams.delete('BARE');
      },
    };
  }
}
