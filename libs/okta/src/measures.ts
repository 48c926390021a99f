import { metrics, type Attributes } from '@opentelemetry/api';
import type { LimitHeaders } from './budget.js';

const meter = metrics.getMeter('seatwise/okta');
const duration = meter.createHistogram('http.client.request.duration', {
  description: 'Requests sent to Okta',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
});
const size = meter.createHistogram('http.client.response.body.size', {
  description: 'What Okta answered',
  unit: 'By',
  advice: { explicitBucketBoundaries: [1e3, 1e4, 1e5, 1e6, 1e7] },
});
const waited = meter.createCounter('okta.wait', { description: "Time waited for Okta's rate limits", unit: 's' });

/** Attributes are OpenTelemetry's, by its semantic conventions for HTTP clients; without an answer there are no bytes. */
export function measureRequest(attributes: Attributes, durationMs: number, bytes: number | undefined): void {
  duration.record(durationMs / 1_000, attributes);
  if (bytes !== undefined) size.record(bytes, attributes);
}

export function measureLimits(org: string, bucket: string, waitedMs: number, limits: LimitHeaders | undefined): void {
  waited.add(waitedMs / 1_000, { 'okta.bucket': bucket });
  const { limit, remaining, resetInMs = 0 } = limits ?? {};
  // Zero is the limit on parallel requests, which is no bucket.
  if (!limit || remaining === undefined) return;
  standings.set(`${org} ${bucket}`, { org, bucket, limit, remaining, fullAt: Date.now() + resetInMs });
}

/** How a bucket of an org stood when it was used last by this process. */
interface Standing {
  org: string;
  bucket: string;
  limit: number;
  remaining: number;
  fullAt: number;
}
const standings = new Map<string, Standing>();
/** An org that is not asked any more is not shown for ever. */
const shownMs = 3_600_000;

const show = (name: string, description: string, valueOf: (standing: Standing) => number) =>
  meter.createObservableGauge(name, { description }).addCallback((result) => {
    for (const [key, standing] of standings) {
      if (Date.now() > standing.fullAt + shownMs) standings.delete(key);
      else result.observe(valueOf(standing), { 'server.address': standing.org, 'okta.bucket': standing.bucket });
    }
  });
show('okta.budget.limit', 'What Okta allows in a bucket', ({ limit }) => limit);
show('okta.budget.remaining', "What Okta's headers said remains of a bucket; all of it once it is full again", (one) =>
  Date.now() > one.fullAt ? one.limit : one.remaining,
);
