import { context, metrics, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { meterProvider } from './meter.js';
import { counter } from './metrics.js';
import { exposition } from './registry.js';

const openMetrics = 'application/openmetrics-text; version=1.0.0';
const spanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED };
const within = (flags: TraceFlags) => trace.setSpanContext(ROOT_CONTEXT, { ...spanContext, traceFlags: flags });
const linesOf = async (name: string, accept?: string) =>
  (await exposition(accept)).text.split('\n').filter((line) => line.startsWith(name));

const later = async (accept?: string) =>
  (await linesOf('messaging_process_duration_seconds_bucket', accept)).filter((line) => line.includes('later'));

describe('what our libs measure', () => {
  const meter = meterProvider.getMeter('seatwise/test');
  const duration = meter.createHistogram('messaging.process.duration', {
    description: 'How long it took',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.1, 1] },
  });

  it('has Prometheus’ names, and as labels what its view names and nothing else', async () => {
    duration.record(0.5, { 'messaging.system.name': 'nats', 'seatwise.outcome': 'done', 'seatwise.workspace': 'ws_1' });
    expect(await linesOf('messaging_process_duration_seconds')).toEqual([
      'messaging_process_duration_seconds_bucket{le="0.1",messaging_system_name="nats",seatwise_outcome="done"} 0',
      'messaging_process_duration_seconds_bucket{le="1",messaging_system_name="nats",seatwise_outcome="done"} 1',
      'messaging_process_duration_seconds_bucket{le="+Inf",messaging_system_name="nats",seatwise_outcome="done"} 1',
      'messaging_process_duration_seconds_sum{messaging_system_name="nats",seatwise_outcome="done"} 0.5',
      'messaging_process_duration_seconds_count{messaging_system_name="nats",seatwise_outcome="done"} 1',
    ]);
    expect(() => meter.createHistogram('nobody.knows', { description: 'It' })).toThrow('no view of nobody.knows');
  });

  it('keeps the trace of the newest value in each bucket, if that trace is kept, for who accepts OpenMetrics', async () => {
    duration.record(0.05, { 'seatwise.outcome': 'later' }, within(TraceFlags.SAMPLED));
    duration.record(0.7, { 'seatwise.outcome': 'later' }, within(TraceFlags.NONE));
    const [first, second] = await later(openMetrics);
    expect(first).toMatch(
      new RegExp(
        String.raw` 1 # \{trace_id="${spanContext.traceId}",span_id="${spanContext.spanId}"\} 0\.05 \d+(\.\d+)?$`,
      ),
    );
    expect(second).toMatch(/ 2$/);
    expect((await later()).filter((line) => line.includes('#'))).toEqual([]);
  });

  it('is written in either format, however often in the other before', async () => {
    counter('test_things_total', 'Things').inc(3);
    for (const accept of [openMetrics, undefined, openMetrics, undefined]) {
      const { type, text } = await exposition(accept);
      expect(type).toContain(accept ? 'application/openmetrics-text' : 'text/plain');
      expect(text).toContain('\ntest_things_total 3\n');
      expect(text).toContain(accept ? '\n# TYPE test_things counter\n' : '\n# TYPE test_things_total counter\n');
      expect(text.endsWith('# EOF\n')).toBe(Boolean(accept));
    }
  });

  it('is observed when it is looked at, and forgotten when it is not any more', async () => {
    let left: number | undefined = 7;
    meter.createObservableGauge('okta.budget.remaining', { description: 'What remains' }).addCallback((result) => {
      if (left !== undefined)
        result.observe(left, { 'server.address': 'acme.okta.com', 'okta.bucket': '/api/v1/users' });
    });
    expect(await linesOf('okta_budget_remaining')).toEqual([
      'okta_budget_remaining{server_address="acme.okta.com",okta_bucket="/api/v1/users"} 7',
    ]);
    left = undefined;
    expect(await linesOf('okta_budget_remaining')).toEqual([]);
  });

  it('is shown but for what cannot be looked at just now', async () => {
    let isAway = false;
    meter.createObservableGauge('outbox.pending', { description: 'What waits' }).addCallback((result) => {
      if (isAway) throw new Error('the database is away');
      result.observe(3);
    });
    counter('test_things_total', 'Things').inc();
    expect(await linesOf('outbox_pending')).toEqual(['outbox_pending 3']);
    isAway = true;
    expect(await linesOf('outbox_pending')).toEqual([]);
    expect(await linesOf('test_things_total')).toHaveLength(1);
  });

  it('is what an instrumentation of others would measure as well: it measures nothing', async () => {
    metrics.setGlobalMeterProvider(meterProvider);
    const theirs = metrics.getMeter('@opentelemetry/instrumentation-http');
    theirs.createHistogram('http.server.request.duration', { unit: 's' }).record(1, {}, context.active());
    expect(await linesOf('http_server')).toEqual([]);
    metrics.disable();
  });
});
