import { startTraceSink, type SinkSpan, type TraceSink } from '@seatwise/testing';
import { Seatwise } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import { searched } from './searched.js';

const isCount = (span: SinkSpan) => span.name === 'usage-sign-ins process';

describe('one sync, seen from outside', () => {
  let seatwise: Seatwise;
  let sink: TraceSink;
  let traceId: string;
  beforeAll(async () => {
    sink = await startTraceSink();
    seatwise = await Seatwise.start(
      [{ SIMULATOR_PEOPLE: '300', SIMULATOR_APPS: '8', SIMULATOR_SIGN_INS_PER_PERSON_30D: '5' }],
      sink.env,
    );
    const { api } = await seatwise.workspace('Traced');
    const org = seatwise.orgs[0]!;
    const connection = await api.connect({ orgUrl: org.url, token: org.token });
    const run = await seatwise.ended(api, connection);
    expect(run.state).toBe('complete');
    expect(run.traceId).not.toBeNull();
    traceId = run.traceId!;
  });
  afterAll(async () => {
    await seatwise.stop();
    await sink.close();
  });

  it('is one trace from the HTTP request over NATS, Okta and MongoDB to the last count', async () => {
    const spans = await until(
      () => Promise.resolve(sink.spans().filter((span) => span.traceId === traceId)),
      (seen) => seen.some(isCount) && seen.some(({ name }) => name === 'POST /api/v1/connections'),
    );
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const walk: SinkSpan[] = [];
    for (let span = spans.find(isCount); span; span = byId.get(span.parentSpanId ?? '')) walk.push(span);
    expect(walk.at(-1)).toMatchObject({ service: 'gateway', name: 'POST /api/v1/connections' });
    expect(new Set(walk.map(({ service }) => service))).toEqual(
      new Set(['usage-aggregator', 'sync-service', 'connection-service', 'gateway']),
    );
    expect(spans.some(({ service, name }) => service === 'sync-service' && name === 'GET /api/v1/users')).toBe(true);
    expect(
      spans.some(
        ({ service, attributes }) =>
          service === 'sync-service' && String(attributes['db.system'] ?? attributes['db.system.name']) === 'mongodb',
      ),
    ).toBe(true);
  });

  it('has the token nowhere: not in a database, a stream, a log or a trace', async () => {
    const { token } = seatwise.orgs[0]!;
    const { found, documents, messages } = await searched(seatwise, sink, [token]);
    expect(documents).toBeGreaterThan(300);
    expect(messages).toBeGreaterThan(10);
    expect(found).toEqual([]);
  });
});
