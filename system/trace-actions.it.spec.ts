import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { spanKind, startTraceSink, type SinkSpan, type TraceSink } from '@seatwise/testing';
import { ended, truthOf, type Ended, type TruePerson, type Wish } from '../tools/actions/acting.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import type { Api } from '../tools/start/api.js';
import { searched } from './searched.js';

const password = (): string => `Aa1-${randomUUID()}`;

const isMongo = ({ attributes }: SinkSpan) => attributes['db.system.name'] === 'mongodb';

/** A consumer's span by the queue that it takes from, any other by its name. */
const nameOf = ({ name, kind, attributes }: SinkSpan) =>
  kind === spanKind.consumer ? `${String(attributes['messaging.consumer.group.name'])} process` : name;
const publish = (event: string) => `publish seatwise.v1.{workspace}.${event}`;

describe('one action, seen from outside', () => {
  let seatwise: Seatwise;
  let sink: TraceSink;
  let org: TestOrg;
  let api: Api;
  let connection: string;
  let people: TruePerson[];
  /** Whatever went over the bus while it was listened to. */
  const heard: string[] = [];

  beforeAll(async () => {
    sink = await startTraceSink();
    seatwise = await Seatwise.start([{ SIMULATOR_PEOPLE: '300', SIMULATOR_FROZEN: 'false' }], sink.env);
    [org] = seatwise.orgs as [TestOrg];
    ({ api } = await seatwise.workspace('Traced'));
    const made = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
    connection = made.id;
    await seatwise.ended(api, made);
    people = await truthOf<TruePerson>(org, 'people');
    (await seatwise.nats.connection()).subscribe('>', {
      callback: (_error, message) => void heard.push(`${message.subject} ${message.string()}`),
    });
  });
  afterAll(async () => {
    await seatwise.stop();
    await sink.close();
  });

  const someone = (status = 'ACTIVE'): string => {
    const at = people.findLastIndex((person) => person.status === status);
    return people.splice(at, 1)[0]!.id;
  };

  it('is one trace from the HTTP request over NATS, Okta and MongoDB to the last who hears of its end', async () => {
    const { record } = await ended(api, connection, { action: 'suspend_user', person: someone() });
    expect(record).toMatchObject({ state: 'done', effect: 'changed', verified: true });
    const ends = [
      'gateway-audit process',
      'gateway-audit process',
      'sync-sightings process',
      'usage-directory process',
    ];
    const door = 'POST /api/v1/connections/:connection/actions';
    const spans = await until(
      () => Promise.resolve(sink.spans().filter(({ traceId }) => traceId === record!.traceId)),
      (seen) => {
        const names = seen.map(nameOf);
        const ids = new Set(seen.map(({ spanId }) => spanId));
        return (
          [door, ...ends].every((name) => names.includes(name) && names.splice(names.indexOf(name), 1)) &&
          // Each service sends its own, and what a span lies in ends after it.
          seen.every(({ parentSpanId }) => !parentSpanId || ids.has(parentSpanId))
        );
      },
    );
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const walkFrom = (from: SinkSpan | undefined): string[] => {
      const walk: string[] = [];
      for (let span = from; span; span = byId.get(span.parentSpanId ?? ''))
        walk.push(`${span.service}: ${nameOf(span)}`);
      return walk;
    };
    const walks = ends.slice(1).map((name) => walkFrom(spans.findLast((span) => nameOf(span) === name)));
    const asked = [
      `action-service: ${publish('action.requested')}`,
      'action-service: process seatwise.rpc.actions.request',
      'gateway: request seatwise.rpc.actions.request',
      `gateway: ${door}`,
    ];
    const seen = [
      'sync-service: sync-sightings process',
      'action-service: publish seatwise.internal.{workspace}.directory.seen',
      'action-service: action-work process',
      ...asked,
    ];
    expect(walks).toEqual([
      [
        'gateway: gateway-audit process',
        `action-service: ${publish('action.done')}`,
        'action-service: action-work process',
        ...asked,
      ],
      seen,
      ['usage-aggregator: usage-directory process', `sync-service: ${publish('person.changed')}`, ...seen],
    ]);
    const work = spans.find((span) => nameOf(span) === 'action-work process')!;
    const within = spans
      .filter(({ parentSpanId }) => parentSpanId === work.spanId)
      .toSorted((a, b) => Number(a.startedAt - b.startedAt));
    const person = 'GET /api/v1/users/{id}';
    expect(within.map(({ name }) => name).filter((name) => name.includes('/api/v1/'))).toEqual([
      person,
      'POST /api/v1/users/{id}/lifecycle/{id}',
      person,
    ]);
    // It is kept before it is sent, and ended after it was looked at again.
    const [look, act, verify] = within.flatMap(({ name }, at) => (name.includes('/api/v1/') ? [at] : []));
    const names = within.map((span) => (isMongo(span) ? span.name : ''));
    expect(names.slice(look, act)).toContain('update actions');
    expect(names.slice(verify)).toContain('commitTransaction $cmd');
  }, 60_000);

  it('keeps nowhere what it was given or answered in secret, also when it is killed in the middle', async () => {
    const reason = `Searched for ${randomUUID()}`;
    const act = (wish: Wish, key?: string) => ended(api, connection, { reason, ...wish }, key);
    const [first, second, third, weak] = [
      password(),
      password(),
      password(),
      `weak${randomUUID().replace(/[0-9]/g, '')}`,
    ];
    const secrets = [first, second, third, weak];
    const look = () => searched(seatwise, sink, secrets, heard);

    const person = someone();
    const change = (parameters: object) => ({ action: 'change_user_password', person, parameters }) as Wish;
    const key = randomUUID();
    expect((await act(change({ password: first }), key)).record).toMatchObject({ state: 'done' });
    // Sent again by a caller whose answer was lost.
    expect((await act(change({ password: first }), key)).record).toMatchObject({ state: 'done' });
    expect(await act(change({ password: weak }))).toMatchObject({ code: 'password_policy' });

    const slow = { kind: 'latency', path: `${person}/credentials`, milliseconds: 8_000, times: 1 };
    await org.control('PUT', 'faults', [slow]);
    const interrupted = act(change({ password: second, oldPassword: first }));
    await until(
      () => org.control<{ acted: number }[]>('GET', 'faults'),
      ([fault]) => fault!.acted === 1,
    );
    const service = seatwise.services.get('action-service')!;
    await service.kill();
    expect(await sealedSecrets()).toHaveLength(1);
    expect((await look()).found).toEqual([]);
    await service.restart();
    expect((await interrupted).record).toMatchObject({ state: 'done', effect: 'changed', requests: [{ sent: 1 }] });

    const login = `${randomUUID()}@example.com`;
    const profile = { login, email: login, firstName: 'New', lastName: 'Person' };
    await act({ action: 'create_user', parameters: { profile, password: third } });
    const answers: Ended[] = [
      await act({ action: 'activate_user', person: someone('STAGED'), parameters: { sendEmail: false } }),
      await act({ action: 'expire_user_password', person: someone(), parameters: { temporaryPassword: true } }),
      await act({ action: 'reset_user_password', person: someone(), parameters: { sendEmail: false } }),
    ];
    const answered = answers.flatMap(({ answer }) => Object.values(answer ?? {}));
    expect(answered).toHaveLength(4);
    // Of a link its end is the secret.
    secrets.push(...answered, ...answered.map((text) => text.split('/').at(-1)!));

    const { traceId } = answers.at(-1)!.record!;
    await until(
      () => Promise.resolve(sink.spans()),
      (spans) =>
        spans.filter((span) => span.traceId === traceId && nameOf(span) === 'gateway-audit process').length === 2,
    );
    expect(await sealedSecrets()).toEqual([]);
    expect((await look()).found).toEqual([]);
    for (const path of ['/actions?limit=200', '/audit?limit=200', '/audit.csv']) {
      const text = await (await api.send('GET', path)).text();
      expect(text).toContain(reason);
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    }
    // What is no secret is found in all of these places.
    const open = await searched(seatwise, sink, [reason, traceId!, org.url], heard);
    expect(open.found).toEqual(
      expect.arrayContaining(['actions.actions', 'gateway.audit', 'local.oplog.rs', 'EVENTS', 'bus', 'traces']),
    );
    expect(open.logs).toBeGreaterThan(1_000);
  }, 300_000);

  async function sealedSecrets(): Promise<unknown[]> {
    const client = await MongoClient.connect(seatwise.servers.mongoUrl);
    const sealed = await client.db('actions').collection('actions').distinct('sealedSecrets');
    await client.close();
    return sealed.filter((one) => one !== null);
  }
});
