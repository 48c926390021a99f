import { context, metrics, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { meterProvider } from './meter.js';

let stop: () => Promise<void> = () => Promise.resolve();

/** Whether the standard variables name a place that traces go to. Without one nothing is loaded and nothing costs. */
export function tracingWanted(env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.OTEL_SDK_DISABLED === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false;
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

/**
 * Starts the measuring of this process, and its traces if the standard OTEL_* variables ask for them. Called before
 * anything else is imported that is to be seen: meters are taken, and instrumentations hook in, while modules load.
 */
export async function startTelemetry(service: string): Promise<void> {
  metrics.setGlobalMeterProvider(meterProvider);
  if (!tracingWanted()) return;
  process.env.OTEL_SERVICE_NAME ??= service;
  process.env.OTEL_METRICS_EXPORTER ??= 'none';
  process.env.OTEL_LOGS_EXPORTER ??= 'none';
  const [{ NodeSDK }, { HttpInstrumentation }, { MongoDBInstrumentation }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/instrumentation-http'),
    import('@opentelemetry/instrumentation-mongodb'),
  ]);
  const sdk = new NodeSDK({
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: ({ url = '' }) => /^\/(livez|readyz|metrics)\b/.test(url),
        // Who was searched for stays out of the trace, and so does whatever else a query may hold.
        requestHook: (span) => span.setAttribute('url.query', ''),
        // Calls to Okta have a span of their own, by route; what else goes out is the exporter.
        ignoreOutgoingRequestHook: () => true,
      }),
      // What is read and written is people's data: the statement stays out of the trace.
      new MongoDBInstrumentation({ dbStatementSerializer: () => '', requireParentSpan: true }),
    ],
  });
  sdk.start();
  stop = () => sdk.shutdown().catch(() => undefined);
}

/** Sends what is still to be sent. */
export const stopTelemetry = (): Promise<void> => stop();

/** The active trace's id, where there is one. */
export const currentTraceId = (): string | undefined => trace.getActiveSpan()?.spanContext().traceId;

export interface SpanChoices {
  kind?: SpanKind;
  attributes?: Attributes;
}

/** Runs `work` within a span, which ends with it and tells of its error by name. */
export async function inSpan<T>(
  name: string,
  { kind = SpanKind.INTERNAL, attributes = {} }: SpanChoices,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return trace.getTracer('seatwise').startActiveSpan(name, { kind, attributes }, context.active(), async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
      throw error;
    } finally {
      span.end();
    }
  });
}
