import { setTimeout as sleep } from 'node:timers/promises';
import { jetstream, JetStreamApiError, type Consumer, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { consumersDomain, consumerUser } from '../nats-accounts.js';
import { inboxPrefixOf } from '../nats-permissions.js';
import { handOver, type EventHead, type Handler } from './handlers.js';

/** Once this long the server hears of what is in work, and gives it to nobody else meanwhile. */
const beatMs = 10_000;
const againMs = 5_000;
const idsKept = 10_000;

export interface ConsumerOptions {
  /** `nats://…` or `tls://…` of Seatwise's NATS, as many as there are. */
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
  ) {}

  /** Throws when the server does not let it in, or no place was opened for it. */
  static async connect(options: ConsumerOptions): Promise<EventConsumer> {
    const user = consumerUser(options);
    const client = await connect({
      servers: options.servers,
      ...(options.password !== undefined && { user, pass: options.password }),
      name: user,
      inboxPrefix: inboxPrefixOf(user),
      maxReconnectAttempts: -1,
      ...options.connection,
    });
    try {
      const consumer = await jetstream(client, { domain: consumersDomain }).consumers.get('EVENTS', user);
      return new EventConsumer(client, consumer, options);
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** Resolves after {@link stop}; throws when the place in the stream is taken away. */
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
      if (error instanceof JetStreamApiError && error.code === consumerNotFound) throw error;
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

const consumerNotFound = 10_014;
