import {
  context,
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
import { TryLater } from './try-later.js';

const tracer = trace.getTracer('seatwise/messaging');
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

/** Runs `work` in a span; the attribute names are OpenTelemetry's semantic conventions for messaging. */
export function inMessageSpan<T>(
  name: string,
  kind: SpanKind,
  attributes: Attributes,
  work: () => Promise<T>,
  carrier?: MsgHdrs,
): Promise<T> {
  return tracer.startActiveSpan(
    name,
    { kind, attributes: { 'messaging.system': 'nats', ...attributes } },
    contextOf(carrier),
    async (span) => {
      try {
        return await work();
      } catch (error) {
        // To come again later is no failure.
        if (!(error instanceof TryLater))
          span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
        throw error;
      } finally {
        span.end();
      }
    },
  );
}

export { SpanKind };
