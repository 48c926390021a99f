import { setTimeout as sleep } from 'node:timers/promises';
import { jetstream, JetStreamApiError, type Consumer, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import { AuthorizationError, connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { consumersDomain, consumerUser } from '../nats-accounts.js';
import { inboxPrefixOf } from '../nats-permissions.js';
import { handOver, type EventHead, type Handler } from './handlers.js';

/** Once this long the server hears of what is in work, and gives it to nobody else meanwhile. */
const beatMs = 10_000;
const againMs = 5_000;
const idsKept = 10_000;

export interface ConsumerOptions {
  /** `nats://…` or `tls://…` of Seatwise's NATS, as many as there are. With `tls://` it connects to none without TLS. */
  servers: string | string[];
  /** The name that the operator gave to this reader, such as `warehouse`. */
  name: string;
  password?: string;
  /** Anything else that the client is to be told: TLS, an authenticator. */
  connection?: NodeConnectionOptions;
  handlers: Handler[];
  /** Events that are fetched together, to be handled one after the other. */
  atOnce?: number;
  /** Told of what a handler threw, and of servers that are away. Left out: it is written to the console. */
  onProblem?: (problem: Error, head: EventHead | null) => void;
}

/** Thrown when the server does not let it in, or there is no place in the stream for it; the message says what to look at. */
export class ConsumerError extends Error {}

/**
 * Reads the events of a workspace from the place in the stream that an operator has opened, hands them to their handlers one
 * after the other, and acknowledges each when its handlers are done: at least once. One that a handler throws on comes again
 * after five seconds; those behind it do not wait. One that comes again after it has been taken in this process is not handed
 * over once more; across restarts it is for handlers to know what they have, by `head.id` or by the versions of changes.
 */
export class EventConsumer {
  private stopped = false;
  private messages: ConsumerMessages | undefined;
  private readonly taken = new Set<string>();

  private constructor(
    private readonly client: NatsConnection,
    private readonly consumer: Consumer,
    private readonly options: ConsumerOptions,
    /** When its place in the stream was opened. Another than before: it was opened anew, and events were perhaps missed. */
    readonly opened: string,
  ) {}

  /** Throws a {@link ConsumerError} when the server does not let it in, or no place was opened for it. */
  static async connect(options: ConsumerOptions): Promise<EventConsumer> {
    const user = consumerUser(options);
    const client = await connect({
      servers: options.servers,
      ...(options.password !== undefined && { user, pass: options.password }),
      name: user,
      inboxPrefix: inboxPrefixOf(user),
      maxReconnectAttempts: -1,
      // A password is changed on two sides, never at one moment.
      ignoreAuthErrorAbort: true,
      ...tlsOf(options),
      ...options.connection,
    }).catch((error: unknown) => {
      if (!(error instanceof AuthorizationError)) throw error;
      const message = `NATS does not let ${user} in: its name or its password is wrong`;
      throw new ConsumerError(message, { cause: error });
    });
    try {
      const consumer = await jetstream(client, { domain: consumersDomain }).consumers.get('EVENTS', user);
      const { created } = await consumer.info(true);
      return new EventConsumer(client, consumer, options, created);
    } catch (error) {
      await client.close();
      throw isGone(error) ? noPlace(options, error) : error;
    }
  }

  /** Resolves after {@link stop}; throws a {@link ConsumerError} when the place in the stream is taken away. */
  async run(): Promise<void> {
    try {
      while (!this.stopped) await this.takeSome().catch((error: unknown) => this.wait(error as Error));
    } finally {
      await this.client.drain();
    }
  }

  /** No further event is handed over; the one that is in work is waited for by {@link run}. */
  stop(): void {
    this.stopped = true;
    this.messages?.stop();
  }

  private async takeSome(): Promise<void> {
    const { atOnce = 100 } = this.options;
    this.messages = await this.consumer.fetch({ max_messages: atOnce, expires: 5_000 });
    if (this.stopped) this.messages.stop();
    const waiting = new Set<JsMsg>();
    const beat = setInterval(() => {
      for (const message of waiting) message.working();
    }, beatMs);
    let work = Promise.resolve();
    try {
      for await (const message of this.messages) {
        waiting.add(message);
        work = work.then(() => this.take(message)).then(() => void waiting.delete(message));
      }
    } finally {
      await work;
      clearInterval(beat);
    }
  }

  /** Servers that are away come back; a place that was taken away does not. */
  private async wait(problem: Error): Promise<void> {
    this.report(problem, null);
    await sleep(1_000);
    await this.consumer.info().catch((error: unknown) => {
      if (isGone(error)) throw noPlace(this.options, error);
    });
  }

  private async take(message: JsMsg): Promise<void> {
    if (this.stopped) return message.nak();
    const head = headOf(message);
    try {
      if (!this.taken.has(head.id)) {
        const { handlers } = this.options;
        if (handlers.some(({ type }) => type === head.type))
          await handOver(handlers, { type: head.type, data: message.json<object>() }, head);
        this.remember(head.id);
      }
      message.ack();
    } catch (error) {
      this.report(error as Error, head);
      message.nak(againMs);
    }
  }

  private remember(id: string): void {
    this.taken.add(id);
    if (this.taken.size > idsKept) this.taken.delete(this.taken.values().next().value!);
  }

  private report(problem: Error, head: EventHead | null): void {
    const {
      onProblem = (error, about) => console.error(about ? `${about.type} ${about.id}:` : 'NATS:', error.message),
    } = this.options;
    onProblem(problem, head);
  }
}

function headOf({ headers, seq, info }: JsMsg): EventHead {
  const attribute = (name: string) => headers?.get(`ce-${name}`) ?? '';
  return {
    id: attribute('id'),
    type: attribute('type'),
    workspace: attribute('workspace'),
    time: new Date(attribute('time')),
    sequence: seq,
    delivery: info.deliveryCount,
  };
}

/** The client takes `tls://` for a wish; said in its options, it connects to no server without TLS. */
const tlsOf = ({ servers }: ConsumerOptions): NodeConnectionOptions =>
  [servers].flat().some((server) => /tls:\/\//i.test(server)) ? { tls: {} } : {};

const consumerNotFound = 10_014;
const isGone = (error: unknown): error is JetStreamApiError =>
  error instanceof JetStreamApiError && error.code === consumerNotFound;
const noPlace = ({ name }: ConsumerOptions, cause: Error): ConsumerError =>
  new ConsumerError(
    `There is no place in the stream for ${name}: an operator opens it by npm run nats -- consumers --consumer ${name}=ws_…`,
    { cause },
  );
