import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { jetstreamManager } from '@nats-io/jetstream';
import { startTraceSink, type SinkSpan, type TraceSink } from '@seatwise/testing';
import { Seatwise } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';

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
    const found: string[] = [];
    const client = await MongoClient.connect(seatwise.servers.mongoUrl);
    const { databases } = await client.db().admin().listDatabases();
    let documents = 0;
    for (const { name } of databases.filter((database) => !['admin', 'local', 'config'].includes(database.name)))
      for (const { name: collection } of await client.db(name).listCollections().toArray())
        for await (const document of client.db(name).collection(collection).find()) {
          documents += 1;
          if (JSON.stringify(document).includes(token)) found.push(`${name}.${collection}`);
        }
    await client.close();
    const manager = await jetstreamManager(await seatwise.nats.connection());
    let messages = 0;
    for await (const { config, state } of manager.streams.list())
      for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
        const message = await manager.streams.getMessage(config.name, { seq });
        if (message) messages += 1;
        if (message?.string().includes(token)) found.push(`${config.name} ${seq}`);
      }
    for (const file of readdirSync(seatwise.logs))
      if (readFileSync(join(seatwise.logs, file), 'utf8').includes(token)) found.push(file);
    if (sink.bodies().some((body) => body.includes(token))) found.push('traces');
    expect(documents).toBeGreaterThan(300);
    expect(messages).toBeGreaterThan(10);
    expect(found).toEqual([]);
  });
});
