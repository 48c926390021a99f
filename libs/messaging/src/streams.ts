import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  cloudEventHeaders,
  eventSchemaUri,
  eventStreamOf,
  liveSubject,
  makesStream,
  subjectNow,
  type EventEntry,
  type EventType,
} from '@seatwise/contracts';
import {
  DiscardPolicy,
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamClient,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos, type MsgHdrs } from '@nats-io/nats-core';
import { metrics, type Attributes } from '@opentelemetry/api';
import { createLogger } from '@seatwise/observability';
import { Nats } from './nats.js';
import { inMessageSpan, SpanKind, tracedHeaders } from './tracing.js';

const log = createLogger('streams');
const delay = metrics.getMeter('seatwise/messaging').createHistogram('outbox.delay', {
  description: 'From the writing of an event to its being on the stream',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600] },
});
const takenWithinMs = 2_000;
const days = (count: number) => nanos(count * 86_400_000);

/** The streams of Seatwise. Each is a carrier: MongoDB holds the truth, and the outbox can fill them again. */
export const streams = {
  /** Everything that happened, for our own services and for others. */
  EVENTS: { subjects: ['seatwise.v1.>'], retention: RetentionPolicy.Limits, max_age: days(30) },
  /** What services tell each other alone. */
  INTERNAL: { subjects: ['seatwise.internal.>'], retention: RetentionPolicy.Limits, max_age: days(30) },
  /** The work of sync runs: each message is one task, gone when it is done. */
  SYNC_TASKS: { subjects: ['sync.tasks.>'], retention: RetentionPolicy.Workqueue, max_age: days(7) },
  /** Messages that could not be taken, with the reason, to be read and replayed. */
  DEAD_LETTERS: { subjects: ['dead.>'], retention: RetentionPolicy.Limits, max_age: days(90) },
} as const;
export type StreamName = keyof typeof streams;

export interface PublishOptions {
  /** The message's id: a repetition within ten minutes is stored once. */
  id: string;
  headers?: Record<string, string>;
  /** The trace that it is part of; the active one when left out. */
  parent?: MsgHdrs;
}

/** Publishing to JetStream, and the streams themselves. */
@Injectable()
export class Streams implements OnApplicationBootstrap {
  private client: Promise<JetStreamClient> | undefined;
  private readonly ensured = new Map<StreamName, Promise<void>>();

  constructor(private readonly nats: Nats) {}

  /** Makes what this service is to make: who reads a stream must not have to wait for the first that comes on it. */
  async onApplicationBootstrap(): Promise<void> {
    for (const name of Object.keys(streams) as StreamName[])
      if (makesStream(this.nats.options.name, name))
        await this.ensure(name).catch((error: unknown) =>
          log.warn(
            { stream: name, reason: (error as Error).message },
            'not made yet, it is when something is published',
          ),
        );
  }

  server(): Attributes {
    return this.nats.server();
  }

  async manager(): Promise<JetStreamManager> {
    return jetstreamManager(await this.nats.connection());
  }

  async jetstream(): Promise<JetStreamClient> {
    this.client ??= this.nats.connection().then((connection) => jetstream(connection, { timeout: 10_000 }));
    return this.client;
  }

  /** The number of the newest message of a stream; 0: it never had one. */
  async lastSequence(name: StreamName): Promise<number> {
    const manager = await this.manager();
    return (await manager.streams.info(name)).state.last_seq;
  }

  /**
   * Makes the stream, or brings it to what this version wants, if that is for this service to do; throws otherwise when it
   * is not there yet. Safe from several replicas at once.
   */
  ensure(name: StreamName): Promise<void> {
    let ready = this.ensured.get(name);
    if (!ready) {
      ready = this.make(name).catch((error: unknown) => {
        this.ensured.delete(name);
        throw error;
      });
      this.ensured.set(name, ready);
    }
    return ready;
  }

  /** Forgets that the stream was seen, so that one deleted under us is made again. */
  forget(name: StreamName): void {
    this.ensured.delete(name);
  }

  /** Resolves when JetStream has acknowledged; throws otherwise, and may then be repeated under the same id. */
  async publish(
    stream: StreamName,
    subject: string,
    payload: object | Uint8Array,
    options: PublishOptions,
  ): Promise<void> {
    await this.ensure(stream);
    const client = await this.jetstream();
    const body = payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload));
    const attributes = {
      'messaging.message.id': options.id,
      'messaging.message.body.size': body.length,
      ...this.nats.server(),
    };
    const operation = { name: 'publish', type: 'send', kind: SpanKind.PRODUCER, subject, attributes } as const;
    await inMessageSpan({ ...operation, ...(options.parent && { carrier: options.parent }) }, async () => {
      const headers = tracedHeaders();
      for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
      await client
        .publish(subject, body, { msgID: options.id, headers, expect: { streamName: stream } })
        .catch((error: unknown) => {
          this.forget(stream);
          throw error;
        });
    });
  }

  /** Publishes an outbox entry as a CloudEvent under the trace in which it was written. This is what the outbox relay is given. */
  async publishEntry(
    entry: EventEntry & { id: string; headers?: Record<string, string>; createdAt?: Date },
  ): Promise<void> {
    const { createdAt: time, id, payload } = entry;
    const subject = subjectNow(entry.subject);
    const stream = eventStreamOf(subject);
    const named = { name: entry.type, version: entry.version };
    // What is internal has no schema that is told to anybody.
    const dataschema = stream === 'EVENTS' ? eventSchemaUri(named, this.nats.options.publicUrl) : undefined;
    const headers = { ...entry.headers, ...cloudEventHeaders({ ...entry, time, dataschema }) };
    const parent = tracedHeaders();
    for (const [name, value] of Object.entries(headers)) parent.set(name, value);
    await this.publish(stream, subject, payload, { id, headers: withoutTrace(headers), parent });
    if (time) delay.record(Math.max(0, Date.now() - time.getTime()) / 1_000);
  }

  /** Tells whoever listens just now; nothing is kept, and nobody is waited for. */
  async tellLive<P extends object>(type: EventType<P>, workspace: string, payload: P): Promise<void> {
    const connection = await this.nats.connection();
    connection.publish(liveSubject(type, workspace), JSON.stringify(payload));
  }

  /** Tells whoever listens just now, and resolves when one of them has said that they took it; throws when nobody has. */
  async handOver<P extends object>(type: EventType<P>, workspace: string, payload: P): Promise<void> {
    const connection = await this.nats.connection();
    await connection.request(liveSubject(type, workspace), JSON.stringify(payload), { timeout: takenWithinMs });
  }

  private async make(name: StreamName): Promise<void> {
    const manager = await this.manager();
    if (!makesStream(this.nats.options.name, name)) return void (await manager.streams.info(name));
    const { subjects, ...wanted } = streams[name];
    const config: Partial<StreamConfig> & { name: string } = {
      name,
      subjects: [...subjects],
      ...wanted,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      duplicate_window: nanos(600_000),
      ...(this.nats.options.replicas !== undefined && { num_replicas: this.nats.options.replicas }),
    };
    try {
      await manager.streams.add(config);
    } catch (error) {
      // 10058: it is there already, made by another version or with other settings.
      if (!(error instanceof JetStreamApiError) || error.code !== 10058) throw error;
      await manager.streams.update(name, config);
    }
  }
}

/** The publishing span writes its own `traceparent`; the one of the entry was its parent. */
function withoutTrace({
  traceparent: _parent,
  tracestate: _state,
  ...rest
}: Record<string, string>): Record<string, string> {
  return rest;
}
