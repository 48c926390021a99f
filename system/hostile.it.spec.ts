import { MongoClient } from 'mongodb';
import { ask, closeAgent } from '../apps/gateway/test/ask.js';
import { faultsOf } from '../apps/gateway/test/conforms.js';
import { hostileRequests, seeded } from '../apps/gateway/test/hostile.js';
import type { OpenApiDocument, OperationObject } from '../apps/gateway/src/reference/document.js';
import { Seatwise } from '../tools/harness/seatwise.js';
import type { Api } from '../tools/start/api.js';

/** What a refused request must leave as it was. Other services follow what is accepted a moment later. */
const kept = [
  ['connections', 'accounts'],
  ['gateway', 'keys'],
  ['gateway', 'workspaces'],
  ['gateway', 'members'],
  ['directory', 'runs'],
  ['actions', 'bulk_jobs'],
] as const;

describe('hostile requests, against all of the services', () => {
  let seatwise: Seatwise;
  let client: MongoClient;
  let document: OpenApiDocument;
  let ids: Record<string, string>;
  let key: string;
  let api: Api;

  beforeAll(async () => {
    seatwise = await Seatwise.start([{ SIMULATOR_PEOPLE: '100', SIMULATOR_APPS: '5', SIMULATOR_GROUPS: '3' }], {
      LOG_EVERY_SECONDS: '3600',
    });
    client = await MongoClient.connect(seatwise.servers.mongoUrl);
    const workspace = await seatwise.workspace('Attacked');
    ({ api } = workspace);
    const [org] = seatwise.orgs;
    const connection = await api.connect({ orgUrl: org!.url, token: org!.token });
    const run = await seatwise.ended(api, connection);
    // Nothing happens by itself from here on.
    await api.call('PATCH', `/connections/${connection.id}`, { syncEveryMinutes: 1440 });
    key = (await api.call<{ key: string }>('POST', '/keys', { name: 'Attacker', role: 'admin' })).key;
    const spare = await api.call<{ id: string }>('POST', '/keys', { name: 'Spare', role: 'viewer' });
    const { people } = await api.call<{ people: { id: string }[] }>('GET', '/people?limit=1');
    const { apps } = await api.call<{ apps: { id: string }[] }>('GET', '/apps?limit=1');
    ids = {
      workspace: workspace.id,
      connection: connection.id,
      run: run.id,
      key: spare.id,
      person: people[0]!.id,
      app: apps[0]!.id,
      bulk: `blk_${'0'.repeat(25)}`,
      code: 'run_not_found',
    };
    document = (await ask(seatwise.gatewayUrl, { path: '/api/v1/openapi.json' })).json as OpenApiDocument;
  });
  afterAll(async () => {
    closeAgent();
    await client.close();
    await seatwise.stop();
  });

  const keyFor = ({ security }: OperationObject) =>
    security.some((one) => 'bootstrapToken' in one) ? seatwise.kept.bootstrapToken : key;

  const stored = async () => {
    const found = kept.map(([database, collection]) =>
      client
        .db(database)
        .collection(collection)
        .find({}, { projection: { lastUsedAt: 0 } })
        .toArray(),
    );
    return JSON.stringify(await Promise.all(found));
  };

  it('get a problem with a code each, never a fault of ours, and leave nothing behind', async () => {
    const wrong: string[] = [];
    let [asked, refused] = [0, 0];
    let before = await stored();
    for (const { name, operation, ...question } of hostileRequests(document, ids, seeded(11), 0.5)) {
      const reply = await ask(seatwise.gatewayUrl, { ...question, key: keyFor(operation) });
      asked += 1;
      const faults: string[] = [];
      if (reply.status >= 500) faults.push(`answered ${reply.status} ${reply.text.slice(0, 200)}`);
      if (reply.status >= 400) {
        refused += 1;
        const { code } = (reply.json ?? {}) as { code?: string };
        if (!code) faults.push(`has no code: ${reply.status} ${reply.text.slice(0, 100)}`);
        // A hostile variable may lead to another resource of the API, or to none.
        const isElsewhere = reply.status === 405 || code === 'not_found';
        if (!isElsewhere && !operation.responses[String(reply.status)])
          faults.push(`${reply.status} is not documented`);
        if (question.method !== 'GET' && (await stored()) !== before) faults.push('something was stored');
      } else {
        const [media] = Object.values(operation.responses[String(reply.status)]?.content ?? {});
        if (media && reply.json !== undefined)
          faults.push(...faultsOf(reply.json, media.schema, document.components.schemas));
        before = await stored();
      }
      wrong.push(...faults.map((fault) => `${name} → ${fault}`));
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(asked / 2);
  });

  it('and everybody else is served as before', async () => {
    const summary = await api.summary(ids.connection);
    expect(summary.people).toBe(100);
  });
});
