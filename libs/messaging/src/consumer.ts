import { setTimeout as sleep } from 'node:timers/promises';
import {
  check,
  cloudEventAttributes,
  cloudEventType,
  InvalidRequest,
  type EventType,
  type Shape,
} from '@seatwise/contracts';
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiError,
  type Consumer,
  type ConsumerMessages,
  type JsMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { createLogger, gauge } from '@seatwise/observability';
import type { DeadLetters } from './dead-letters.js';
import type { StreamName, Streams } from './streams.js';
import { inMessageSpan, SpanKind, type Outcome } from './tracing.js';
import { isTransient } from './transient.js';
import { TryLater } from './try-later.js';

const log = createLogger('consumer');

/** Those that take messages in this process. */
const taking = new Set<StreamConsumer>();

/** What waits for each of them, all replicas together: what its service is scaled by. */
const pending = gauge(
  'stream_pending_messages',
  'Messages not yet taken, or in work',
  ['stream', 'durable'],
  async () => {
    const standing = await Promise.all(
      // One whose stream is not there yet has nothing that waits.
      [...taking].map(async (consumer) => [consumer, await consumer.pending().catch(() => undefined)] as const),
    );
    pending.reset();
    for (const [{ queue }, count] of standing) if (count !== undefined) pending.set(queue, count);
  },
);

/** What a handler knows of its message beside the payload. */
export interface MessageContext {
  subject: string;
  /** The event's id, the same at every delivery. */
  id: string;
  /** Its place in the stream. */
  sequence: number;
  /** 1 at the first delivery. */
  delivery: number;
  /** True when every earlier message of the stream that this consumer wants has been acknowledged. */
  isOldest(): Promise<boolean>;
}

export interface ConsumerOptions {
  stream: StreamName;
  /** The durable name: all replicas that use it share its messages. */
  durable: string;
  subjects: string[];
  /** Messages in work at once in this process. */
  concurrency: number;
  /** Milliseconds without a sign of life after which the server gives the message to another replica. */
  ackWaitMs?: number;
  /** Milliseconds, at least 1,000, for which the server keeps one request for messages before it is made anew. */
  askMs?: number;
  /** The server hands out the headers alone; who wants to know the rest of a message asks for it. */
  headersOnly?: boolean;
  /** Failures of a message in one process, server outages and `TryLater` not counted, after which it is parked. */
  maxFailures?: number;
}

export interface Route {
  /** The event's {@link cloudEventType}, or `*` for whatever arrives. */
  type: string;
  Payload: Shape<object>;
  handle: (payload: object, context: MessageContext) => Promise<void>;
}

/** What became of a message, and how the server is told. */
type Settled = [outcome: Outcome, tell: () => void];

/** An event of which only the headers have come. */
export interface EventHead {
  /** The attributes of the CloudEvent: `id`, `type`, `time`, `workspace` and so on. */
  attributes: Record<string, string>;
  /** The data as it was published, a JSON text; undefined: the stream does not have the event any more. */
  data: () => Promise<string | undefined>;
}

/** For a consumer of heads: whatever arrives goes to one handler, and only the handler knows whether it is read. */
export interface HeadRoute {
  handleHead: (head: EventHead) => Promise<void>;
}

export const routeOf = <P extends object>(
  type: EventType<P>,
  handle: (payload: P, context: MessageContext) => Promise<void>,
): Route => ({
  type: cloudEventType(type),
  Payload: type.Payload,
  handle: handle as Route['handle'],
});

/**
 * A durable pull consumer: acknowledges only after the handler is done, so at least once. A message that does not fit
 * its contract, or fails again and again, is parked with its reason; one whose failure is a server's absence waits.
 */
export class StreamConsumer {
  private stopped = false;
  private messages: ConsumerMessages | undefined;
  private running: Promise<void> | undefined;
  private readonly inWork = new Set<Promise<void>>();
  /** When the server made this consumer: another time after its stream was lost. */
  private made = '';
  /** By sequence, of the messages that have failed here and are not done yet. */
  private readonly failures = new Map<number, number>();

  constructor(
    private readonly streams: Streams,
    private readonly deadLetters: DeadLetters,
    private readonly options: ConsumerOptions,
    private readonly routes: Route[] | HeadRoute,
  ) {}

  start(): void {
    taking.add(this);
    this.running ??= this.run();
  }

  get queue(): { stream: StreamName; durable: string } {
    const { stream, durable } = this.options;
    return { stream, durable };
  }

  /** Messages that nobody was given yet, and those that somebody has in work. */
  async pending(): Promise<number> {
    const { stream, durable } = this.options;
    const { num_pending: waiting, num_ack_pending: inWork } = await (
      await this.streams.manager()
    ).consumers.info(stream, durable);
    return waiting + inWork;
  }

  /** Takes no further message and resolves when those in work are done. */
  async stop(): Promise<void> {
    this.stopped = true;
    taking.delete(this);
    await this.messages?.close();
    await this.running;
    await Promise.allSettled(this.inWork);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.consume();
      } catch (error) {
        this.streams.forget(this.options.stream);
        log.warn(
          { durable: this.options.durable, reason: (error as Error).message },
          'consumer interrupted, goes on in a second',
        );
      }
      if (!this.stopped) await sleep(1_000);
    }
  }

  private async consume(): Promise<void> {
    const { stream, durable, subjects, concurrency, headersOnly, ackWaitMs = 30_000 } = this.options;
    await this.streams.ensure(stream);
    const manager = await this.streams.manager();
    const config = {
      durable_name: durable,
      // Named alone, the subject is part of the call, and a permission can hold this service to it.
      ...(subjects.length === 1 ? { filter_subject: subjects[0]! } : { filter_subjects: subjects }),
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ackWaitMs),
      max_deliver: -1,
      max_ack_pending: 10_000,
      ...(headersOnly && { headers_only: true }),
    };
    await manager.consumers.add(stream, config).catch((error: unknown) => {
      // 10148: it is there already, made by another version or with other settings.
      if (!(error instanceof JetStreamApiError) || error.code !== 10148) throw error;
      const changed: object = { ...noFilter, ...config };
      return manager.consumers.update(stream, durable, changed);
    });
    const consumer = await (await this.streams.jetstream()).consumers.get(stream, durable);
    this.made = (await consumer.info(true)).created;
    while (!this.stopped) {
      const free = concurrency - this.inWork.size;
      if (free <= 0) await Promise.race(this.inWork);
      else await this.fill(consumer, free);
    }
  }

  /**
   * Takes as many messages as have a place, and no more: one that waited here for its turn would show no sign of life,
   * so that the server would hand it out again. `consume()` of the client does ask for more while handlers are slow.
   */
  private async fill(consumer: Consumer, places: number): Promise<void> {
    const { askMs = 10_000 } = this.options;
    this.messages = await consumer.fetch({ max_messages: places, expires: askMs });
    // Told to stop in between: one that is closed before it is read from would be waited for.
    if (this.stopped) return void this.messages.close();
    for await (const message of this.messages) {
      const work: Promise<void> = this.take(message).finally(() => this.inWork.delete(work));
      this.inWork.add(work);
    }
  }

  private async take(message: JsMsg): Promise<void> {
    const { ackWaitMs = 30_000, durable } = this.options;
    const beat = setInterval(() => message.working(), ackWaitMs / 3);
    const attributes = {
      'messaging.consumer.group.name': durable,
      'messaging.message.id': message.headers?.get('Nats-Msg-Id') || undefined,
      'messaging.message.body.size': message.data.length,
      ...this.streams.server(),
    };
    const { subject } = message;
    const { made } = this;
    const operation = { name: 'process', type: 'process', kind: SpanKind.CONSUMER, subject, attributes } as const;
    await inMessageSpan({ ...operation, ...(message.headers && { carrier: message.headers }) }, async (told) => {
      let tell: () => void;
      try {
        await this.dispatch(message);
        this.failures.delete(message.seq);
        [told.outcome, tell] = ['done', () => message.ack()];
      } catch (error) {
        // To come again later is no failure.
        if (!(error instanceof TryLater)) told.failure = error;
        const again: Settled = ['retried', () => message.nak(5_000)];
        [told.outcome, tell] = await this.settle(message, error).catch(() => again);
      }
      // In a consumer that was made anew meanwhile the same number is another message, which would be lost.
      if (made === this.made) tell();
    }).finally(() => clearInterval(beat));
  }

  private async dispatch(message: JsMsg): Promise<void> {
    const { routes } = this;
    if (!Array.isArray(routes)) return routes.handleHead(this.headOf(message));
    const type = message.headers?.get('ce-type') ?? '';
    const route = routes.find((candidate) => candidate.type === '*' || candidate.type === type);
    // A subject may carry kinds and versions of events that this release does not know; they are for others.
    if (!route && type) return;
    if (!route) throw new InvalidRequest([{ path: 'ce-type', detail: 'the header that names the event is missing' }]);
    let plain: unknown;
    try {
      plain = message.json();
    } catch {
      throw new InvalidRequest([{ path: '$', detail: 'the message is not JSON' }]);
    }
    await route.handle(check(route.Payload, plain), this.contextOf(message));
  }

  private async settle(message: JsMsg, error: unknown): Promise<Settled> {
    const { maxFailures = 8, stream, durable } = this.options;
    // The server takes a delay that is no whole number for none at all.
    if (error instanceof TryLater) return ['later', () => message.nak(Math.ceil(error.delayMs))];
    if (isTransient(error)) return ['retried', () => message.nak(backOff(message.info.deliveryCount))];
    const failures = (this.failures.get(message.seq) ?? 0) + 1;
    const unfit = error instanceof InvalidRequest;
    log[unfit ? 'warn' : 'error']({ durable, subject: message.subject, failures, err: error }, 'message failed');
    if (!unfit && failures < maxFailures) {
      this.failures.set(message.seq, failures);
      return ['retried', () => message.nak(backOff(failures))];
    }
    await this.deadLetters.park(stream, durable, message, (error as Error).message, await this.dataOf(message));
    this.failures.delete(message.seq);
    return ['parked', () => message.term('parked')];
  }

  private headOf(message: JsMsg): EventHead {
    const headers = message.headers;
    const pairs = (headers?.keys() ?? []).map((name) => [name, headers?.get(name) ?? ''] as const);
    return {
      attributes: cloudEventAttributes(pairs),
      data: async () => {
        const data = await this.dataOf(message);
        return data && new TextDecoder().decode(data);
      },
    };
  }

  private async dataOf(message: JsMsg): Promise<Uint8Array | undefined> {
    if (!this.options.headersOnly) return message.data;
    const manager = await this.streams.manager();
    return (await manager.streams.getMessage(this.options.stream, { seq: message.seq }))?.data;
  }

  private contextOf(message: JsMsg): MessageContext {
    const { stream } = this.options;
    return {
      subject: message.subject,
      id: message.headers?.get('ce-id') || `${stream}:${message.seq}`,
      sequence: message.seq,
      delivery: message.info.deliveryCount,
      isOldest: () => this.isOldest(message.seq),
    };
  }

  /** The floor stands at the last acknowledged message; what follows it at once may be for other consumers. */
  private async isOldest(sequence: number): Promise<boolean> {
    const { stream, durable, subjects } = this.options;
    const manager = await this.streams.manager();
    const { num_ack_pending: inWork, ack_floor: floor } = await manager.consumers.info(stream, durable);
    if (inWork <= 1) return true;
    for (const subject of subjects) {
      const query = { seq: floor.stream_seq + 1, next_by_subj: subject };
      const oldest = await manager.streams.getMessage(stream, query);
      if (oldest && oldest.seq < sequence) return false;
    }
    return true;
  }
}

/** A consumer that had one subject may get several, or the other way round; the client keeps what it is not told to. */
const noFilter = { filter_subject: undefined, filter_subjects: undefined };

const backOff = (times: number): number => Math.min(30_000, 250 * 2 ** Math.min(times, 7));
