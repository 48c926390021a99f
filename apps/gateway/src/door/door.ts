import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { context, metrics, trace } from '@opentelemetry/api';
import type { Request, RequestHandler } from 'express';
import helmet from 'helmet';
import type { GatewayConfig } from '../config.js';
import { bodyInTime } from './body-in-time.js';
import { jsonOnly } from './json-only.js';
import { isLarge } from './large-body.js';
import { malformed } from './malformed.js';
import { routeOf } from './route-of.js';

/** At most 100 kB: who has a line has sent them by then. */
const bodyMs = 5_000;

/** Some megabytes, of a caller who is known. */
const largeBodyMs = 25_000;

/** What is large is read when it is known who sends it. */
const isSmallJson = (request: IncomingMessage): boolean => {
  const asked = request as Request;
  return !isLarge(asked) && Boolean(asked.is('application/json'));
};

/** What stands before every route: headers, measures and the parser of bodies. */
export function furnishDoor(app: NestExpressApplication, config: GatewayConfig): void {
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', config.trustedProxies?.split(',').map((proxy) => proxy.trim()) ?? false);
  const inTime = bodyInTime(bodyMs, config.publicUrl ?? '');
  const largeInTime = bodyInTime(largeBodyMs, config.publicUrl ?? '');
  const inItsTime: RequestHandler = (request, ...rest) => (isLarge(request) ? largeInTime : inTime)(request, ...rest);
  app.use(measured(), headers, guarded, jsonOnly, inItsTime);
  // Not inflated: a small body that grows to gigabytes is refused as one of an unknown encoding.
  app.useBodyParser('json', { limit: '100kb', inflate: false, strict: true, type: isSmallJson });
  const server = app.getHttpServer();
  server.headersTimeout = 15_000;
  server.requestTimeout = 30_000;
  server.on('clientError', malformed(config.publicUrl ?? ''));
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** By OpenTelemetry's semantic conventions for HTTP servers, where an error is what is the server's fault. */
function measured(): RequestHandler {
  const duration = metrics.getMeter('seatwise/gateway').createHistogram('http.server.request.duration', {
    description: 'Requests at the door: their rate, errors and duration by route',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
  });
  return (request, response, next) => {
    const started = performance.now();
    const within = context.active();
    response.once('close', () => {
      const { statusCode: status } = response;
      const attributes = {
        'http.request.method': methods.has(request.method) ? request.method : '_OTHER',
        'http.route': routeOf(request),
        'http.response.status_code': status,
        'url.scheme': request.protocol,
        'error.type': status >= 500 ? String(status) : undefined,
      };
      duration.record((performance.now() - started) / 1_000, attributes, within);
    });
    next();
  };
}

/** The trace in the answer, so that whoever asks about it can name it. */
const headers: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  const span = trace.getActiveSpan()?.spanContext();
  if (span) {
    response.setHeader('X-Trace-Id', span.traceId);
    response.setHeader('traceparent', `00-${span.traceId}-${span.spanId}-0${span.traceFlags & 1}`);
  }
  next();
};

/** The API answers JSON, of which nothing may be loaded or framed; the reference page has a policy of its own. */
const guarded = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
  },
  frameguard: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
});
