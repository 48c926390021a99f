import {
  context,
  createNoopMeter,
  isSpanContextValid,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Counter,
  type Histogram,
  type Meter,
  type MeterProvider,
  type MetricOptions,
  type ObservableCallback,
  type ObservableGauge,
} from '@opentelemetry/api';
import { Counter as KeptCounter, Histogram as KeptHistogram } from 'prom-client';
import { gauge } from './metrics.js';
import { registry } from './registry.js';
import { views } from './views.js';

/**
 * The meters of OpenTelemetry's API for our own libs, kept in the registry that `/metrics` shows. Names become
 * Prometheus' as OpenTelemetry lays down (Prometheus and OpenMetrics Compatibility); a histogram keeps with each bucket
 * the trace of its newest value. The SDK's own meters do not: in JavaScript they hand out no exemplars. A meter of
 * somebody else measures nothing, for what it measures has no view.
 */
export const meterProvider: MeterProvider = {
  getMeter: (name) => (name.startsWith('seatwise/') ? meter : createNoopMeter()),
};

const meter: Meter = {
  createHistogram: (name, { description = '', unit = '', advice } = {}): Histogram => {
    const kept = known(
      prometheusName(name, unit),
      (promName) =>
        new KeptHistogram({
          ...shared(name, promName, description),
          enableExemplars: true,
          ...(advice?.explicitBucketBoundaries && { buckets: advice.explicitBucketBoundaries }),
        }),
    );
    return {
      record: (value, attributes, at = context.active()) =>
        kept.observe({ labels: labelsOf(name, attributes), value, exemplarLabels: exemplarOf(at) }),
    };
  },
  createCounter: (name, { description = '', unit = '' }: MetricOptions = {}): Counter => {
    const kept = known(
      `${prometheusName(name, unit)}_total`,
      (promName) => new KeptCounter(shared(name, promName, description)),
    );
    return { add: (value, attributes) => kept.inc(labelsOf(name, attributes), value) };
  },
  createObservableGauge: (name, { description = '', unit = '' }: MetricOptions = {}): ObservableGauge => {
    const callbacks = new Set<ObservableCallback>();
    const kept = gauge(prometheusName(name, unit), description, viewOf(name).map(labelOf), async () => {
      const observed: [value: number, attributes?: Attributes][] = [];
      const result = { observe: (...each: (typeof observed)[number]) => void observed.push(each) };
      for (const callback of callbacks) await callback(result);
      kept.reset();
      for (const [value, attributes] of observed) kept.set(labelsOf(name, attributes), value);
    });
    return {
      addCallback: (callback) => void callbacks.add(callback),
      removeCallback: (callback) => void callbacks.delete(callback),
    };
  },
  createGauge: notKept,
  createUpDownCounter: notKept,
  createObservableCounter: notKept,
  createObservableUpDownCounter: notKept,
  addBatchObservableCallback: notKept,
  removeBatchObservableCallback: notKept,
};

function notKept(): never {
  throw new Error('there are histograms, counters and observed gauges; nothing else is kept');
}

/** `http.server.request.duration` in `s` is `http_server_request_duration_seconds`; a unit in braces is only a note. */
function prometheusName(name: string, unit: string): string {
  const ending = { s: '_seconds', By: '_bytes' }[unit] ?? '';
  return name.replaceAll('.', '_') + ending;
}

const labelOf = (attribute: string): string => attribute.replaceAll('.', '_');

function viewOf(name: string): readonly string[] {
  const view = views[name];
  if (!view) throw new Error(`there is no view of ${name}`);
  return view;
}

const shared = (name: string, promName: string, help: string) => ({
  name: promName,
  help,
  labelNames: viewOf(name).map(labelOf),
  registers: [registry],
});

/** The metric of that name; made at the first call. */
const known = <M>(name: string, make: (name: string) => M): M =>
  (registry.getSingleMetric(name) as M | undefined) ?? make(name);

function labelsOf(name: string, attributes: Attributes = {}): Record<string, string | number> {
  const labels: Record<string, string | number> = {};
  for (const attribute of viewOf(name)) {
    const value = attributes[attribute];
    if (typeof value === 'string' || typeof value === 'number') labels[labelOf(attribute)] = value;
  }
  return labels;
}

/** The trace in which it was measured, if it is one that is kept. */
function exemplarOf(at: Context): Record<string, string> {
  const span = trace.getSpanContext(at);
  if (!span || !isSpanContextValid(span) || !(span.traceFlags & TraceFlags.SAMPLED)) return {};
  return { trace_id: span.traceId, span_id: span.spanId };
}
