import { isSpanContextValid, trace } from '@opentelemetry/api';
import { pino, type LoggerOptions } from 'pino';

/** Where a secret could stand in what is logged; its value is left out. */
const secretPaths = [
  'authorization',
  'cookie',
  'token',
  'apiKey',
  'key',
  'secret',
  'password',
  'credential',
  'sealedToken',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.headers["${name}"]`]);

export const logLevels = [...Object.keys(pino.levels.values), 'silent'];

/** JSON lines on standard output, each with the trace it belongs to. */
export const logOptions = (service: string): LoggerOptions => ({
  name: service,
  // One that is none is told with the other settings that are wrong, and that must be logged.
  level: logLevels.find((level) => level === process.env.LOG_LEVEL) ?? 'info',
  redact: { paths: secretPaths, censor: '[secret]' },
  mixin() {
    const span = trace.getActiveSpan()?.spanContext();
    return span && isSpanContextValid(span) ? { traceId: span.traceId, spanId: span.spanId } : {};
  },
});

/** The logger of a part of a service that is not made by Nest. */
export const createLogger = (name: string) => pino(logOptions(name));
