import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  check,
  cloudEventType,
  event,
  eventEntry,
  InvalidRequest,
  newId,
  Refusal,
  request,
  type EventType,
} from '@seatwise/contracts';
import { testServers } from '@seatwise/testing';
import { IsInt, IsString } from 'class-validator';
import {
  Nats,
  Bus,
  Consumes,
  DeadLetters,
  Handles,
  MessagingModule,
  Queues,
  routeOf,
  SharedMap,
  StreamConsumer,
  Streams,
  TryLater,
  type MessageContext,
} from './index.js';

class Question {
  @IsString()
  text!: string;
}
class Answer {
  @IsString()
  text!: string;
}
class CountedV1 {
  @IsInt()
  n!: number;
}

const ask = request('test.ask', Question, Answer, { timeoutMs: 2_000 });
const unanswered = request('test.unanswered', Question, Answer, { timeoutMs: 500 });
const counted = event('test.counted', 1, CountedV1);
/** What no consumer of these tests wants. */
const uncounted = event('test.uncounted', 1, CountedV1);
/** Of a consumer that is deleted. */
const remadeFor = event('test.remade', 1, CountedV1);
/** What takes its handler long. */
const lengthy = event('test.lengthy', 1, CountedV1);
const workspace = newId('ws');
const seen: { n: number; id: string; delivery: number }[] = [];
let refuse: (context: MessageContext, n: number) => void | Promise<void> = () => undefined;

@Injectable()
class Participant {
  @Handles(ask)
  answer(dto: Question): Promise<Answer> {
    if (dto.text === 'refuse') throw new Refusal('person_not_found', 'Nobody of that name.');
    if (dto.text === 'break') throw new Error('the secret inside');
    return Promise.resolve({ text: dto.text.toUpperCase() });
  }

  @Consumes(counted, { stream: 'EVENTS', durable: 'test-counts', concurrency: 4, ackWaitMs: 2_000, maxFailures: 2 })
  async count(payload: CountedV1, context: MessageContext): Promise<void> {
    await refuse(context, payload.n);
    seen.push({ n: payload.n, id: context.id, delivery: context.delivery });
  }
}

/** What is looked at, as soon as it fits; an error when it does not within half a minute. */
async function until<T>(look: () => T | Promise<T>, fits: (value: T) => boolean): Promise<T> {
  const last = Date.now() + 30_000;
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
    if (Date.now() > last) throw new Error(`waited in vain; the last was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('messaging', () => {
  let app: INestApplicationContext;
  let bus: Bus;
  let streams: Streams;
  let deadLetters: DeadLetters;

  beforeAll(async () => {
    const { natsUrl } = await testServers();
    @Module({ imports: [MessagingModule.forRoot({ servers: natsUrl, name: 'test' })], providers: [Participant] })
    class TestModule {}
    app = await NestFactory.createApplicationContext(TestModule, { logger: false });
    bus = app.get(Bus);
    streams = app.get(Streams);
    deadLetters = app.get(DeadLetters);
  });
  afterAll(() => app.close());
  beforeEach(() => {
    refuse = () => undefined;
    seen.length = 0;
  });

  const publish = <P extends object>(type: EventType<P>, payload: P, id = newId('evt')) =>
    streams.publishEntry({ ...eventEntry(type, workspace, payload), id });

  it('answers a request', async () => {
    await expect(bus.request(ask, { text: 'hello' })).resolves.toEqual({ text: 'HELLO' });
  });

  it('carries a refusal whole, and nothing of an unforeseen error', async () => {
    await expect(bus.request(ask, { text: 'refuse' })).rejects.toMatchObject({
      code: 'person_not_found',
      detail: 'Nobody of that name.',
    });
    const broken = await bus.request(ask, { text: 'break' }).catch((error: unknown) => error as Refusal);
    expect(broken).toMatchObject({ code: 'internal_error' });
    expect(JSON.stringify(broken)).not.toContain('secret');
  });

  it('refuses a request that does not fit, and says when nobody listens', async () => {
    await expect(bus.request(ask, { text: 7 as unknown as string })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(bus.request(unanswered, { text: 'x' })).rejects.toMatchObject({ code: 'service_unavailable' });
  });

  it('answers what it has taken before it ends, and takes nothing more', async () => {
    const slow = request('test.slow', Question, Answer, { timeoutMs: 5_000 });
    const quick = request('test.quick', Question, Answer);
    const { promise: taken, resolve: take } = Promise.withResolvers<void>();
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    @Injectable()
    class Slow {
      @Handles(slow)
      async answer({ text }: Question): Promise<Answer> {
        take();
        await done;
        return { text };
      }

      @Handles(quick)
      answerAtOnce({ text }: Question): Promise<Answer> {
        return Promise.resolve({ text });
      }
    }
    const { natsUrl } = await testServers();
    @Module({ imports: [MessagingModule.forRoot({ servers: natsUrl, name: 'leaving' })], providers: [Slow] })
    class LeavingModule {}
    const leaving = await NestFactory.createApplicationContext(LeavingModule, { logger: false });
    // The server hears of what is handled a moment after this process does.
    await until(
      () => bus.request(quick, { text: 'there' }).catch(() => undefined),
      (answer) => answer?.text === 'there',
    );
    const answered = bus.request(slow, { text: 'first' });
    await taken;
    let closed = false;
    const closing = leaving.close().then(() => (closed = true));
    const code = await until(
      () => bus.request(quick, { text: 'second' }).catch((error: Refusal) => error.code),
      (refused) => refused === 'service_unavailable',
    );
    expect(code).toBe('service_unavailable');
    // Whoever did not wait would be gone by the next answer of the server.
    await Promise.race([closing, bus.request(ask, { text: 'x' })]);
    expect(closed).toBe(false);
    finish();
    await expect(answered).resolves.toEqual({ text: 'first' });
    await closing;
  });

  it('stores an event once for its id, and delivers it', async () => {
    const id = newId('evt');
    await publish(counted, { n: 1 }, id);
    await publish(counted, { n: 1 }, id);
    await publish(counted, { n: 2 });
    await until(
      () => seen,
      (list) => list.some(({ n }) => n === 2),
    );
    expect(seen.map(({ n }) => n).sort((a, b) => a - b)).toEqual([1, 2]);
  });

  it('delivers again what a handler could not take yet, without calling it a failure', async () => {
    refuse = ({ delivery }) => {
      if (delivery < 4) throw new TryLater(10);
    };
    await publish(counted, { n: 3 });
    await until(
      () => seen,
      (list) => list.length > 0,
    );
    expect(seen).toMatchObject([{ n: 3, delivery: 4 }]);
  });

  it('waits for a server that is away instead of parking the message', async () => {
    refuse = ({ delivery }) => {
      if (delivery < 4) throw Object.assign(new Error('no primary'), { name: 'MongoServerSelectionError' });
    };
    await publish(counted, { n: 4 });
    await until(
      () => seen,
      (list) => list.length > 0,
    );
    expect(seen).toMatchObject([{ n: 4, delivery: 4 }]);
  });

  /** Other files park their own in the same stream. */
  const parked = async (fits: (payload: string) => boolean) => {
    for await (const letter of deadLetters.list())
      if (letter.subject.includes(workspace) && fits(letter.payload)) return letter;
    return undefined;
  };

  it('parks what does not fit its contract, with the reason, and goes on', async () => {
    await publish(counted, { n: 'five' } as unknown as CountedV1);
    await publish(counted, { n: 6 });
    const letter = await until(() => parked((payload) => payload.includes('five')), Boolean);
    expect(letter).toMatchObject({
      stream: 'EVENTS',
      consumer: 'test-counts',
      reason: expect.stringContaining('n must be an integer') as string,
    });
    await until(
      () => seen,
      (list) => list.some(({ n }) => n === 6),
    );
  });

  it('publishes an event as a CloudEvent in binary mode, timed by its entry, under its id as the message id', async () => {
    const id = newId('evt');
    const entry = eventEntry(uncounted, workspace, { n: 9 });
    await streams.publishEntry({ ...entry, id, createdAt: new Date('2026-11-23T09:15:00Z') });
    const manager = await streams.manager();
    const stored = await manager.streams.getMessage('EVENTS', { last_by_subj: entry.subject });
    const own = stored!.header.keys().filter((name) => name !== 'traceparent' && name !== 'Nats-Expected-Stream');
    expect(Object.fromEntries(own.map((name) => [name, stored!.header.get(name)]))).toEqual({
      'Nats-Msg-Id': id,
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': `urn:seatwise:workspace:${workspace}`,
      'ce-type': 'seatwise.v1.test.uncounted',
      'ce-time': '2026-11-23T09:15:00.000Z',
      'ce-dataschema': 'urn:seatwise:schema:test.uncounted.v1',
      'ce-workspace': workspace,
      'content-type': 'application/json',
    });
    expect(stored!.json()).toEqual({ n: 9 });
  });

  it('names the address of the schema of an event where it is told what that begins with', async () => {
    const nats = new Nats({
      servers: (await testServers()).natsUrl,
      name: 'addressed',
      publicUrl: 'https://seatwise.example',
    });
    const entry = eventEntry(uncounted, workspace, { n: 10 });
    await new Streams(nats).publishEntry({ ...entry, id: newId('evt') });
    const manager = await streams.manager();
    const stored = await manager.streams.getMessage('EVENTS', { last_by_subj: entry.subject });
    expect(stored!.header.get('ce-dataschema')).toBe('https://seatwise.example/api/v1/schemas/test.uncounted.v1.json');
    await nats.onApplicationShutdown();
  });

  it('parks what does not say which event it is, and passes over a version that it does not know', async () => {
    const { subject } = eventEntry(counted, workspace, { n: 0 });
    const send = (n: number, headers: Record<string, string>) =>
      streams.publish('EVENTS', subject, { n }, { id: newId('evt'), headers });
    await send(501, {});
    await send(502, { 'ce-type': cloudEventType({ ...counted, version: 2 }) });
    await send(503, { 'ce-type': cloudEventType(counted) });
    await until(
      () => seen,
      (list) => list.some(({ n }) => n === 503),
    );
    const letter = await until(() => parked((payload) => payload === '{"n":501}'), Boolean);
    expect(letter?.reason).toContain('ce-type: the header that names the event is missing');
    await expect(parked((payload) => payload === '{"n":502}')).resolves.toBeUndefined();
    expect(seen.map(({ n }) => n)).toEqual([503]);
  });

  it('keeps with what is parked the trace in which it failed, and finds it among the newest', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { subject } = eventEntry(counted, workspace, { n: 8 });
    await streams.publish('EVENTS', subject, Buffer.from('not JSON'), {
      id: newId('evt'),
      headers: { 'ce-type': cloudEventType(counted), traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    const letter = await until(() => parked((payload) => payload === 'not JSON'), Boolean);
    expect(letter?.traceId).toBe(traceId);
    const newest: number[] = [];
    for await (const { sequence } of deadLetters.list({ newest: 1 })) newest.push(sequence);
    expect(newest).toHaveLength(1);
    expect(newest[0]).toBeGreaterThanOrEqual(letter!.sequence);
  });

  it('says how much waits in each queue', async () => {
    const free: (() => void)[] = [];
    refuse = () => new Promise((resolve) => free.push(resolve));
    for (let n = 20; n < 30; n++) await publish(counted, { n });
    const queue = await until(
      async () => (await app.get(Queues).standing()).find((one) => one.queue === 'test-counts'),
      (found) => (found?.waiting ?? 0) > 0,
    );
    expect(queue!.waiting + queue!.inWork).toBe(10);
    refuse = () => undefined;
    for (const resolve of free) resolve();
    await until(
      () => seen,
      (list) => list.length === 10,
    );
  });

  it('parks what fails again and again; replayed, it arrives', async () => {
    refuse = (_context, n) => {
      if (n === 7) throw new Error('cannot count to seven');
    };
    const id = newId('evt');
    await publish(counted, { n: 7 }, id);
    const letter = await until(() => parked((payload) => payload.includes('7')), Boolean);
    expect(letter?.reason).toBe('cannot count to seven');
    expect(seen).toEqual([]);
    refuse = () => undefined;
    await expect(deadLetters.replay(letter!.sequence)).resolves.toBe(true);
    await until(
      () => seen,
      (list) => list.some((one) => one.n === 7 && one.id === id),
    );
    await expect(parked((payload) => payload.includes('7'))).resolves.toBeUndefined();
  });

  it('knows the oldest of several that wait, though events of others lie between them', async () => {
    const order: number[] = [];
    refuse = async (context, n) => {
      if (!(await context.isOldest())) throw new TryLater(20);
      order.push(n);
    };
    await publish(uncounted, { n: 0 });
    await Promise.all(Array.from({ length: 12 }, (_, n) => publish(counted, { n })));
    await until(
      () => order,
      ({ length }) => length === 12,
    );
    expect(new Set(order).size).toBe(12);
  });

  it('brings a message back no sooner than was asked, also after a part of a millisecond', async () => {
    const times: number[] = [];
    const consumer = new StreamConsumer(
      streams,
      deadLetters,
      {
        stream: 'EVENTS',
        durable: 'test-later',
        subjects: [`seatwise.v1.${workspace}.test.counted`],
        concurrency: 1,
      },
      [
        routeOf(counted, ({ n }) => {
          if (n !== 300) return Promise.resolve();
          times.push(Date.now());
          return times.length === 1 ? Promise.reject(new TryLater(400.123)) : Promise.resolve();
        }),
      ],
    );
    await publish(counted, { n: 300 });
    consumer.start();
    await until(
      () => times,
      (list) => list.length === 2,
    );
    await consumer.stop();
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(395);
  });

  it('is given no more than it has places for, however long its handlers take', async () => {
    const durable = 'test-slow';
    const deliveries: number[] = [];
    const inWork: number[] = [];
    const standing = async () => (await streams.manager()).consumers.info('EVENTS', durable);
    const slow = new StreamConsumer(
      streams,
      deadLetters,
      {
        stream: 'EVENTS',
        durable,
        subjects: [`seatwise.v1.${workspace}.test.lengthy`],
        concurrency: 2,
        ackWaitMs: 1_000,
        askMs: 1_000,
      },
      [
        routeOf(lengthy, async (_, { delivery }) => {
          // Longer than what the server waits for an acknowledgement, and than one request for messages.
          await sleep(1_500);
          // The server may take an acknowledgement after it has handed out what comes next.
          const few = until(standing, (now) => now.num_ack_pending <= 2);
          const { num_ack_pending } = await Promise.race([few, sleep(2_000).then(standing)]);
          inWork.push(num_ack_pending);
          deliveries.push(delivery);
        }),
      ],
    );
    for (let n = 0; n < 8; n += 1) await publish(lengthy, { n });
    slow.start();
    await until(
      () => deliveries,
      ({ length }) => length >= 8,
    );
    await slow.stop();
    expect(deliveries).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(Math.max(...inWork)).toBe(2);
    expect((await standing()).num_pending).toBe(0);
  });

  it('does not acknowledge, in a consumer that was made anew, what it was given by the one before', async () => {
    const durable = 'test-remade';
    const deliveries: number[] = [];
    const { promise: remade, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: first, resolve: firstIsDone } = Promise.withResolvers<void>();
    const consumer = new StreamConsumer(
      streams,
      deadLetters,
      { stream: 'EVENTS', durable, subjects: [`seatwise.v1.${workspace}.test.remade`], concurrency: 2 },
      [
        routeOf(remadeFor, async (_, { delivery }) => {
          deliveries.push(delivery);
          if (deliveries.length === 1) {
            await remade;
            setImmediate(() => firstIsDone());
            return;
          }
          await first;
          if (deliveries.length === 2) throw new TryLater(10);
        }),
      ],
    );
    await publish(remadeFor, { n: 1 });
    consumer.start();
    await until(
      () => deliveries,
      ({ length }) => length === 1,
    );
    await (await streams.manager()).consumers.delete('EVENTS', durable);
    await until(
      () => deliveries,
      ({ length }) => length === 2,
    );
    goOn();
    await until(
      () => deliveries,
      ({ length }) => length === 3,
    );
    await consumer.stop();
    expect(deliveries).toEqual([1, 1, 2]);
  });

  it('shows the heads of events alone, reads those that are wanted, and parks one that fails whole', async () => {
    const took: (string | undefined)[][] = [];
    const heads = new StreamConsumer(
      streams,
      deadLetters,
      {
        stream: 'EVENTS',
        durable: 'test-heads',
        subjects: [`seatwise.v1.${workspace}.test.uncounted`],
        concurrency: 1,
        headersOnly: true,
        maxFailures: 1,
      },
      {
        handleHead: async ({ attributes, data }) => {
          if (attributes.id === wanted) took.push([attributes.type, attributes.workspace, await data()]);
          if (attributes.id === hated) throw new Error('it is hated');
        },
      },
    );
    const [wanted, hated] = [newId('evt'), newId('evt')];
    await publish(uncounted, { n: 40_001 }, hated);
    await publish(uncounted, { n: 40_002 }, wanted);
    heads.start();
    await until(
      () => took,
      ({ length }) => length === 1,
    );
    expect(took).toEqual([['seatwise.v1.test.uncounted', workspace, '{"n":40002}']]);
    const letter = await until(() => parked((payload) => payload.includes('40001')), Boolean);
    expect(letter).toMatchObject({ consumer: 'test-heads', reason: 'it is hated', payload: '{"n":40001}' });
    await heads.stop();
  });

  it('takes over a consumer that was made with other settings', async () => {
    const durable = 'test-settings';
    const took: number[] = [];
    const subject = `seatwise.v1.${workspace}.test.counted`;
    const consumer = (ackWaitMs: number, subjects: string[]) =>
      new StreamConsumer(streams, deadLetters, { stream: 'EVENTS', durable, subjects, concurrency: 1, ackWaitMs }, [
        routeOf(counted, ({ n }) => Promise.resolve(void took.push(n))),
      ]);
    await publish(counted, { n: 100 });
    for (const [ackWaitMs, n, subjects] of [
      [2_000, 100, [subject]],
      [3_000, 101, [subject, `${subject}.more`]],
      [3_000, 102, [subject]],
    ] as const) {
      const one = consumer(ackWaitMs, [...subjects]);
      one.start();
      if (n > 100) await publish(counted, { n });
      await until(
        () => took,
        (list) => list.includes(n),
      );
      await one.stop();
    }
  });

  it('lets one of many writers win in the shared map', async () => {
    const map = app.get(SharedMap);
    const key = `race.${newId('evt')}`;
    const made = await Promise.all(Array.from({ length: 20 }, (_, n) => map.put(key, String(n), null)));
    expect(made.filter(Boolean)).toHaveLength(1);
    const { revision } = (await map.get(key))!;
    const updated = await Promise.all(Array.from({ length: 20 }, (_, n) => map.put(key, String(n), revision)));
    expect(updated.filter(Boolean)).toHaveLength(1);
  });
});

describe('checking on arrival', () => {
  it('leaves unknown fields out on the bus and refuses them at the door', () => {
    expect(check(Question, { text: 'a', later: 1 })).toEqual({ text: 'a' });
    expect(() => check(Question, { text: 'a', later: 1 }, { strict: true })).toThrow(InvalidRequest);
  });
});
