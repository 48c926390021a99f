import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  bulkPaused,
  bulkStarted,
  cloudEventHeaders,
  connectionRemoved,
  createWebhook,
  eventEntry,
  getWebhook,
  listDeliveries,
  listWebhooks,
  mostWebhooks,
  newId,
  removeWebhook,
  replayDeliveries,
  replayDelivery,
  rotateWebhook,
  syncRunChanged,
  testWebhook,
  updateWebhook,
  webhookDisabled,
  type DeliveryDto,
  type RequestPair,
  type WebhookRequest,
  type EventType,
  type WebhookDto,
} from '@seatwise/contracts';
import { Bus, Nats, Streams } from '@seatwise/messaging';
import { Database, KeyRing, newServiceKey, PublicKeys } from '@seatwise/persistence';
import {
  root,
  spawnService,
  startProcess,
  startTraceSink,
  testFolder,
  testServers,
  type RunningService,
  type TraceSink,
} from '@seatwise/testing';
import { Webhook } from 'standardwebhooks';
import { Receiver, type Received } from './receiver.js';

const until = async <T>(look: () => T | Promise<T>, fits: (value: T) => boolean): Promise<T> => {
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
    await sleep(20);
  }
};

interface StoredHook {
  _id: string;
  secrets: { sealed: Parameters<KeyRing['open']>[0] }[];
}

interface Hook extends WebhookDto {
  secret: string;
  path: string;
}

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const at = ({ workspace, id: webhook }: WebhookDto) => ({ workspace, webhook });
const inAnHour = ({ nextAttemptAt }: DeliveryDto) => Date.parse(nextAttemptAt ?? '') > Date.now() + 3_500_000;
/** What the receiver makes of it, by the library that the makers of Standard Webhooks give out. */
const verify = (secret: string, { body, headers }: Received) =>
  new Webhook(secret).verify(body, headers as Record<string, string>) as Record<string, unknown>;

describe('webhooks', () => {
  let service: RunningService;
  let receiver: Receiver;
  let sink: TraceSink;
  let nats: Nats;
  let bus: Bus;
  let streams: Streams;
  let database: Database;
  let publicKeys: PublicKeys;
  let settings: Record<string, string>;
  const keys = { k1: randomBytes(32).toString('base64'), k2: randomBytes(32).toString('base64') };
  const logFile = join(testFolder(), 'action-service.log');
  let paths = 0;

  beforeAll(async () => {
    const servers = await testServers();
    const own = await newServiceKey('action-service');
    publicKeys = new PublicKeys({ keys: [own.publicJwk] });
    [receiver, sink] = await Promise.all([Receiver.start(), startTraceSink()]);
    settings = {
      MONGODB_URL: servers.mongoUrl,
      NATS_URL: servers.natsUrl,
      ENCRYPTION_KEYS: JSON.stringify(keys),
      ENCRYPTION_KEY_ID: 'k1',
      SERVICE_PRIVATE_KEY: JSON.stringify(own.privateJwk),
      WEBHOOK_ALLOW_HTTP_ON_LOOPBACK: 'true',
      WEBHOOK_TIMEOUT_SECONDS: '2',
      WEBHOOK_RETRY_SECONDS: '0,0',
      LEASE_SECONDS: '1',
      ...sink.env,
    };
    service = await spawnService({ name: 'action-service', env: settings, logFile });
    nats = new Nats({ servers: servers.natsUrl, name: 'webhooks-test' });
    [bus, streams] = [new Bus(nats), new Streams(nats)];
    database = new Database({ uri: servers.mongoUrl, database: 'actions' });
    await database.onModuleInit();
  });
  afterAll(async () => {
    await service.stop();
    await Promise.all([receiver.stop(), sink.close(), database.onApplicationShutdown()]);
    await (await nats.connection()).close();
  });
  afterEach(() => {
    receiver.release();
    receiver.say = () => 204;
  });

  const seal = (secret: string, workspace: string, webhook: string) =>
    publicKeys.sealFor('action-service', secret, `webhook|${workspace}|${webhook}`);

  /** A webhook for these types, at a path of its own. */
  const hook = async (workspace: string, types: EventType<object>[] = [syncRunChanged]): Promise<Hook> => {
    const [webhook, secret, path] = [newId('whk'), newSecret(), `/${paths++}`];
    const choice = { url: receiver.url + path, description: path, events: types.map(({ name }) => name) };
    const sealedSecret = await seal(secret, workspace, webhook);
    return Object.assign(await bus.request(createWebhook, { workspace, webhook, choice, sealedSecret }), {
      secret,
      path,
    });
  };

  /** Publishes an event; what it tells is nobody's concern here but for `more`. */
  const publish = async (type: EventType<object>, workspace: string, more: object = {}): Promise<string> => {
    const id = newId('evt');
    await streams.publishEntry({ ...eventEntry(type, workspace, { workspace, ...more }), id, createdAt: new Date() });
    return id;
  };
  const deliveries = async (one: WebhookDto): Promise<DeliveryDto[]> =>
    (await bus.request(listDeliveries, { ...at(one), limit: 200 })).deliveries;
  const delivery = (one: WebhookDto, event: string, fits: (found: DeliveryDto) => boolean) =>
    until(
      async () => (await deliveries(one)).find((found) => found.event === event),
      (found) => found !== undefined && fits(found),
    ) as Promise<DeliveryDto>;
  const ended = (one: WebhookDto, event: string, state: 'delivered' | 'parked') =>
    delivery(one, event, (found) => found.state === state);
  const arrived = (one: Hook, count = 1) =>
    until(
      () => receiver.at(one.path),
      (found) => found.length >= count,
    );
  /** All that was published has been taken, or passed over. */
  const allTaken = () =>
    until(
      async () => (await streams.manager()).consumers.info('EVENTS', 'action-webhooks'),
      ({ num_pending: waiting, num_ack_pending: inWork }) => waiting + inWork === 0,
    );
  it('are sent the events that they chose, of their workspace, once each, signed, as CloudEvents', async () => {
    const [mine, theirs] = [newId('ws'), newId('ws')];
    const one = await hook(mine, [syncRunChanged, bulkStarted]);
    const other = await hook(theirs);
    const first = await publish(syncRunChanged, mine, { told: 'ü "quoted" 1.0' });
    await publish(bulkPaused, mine);
    const second = await publish(bulkStarted, mine);
    const foreign = await publish(syncRunChanged, theirs);
    // The same event once more, long after JetStream has forgotten its id.
    const { subject, payload } = eventEntry<object>(syncRunChanged, mine, { workspace: mine });
    const headers = cloudEventHeaders({ id: first, type: syncRunChanged.name, version: 1, workspace: mine });
    await streams.publish('EVENTS', subject, payload, { id: newId('evt'), headers });
    await Promise.all([ended(one, first, 'delivered'), ended(one, second, 'delivered')]);
    await ended(other, foreign, 'delivered');
    await allTaken();

    expect((await deliveries(one)).map(({ event }) => event).toSorted()).toEqual([first, second].toSorted());
    expect(
      (await deliveries(one)).map(({ attempts, lastStatus, lastError }) => [attempts, lastStatus, lastError]),
    ).toEqual([
      [1, 204, null],
      [1, 204, null],
    ]);
    expect(
      receiver
        .at(one.path)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual([first, second].toSorted());
    expect(receiver.at(other.path).map(({ id }) => id)).toEqual([foreign]);
    const received = receiver.at(one.path).find(({ id }) => id === first)!;
    expect(received.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(verify(one.secret, received)).toEqual({
      specversion: '1.0',
      id: first,
      source: `urn:seatwise:workspace:${mine}`,
      type: 'seatwise.v1.sync-run.changed',
      time: expect.any(String),
      workspace: mine,
      dataschema: 'urn:seatwise:schema:sync-run.changed.v1',
      datacontenttype: 'application/json',
      data: { workspace: mine, told: 'ü "quoted" 1.0' },
    });
    expect(() => verify(other.secret, received)).toThrow('No matching signature');
    const [found] = (await deliveries(one)).filter(({ event }) => event === first);
    expect(received.headers.traceparent).toContain(found!.traceId);
  });

  it('are tried again after an error and after silence, parked in the end, and replayed', async () => {
    const workspace = newId('ws');
    const one = await hook(workspace);
    const answers = [500, 'hold'] as const;
    receiver.say = ({ path }) => (path === one.path ? (answers[receiver.at(path).length - 1] ?? 200) : 204);
    const event = await publish(syncRunChanged, workspace);
    expect(await ended(one, event, 'delivered')).toMatchObject({ attempts: 3, lastStatus: 200, lastError: null });
    expect(new Set(receiver.at(one.path).map(({ id }) => id))).toEqual(new Set([event]));

    receiver.say = () => [302, { location: `${receiver.url}/elsewhere` }];
    const [lost, alsoLost] = [await publish(syncRunChanged, workspace), await publish(syncRunChanged, workspace)];
    expect(await ended(one, lost, 'parked')).toMatchObject({
      attempts: 3,
      lastStatus: 302,
      lastError: 'It answered 302: a redirect, which is never followed.',
      nextAttemptAt: null,
    });
    await ended(one, alsoLost, 'parked');
    expect(receiver.at('/elsewhere')).toEqual([]);
    expect(await bus.request(getWebhook, at(one))).toMatchObject({
      parked: 2,
      due: 0,
      failingSince: expect.any(String),
    });

    receiver.say = () => 204;
    expect(await bus.request(replayDelivery, { ...at(one), event: lost })).toMatchObject({ state: 'due', attempts: 3 });
    await ended(one, lost, 'delivered');
    expect(await bus.request(replayDeliveries, at(one))).toEqual({ deliveries: 1 });
    await ended(one, alsoLost, 'delivered');
    expect(await bus.request(getWebhook, at(one))).toMatchObject({ parked: 0, failingSince: null });
    const before = receiver.at(one.path).length;
    const taken = (await deliveries(one)).filter((found) => found.event !== event).map(({ createdAt }) => createdAt);
    const [since] = taken.toSorted();
    expect(await bus.request(replayDeliveries, { ...at(one), since: since! })).toEqual({ deliveries: 2 });
    await arrived(one, before + 2);
    await expect(bus.request(replayDelivery, { ...at(one), event: newId('evt') })).rejects.toMatchObject({
      code: 'delivery_not_found',
    });
  });

  it('leave a receiver alone for as long as it asks', async () => {
    const workspace = newId('ws');
    const one = await hook(workspace);
    receiver.say = () => [503, { 'retry-after': '3600' }];
    const first = await publish(syncRunChanged, workspace);
    expect(await delivery(one, first, inAnHour)).toMatchObject({ state: 'due', attempts: 1, lastStatus: 503 });
    const second = await publish(syncRunChanged, workspace);
    expect(await delivery(one, second, inAnHour)).toMatchObject({ state: 'due', attempts: 0 });
    expect(receiver.at(one.path)).toHaveLength(1);
  });

  it('are switched off by 410, and after days of failing, and say so to another webhook', async () => {
    const workspace = newId('ws');
    const [gone, failing, watching] = [
      await hook(workspace),
      await hook(workspace),
      await hook(workspace, [webhookDisabled]),
    ];
    const days = new Date(Date.now() - 6 * 86_400_000);
    const webhooks = database.collection<{ _id: string }>('webhooks');
    await webhooks.updateOne({ _id: failing.id }, { $set: { failingSince: days } });
    receiver.say = ({ path }) => (path === gone.path ? 410 : path === failing.path ? 500 : 204);
    const event = await publish(syncRunChanged, workspace);
    await Promise.all([ended(gone, event, 'parked'), ended(failing, event, 'parked')]);
    expect(await bus.request(getWebhook, at(gone))).toMatchObject({ enabled: false, offBecause: 'gone' });
    expect(await bus.request(getWebhook, at(failing))).toMatchObject({ enabled: false, offBecause: 'failing' });
    const told = (await arrived(watching, 2)).map((received) => verify(watching.secret, received).data);
    const said = (one: Hook, reason: string, since: unknown) => ({
      workspace,
      webhook: one.id,
      description: one.path,
      reason,
      failingSince: since,
    });
    expect(told).toHaveLength(2);
    expect(told).toContainEqual(said(gone, 'gone', expect.any(String)));
    expect(told).toContainEqual(said(failing, 'failing', days.toISOString()));

    // Off, it takes nothing, and is neither tried nor replayed.
    await expect(bus.request(testWebhook, at(gone))).rejects.toMatchObject({ code: 'webhook_off' });
    await expect(bus.request(replayDeliveries, at(gone))).rejects.toMatchObject({ code: 'webhook_off' });
    receiver.say = () => 204;
    await publish(syncRunChanged, workspace);
    await allTaken();
    expect(await deliveries(gone)).toHaveLength(1);
    await bus.request(updateWebhook, { ...at(gone), change: { enabled: true } });
    expect(await bus.request(replayDeliveries, at(gone))).toEqual({ deliveries: 1 });
    await ended(gone, event, 'delivered');
  });

  it('lose nothing to kill -9, and take what came while nobody was there', async () => {
    const workspace = newId('ws');
    const one = await hook(workspace);
    receiver.say = ({ path }) => (path === one.path ? 'hold' : 204);
    const before = await Promise.all(Array.from({ length: 12 }, () => publish(syncRunChanged, workspace)));
    await arrived(one);
    await service.kill();
    const meanwhile = await publish(syncRunChanged, workspace);
    receiver.say = () => 204;
    await service.restart();
    for (const event of [...before, meanwhile]) await ended(one, event, 'delivered');
    const ids = new Set(receiver.at(one.path).map(({ id }) => id));
    expect(ids).toEqual(new Set([...before, meanwhile]));
  });

  it('hold up no other when one does not answer', async () => {
    const workspace = newId('ws');
    const [slow, quick] = [await hook(workspace), await hook(workspace)];
    let isHeld = true;
    receiver.say = ({ path }) => (path === slow.path && isHeld ? 'hold' : 204);
    const events = await Promise.all(Array.from({ length: 30 }, () => publish(syncRunChanged, workspace)));
    for (const event of events) await ended(quick, event, 'delivered');
    // Of each of those that are held, one came after another was given up.
    expect((await deliveries(slow)).filter(({ state }) => state === 'delivered')).toEqual([]);
    isHeld = false;
    receiver.release();
  });

  it('sign with the old secret too for a while after a rotation, and keep both sealed', async () => {
    const workspace = newId('ws');
    const one = await hook(workspace);
    const secret = newSecret();
    const rotated = await bus.request(rotateWebhook, {
      ...at(one),
      sealedSecret: await seal(secret, workspace, one.id),
    });
    expect(Date.parse(rotated.oldSecretUntil!)).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    const { event } = await bus.request(testWebhook, at(one));
    await ended(one, event, 'delivered');
    const [received] = receiver.at(one.path);
    for (const valid of [secret, one.secret])
      expect(verify(valid, received!)).toMatchObject({ type: 'seatwise.v1.webhook.tested', data: { webhook: one.id } });
    const expired = { $set: { 'secrets.1.until': new Date(0) } };
    await database.collection<{ _id: string }>('webhooks').updateOne({ _id: one.id }, expired);
    const again = await bus.request(testWebhook, at(one));
    await ended(one, again.event, 'delivered');
    expect(() => verify(one.secret, receiver.at(one.path)[1]!)).toThrow('No matching signature');

    const stored = JSON.stringify(await database.collection<{ _id: string }>('webhooks').find({ workspace }).toArray());
    const log = readFileSync(logFile, 'utf8');
    const spans = sink.bodies().join();
    for (const text of [secret, one.secret].map((whole) => whole.slice('whsec_'.length)))
      expect([stored, log, spans].map((place) => place.includes(text))).toEqual([false, false, false]);
    // Sealed for another webhook it is none of this one's.
    const foreign = await seal(secret, workspace, newId('whk'));
    await expect(bus.request(rotateWebhook, { ...at(one), sealedSecret: foreign })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('are one workspace’s alone, so many and no more, and leave nothing when they or an org are gone', async () => {
    const [mine, theirs] = [newId('ws'), newId('ws')];
    const made: Hook[] = [];
    while (made.length < mostWebhooks) made.push(await hook(mine));
    await expect(hook(mine)).rejects.toMatchObject({ code: 'too_many_webhooks' });
    const [one] = made as [Hook];
    expect((await bus.request(listWebhooks, { workspace: theirs })).webhooks).toEqual([]);
    const foreign = { workspace: theirs, webhook: one.id };
    const asks = [getWebhook, removeWebhook, testWebhook, replayDeliveries] as RequestPair<WebhookRequest, object>[];
    for (const ask of asks)
      await expect(bus.request(ask, foreign)).rejects.toMatchObject({ code: 'webhook_not_found' });
    await expect(bus.request(listDeliveries, { ...foreign, limit: 1 })).rejects.toMatchObject({
      code: 'webhook_not_found',
    });

    const connection = newId('con');
    const about = await publish(syncRunChanged, mine, { connection });
    const other = await publish(syncRunChanged, mine);
    await Promise.all([ended(one, about, 'delivered'), ended(one, other, 'delivered')]);
    await publish(connectionRemoved, mine, { connection, history: 'erase' });
    await until(
      () => deliveries(one),
      (found) => found.length === 1,
    );
    const events = database.collection<{ _id: string }>('webhook_events');
    expect(await events.findOne({ _id: other })).not.toBeNull();
    await until(
      () => events.findOne({ _id: about }),
      (found) => found === null,
    );
    await bus.request(removeWebhook, at(one));
    const left = await database.collection('webhook_deliveries').countDocuments({ webhook: one.id });
    expect(left).toBe(0);
  });

  it('choose among what may leave Seatwise, and nothing that services tell each other', async () => {
    for (const name of ['directory.seen', 'action.secret', 'connection.checked', 'bulk.changed']) {
      const refused = hook(newId('ws'), [{ ...syncRunChanged, name }]);
      await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
    }
  });

  it('write nothing for events that nobody chose', async () => {
    const workspace = newId('ws');
    await hook(workspace, [bulkStarted]);
    await Promise.all(Array.from({ length: 20 }, () => publish(syncRunChanged, workspace)));
    await publish(syncRunChanged, newId('ws'));
    await allTaken();
    for (const name of ['webhook_deliveries', 'webhook_events'])
      expect(await database.collection(name).countDocuments({ workspace })).toBe(0);
  });

  it('are verified by the receiver that docs/webhooks.md shows', async () => {
    const guide = readFileSync(join(root, 'docs/webhooks.md'), 'utf8');
    const file = join(testFolder(), 'receiver.mjs');
    writeFileSync(file, /```js\n(.*?)```/s.exec(guide)![1]!);
    const workspace = newId('ws');
    const one = await hook(workspace);
    const env = { PATH: process.env.PATH, WEBHOOK_SECRET: one.secret, PORT: '0' };
    const shown = startProcess({ command: process.execPath, args: [file], env, logFile: `${file}.log` });
    const lines = () => readFileSync(`${file}.log`, 'utf8').split('\n');
    const [url] = (await until(lines, ({ length }) => length > 1)) as [string];
    await bus.request(updateWebhook, { ...at(one), change: { url } });
    const { event } = await bus.request(testWebhook, at(one));
    await ended(one, event, 'delivered');
    await bus.request(replayDelivery, { ...at(one), event });
    const again = () => delivery(one, event, ({ attempts, state }) => attempts === 2 && state === 'delivered');
    await again();
    expect(lines().slice(1, -1)).toEqual([`${event} seatwise.v1.webhook.tested ${workspace}`]);
    const forged = await fetch(url, { method: 'POST', body: '{}', headers: { 'webhook-id': event } });
    expect(forged.status).toBe(400);
    await shown.stop();
  });

  it('have their secrets sealed anew under another key, so that the old one can go', async () => {
    const workspace = newId('ws');
    const { id, secret } = await hook(workspace);
    const script = join(root, 'apps/action-service/dist/rotate-keys.js');
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: { PATH: process.env.PATH, ...settings, ENCRYPTION_KEY_ID: 'k2' },
    });
    expect(stdout).toMatch(/^secrets of [1-9]\d* webhooks sealed anew under k2, 0 changed meanwhile/);
    const stored = await database.collection<StoredHook>('webhooks').findOne({ _id: id });
    const ring = new KeyRing({ keys: { k2: keys.k2 }, current: 'k2' });
    expect(await ring.open(stored!.secrets[0]!.sealed, `webhook|${workspace}|${id}`)).toBe(secret);
  });
});
