import { seatwiseId } from '@seatwise/contracts';
import { views } from '@seatwise/observability';
import { startTraceSink, type SinkSpan, type TraceSink } from '@seatwise/testing';
import { ended, truthOf, type TruePerson } from '../tools/actions/acting.js';
import { Seatwise } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import { serviceNames } from '../tools/start/services.js';
import { conventional, faultsOf } from './conventions.js';
import { askedOfPrometheus, scraped, type Sample } from '../tools/harness/promql.js';
import { searched } from './searched.js';

/** What says that the org was read as a whole, whoever came to the end of the run. */
const isComplete = ({ name }: SinkSpan) => name === 'publish seatwise.v1.{workspace}.directory.complete';
const isCount = ({ attributes }: SinkSpan) => attributes['messaging.consumer.group.name'] === 'usage-sign-ins';

describe('one sync, seen from outside', () => {
  let seatwise: Seatwise;
  let sink: TraceSink;
  let run: string;
  let requests: number;
  let traceId: string;
  /** What each service's `/metrics` showed, when an action had been done as well. */
  const shown = new Map<string, Sample[]>();
  beforeAll(async () => {
    sink = await startTraceSink();
    seatwise = await Seatwise.start(
      [{ SIMULATOR_PEOPLE: '300', SIMULATOR_APPS: '8', SIMULATOR_SIGN_INS_PER_PERSON_30D: '5' }],
      sink.env,
    );
    const { api } = await seatwise.workspace('Traced');
    const org = seatwise.orgs[0]!;
    const connection = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
    const first = await seatwise.ended(api, connection);
    expect(first.state).toBe('complete');
    expect(first.traceId).not.toBeNull();
    ({ id: run, requests } = first);
    traceId = first.traceId!;
    const person = (await truthOf<TruePerson>(org, 'people')).find(({ status }) => status === 'ACTIVE')!.id;
    expect((await ended(api, connection.id, { action: 'suspend_user', person })).record?.state).toBe('done');
    expect((await api.send('GET', `/runs/${run.slice(0, -1)}0`)).status).toBe(404);
    for (const name of serviceNames) shown.set(name, await scraped(seatwise.services.get(name)!.url));
  });
  afterAll(async () => {
    await seatwise.stop();
    await sink.close();
  });

  const spansOfSync = () =>
    until(
      () => Promise.resolve(sink.spans().filter((span) => span.traceId === traceId)),
      (seen) =>
        seen.some(isCount) && seen.some(isComplete) && seen.some(({ name }) => name === 'POST /api/v1/connections'),
    );

  it('is one trace from the HTTP request over NATS, Okta and MongoDB to the last count', async () => {
    const spans = await spansOfSync();
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const walk: SinkSpan[] = [];
    for (let span = spans.find(isCount); span; span = byId.get(span.parentSpanId ?? '')) walk.push(span);
    expect(walk.at(-1)).toMatchObject({ service: 'gateway', name: 'POST /api/v1/connections' });
    expect(new Set(walk.map(({ service }) => service))).toEqual(
      new Set(['usage-aggregator', 'sync-service', 'connection-service', 'gateway']),
    );
    const ofSync = spans.filter(({ service }) => service === 'sync-service');
    expect(ofSync.map(({ name }) => name)).toContain('GET /api/v1/users');
    expect(ofSync.map(({ attributes }) => attributes['db.system.name'])).toContain('mongodb');
    expect(ofSync.filter(({ attributes }) => attributes['seatwise.run'] === run).length).toBeGreaterThan(10);
  });

  it('calls everything as OpenTelemetry’s semantic conventions do', async () => {
    const spans = await spansOfSync();
    const faults = spans.flatMap((span) => faultsOf(span).map((fault) => `${span.service}, ${span.name}: ${fault}`));
    expect([...new Set(faults)]).toEqual([]);
    const known = conventional('attributes');
    const strange = spans.flatMap(({ attributes }) => Object.keys(attributes).filter((name) => !known.has(name)));
    expect([...new Set(strange.filter((name) => !isOurs(name)))]).toEqual([]);
    for (const each of ['messaging.system.name', 'db.system.name', 'http.route', 'url.template'])
      expect(spans.filter(({ attributes }) => attributes[each] !== undefined)).not.toEqual([]);

    const metrics = conventional('metrics');
    for (const [metric, attributes] of Object.entries(views)) {
      expect([metric, metrics.has(metric) || /^(okta|outbox)\./.test(metric)]).toEqual([metric, true]);
      expect(attributes.filter((name) => !known.has(name) && !isOurs(name))).toEqual([]);
    }
  });

  it('is measured in every metric, by every label, that a dashboard or an alert asks for', () => {
    const samples = [...shown].flatMap(([job, each]) => each.map((sample) => ({ ...sample, job })));
    const labelsOf = (metric: string) => {
      const seen = samples.filter(({ name }) => name === metric).flatMap(({ labels }) => Object.keys(labels));
      // What only a failure has, and none of this kind was here.
      const [, view = []] = Object.entries(views).find(([name]) => metric.startsWith(name.replaceAll('.', '_'))) ?? [];
      return [...seen, ...view.map((attribute) => attribute.replaceAll('.', '_'))];
    };
    for (const { expr, metrics, labels } of askedOfPrometheus()) {
      const ours = metrics.filter((name) => name !== 'up');
      const missing = ours.filter((metric) => !samples.some(({ name }) => name === metric));
      const known = ['job', ...ours.flatMap(labelsOf)];
      expect({ expr, missing, unknown: labels.filter((label) => !known.includes(label)) }).toEqual({
        expr,
        missing: [],
        unknown: [],
      });
    }
  });

  it('shows what it cost, when it has ended', () => {
    const samples = shown.get('sync-service')!;
    const valueOf = (name: string) =>
      samples.find((one) => one.name === name && one.labels.state === 'complete')?.value;
    expect(valueOf('sync_run_duration_seconds_count')).toBe(1);
    expect(valueOf('sync_run_requests_sum')).toBe(requests);
    const read = samples.filter(({ name }) => name === 'http_client_response_body_size_bytes_sum');
    // Between runs the log is read on, and the action asks Okta too: a part of all that was read.
    expect(valueOf('sync_run_response_bytes_sum')).toBeGreaterThan(10_000);
    expect(valueOf('sync_run_response_bytes_sum')).toBeLessThanOrEqual(read.reduce((sum, { value }) => sum + value, 0));
  });

  it('has no label that grows with workspaces, people or runs', () => {
    for (const [service, samples] of shown) {
      const ids = samples.flatMap(({ name, labels }) =>
        Object.entries(labels)
          .filter(([label, value]) => label !== 'connection' && value.split(/[./ ]/).some((part) => isId(part)))
          .map(([label, value]) => `${name} ${label}=${value}`),
      );
      expect([service, ids]).toEqual([service, []]);
      const series = samples.filter(({ name }) => !name.endsWith('_bucket'));
      const counts = Map.groupBy(series, ({ name }) => name);
      expect([...counts].filter(([, all]) => all.length > 150).map(([name]) => name)).toEqual([]);
    }
  });

  it('is what the exemplars of its services’ figures lead to', () => {
    const missing = [
      ['gateway', 'http_server_request_duration_seconds'],
      ['connection-service', 'messaging_process_duration_seconds'],
      ['sync-service', 'messaging_process_duration_seconds'],
      ['sync-service', 'messaging_client_operation_duration_seconds'],
      ['sync-service', 'http_client_request_duration_seconds'],
      ['sync-service', 'db_client_operation_duration_seconds'],
      ['usage-aggregator', 'messaging_process_duration_seconds'],
    ].filter(
      ([service, metric]) =>
        !shown.get(service!)!.some((sample) => sample.name === `${metric}_bucket` && sample.traceId === traceId),
    );
    expect(missing).toEqual([]);
  });

  it('has the token nowhere: not in a database, a stream, a log or a trace', async () => {
    const { token } = seatwise.orgs[0]!;
    const { found, documents, messages } = await searched(seatwise, sink, [token]);
    expect(documents).toBeGreaterThan(300);
    expect(messages).toBeGreaterThan(10);
    expect(found).toEqual([]);
  });
});

const isOurs = (attribute: string) => /^(seatwise|okta)\./.test(attribute);

/** One of ours, or one of Okta's. */
const isId = (part: string) => seatwiseId.test(part) || /^00[a-z][A-Za-z0-9]{17}$/.test(part);
