import {
  context,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type TextMapGetter,
  type TextMapSetter,
} from '@opentelemetry/api';
import { headers, type MsgHdrs } from '@nats-io/nats-core';
import { Refusal } from '@seatwise/contracts';
import { destinationOf } from './destination.js';

const tracer = trace.getTracer('seatwise/messaging');
const meter = metrics.getMeter('seatwise/messaging');
const measures = {
  send: meter.createHistogram('messaging.client.operation.duration', {
    description: 'Sending a message until it is acknowledged, or a request until it is answered',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  }),
  process: meter.createHistogram('messaging.process.duration', {
    description: 'What is done for a message, by what came of it',
    unit: 's',
    advice: {
      explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    },
  }),
};
const setter: TextMapSetter<MsgHdrs> = { set: (carrier, key, value) => carrier.set(key, value) };
const getter: TextMapGetter<MsgHdrs> = {
  get: (carrier, key) => carrier.get(key) || undefined,
  keys: (carrier) => carrier.keys(),
};

/** New headers that carry the active trace as W3C `traceparent`. */
export function tracedHeaders(): MsgHdrs {
  const carrier = headers();
  propagation.inject(context.active(), carrier, setter);
  return carrier;
}

function contextOf(carrier: MsgHdrs | undefined): Context {
  return carrier ? propagation.extract(context.active(), carrier, getter) : context.active();
}

/**
 * What became of a message: `done`, to come again `later` by its handler's own wish, `retried` after a failure, or
 * `parked` among the dead letters.
 */
export type Outcome = 'done' | 'later' | 'retried' | 'parked';

/** Something that is done with a message. */
export interface Operation {
  /** `request` waits for an answer, `publish` for JetStream's acknowledgement. */
  name: 'request' | 'publish' | 'process';
  type: keyof typeof measures;
  kind: SpanKind;
  subject: string;
  /** What is known beside that, by OpenTelemetry's semantic conventions for messaging. */
  attributes?: Attributes;
  /** Where the trace comes from; the active one when left out. */
  carrier?: MsgHdrs;
}

/** What the work within a span may say of itself. */
export interface Told {
  outcome?: Outcome;
  /** Why it is not done, though it does not throw. */
  failure?: unknown;
}

/**
 * Runs `work` in a span and measures it; names are OpenTelemetry's semantic conventions for messaging. A request and its
 * answer are a client and a server, as they are in RPC; those conventions have no word for asking over a message bus.
 */
export function inMessageSpan<T>(operation: Operation, work: (told: Told) => Promise<T>): Promise<T> {
  const { name, type, kind, subject, attributes = {}, carrier } = operation;
  const destination = destinationOf(subject);
  const about = { 'messaging.system.name': 'nats', 'messaging.operation.name': name, 'messaging.operation.type': type };
  const place = destination.template ?? destination.name;
  return tracer.startActiveSpan(
    `${name} ${place}`,
    {
      kind,
      attributes: {
        ...about,
        'messaging.destination.name': destination.name,
        'messaging.destination.template': destination.template,
        ...attributes,
      },
    },
    contextOf(carrier),
    async (span) => {
      const told: Told = {};
      const started = performance.now();
      try {
        return await work(told);
      } catch (error) {
        told.failure = error;
        throw error;
      } finally {
        const failure = errorType(told.failure);
        const come = { 'seatwise.outcome': told.outcome, 'error.type': failure };
        span.setAttributes(come);
        if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        // As a label a name is only what has no workspace in it.
        const where = destination.template
          ? { 'messaging.destination.template': destination.template }
          : { 'messaging.destination.name': destination.name };
        measures[type].record((performance.now() - started) / 1_000, { ...attributes, ...about, ...where, ...come });
        span.end();
      }
    },
  );
}

/** A refusal by its code, anything else by its name: there are not many of either. */
function errorType(failure: unknown): string | undefined {
  if (failure === undefined) return undefined;
  return failure instanceof Refusal ? failure.code : (failure as Error).name;
}

export { SpanKind };
