import type { EventEntry } from '@seatwise/contracts';
import { freshDatabase, testServers } from '@seatwise/testing';
import { Database } from './database.js';
import { Outbox, type OutboxEntry, type OutboxOrder } from './outbox.js';
import { OutboxRelay } from './outbox-relay.js';

const entry = (name: string): EventEntry => ({
  subject: `seatwise.v1.ws.${name}`,
  type: name,
  version: 1,
  workspace: 'ws',
  payload: { name },
});

describe('the outbox', () => {
  let database: Database;
  let outbox: Outbox;
  beforeEach(async () => {
    const { mongoUrl } = await testServers();
    database = new Database({ uri: mongoUrl, database: freshDatabase() });
    await database.onModuleInit();
    outbox = new Outbox(database);
    await outbox.ensureIndexes();
  });
  afterEach(() => database.onApplicationShutdown());

  const add = (name: string, order?: OutboxOrder) =>
    database.transaction((session) => outbox.add(entry(name), session, order));
  const waiting = async () => (await outbox.waiting(10)).map(({ type }) => type);

  /** Runs a relay until `done` says so of what it has published. */
  const relayUntil = async (publish: (entry: OutboxEntry) => Promise<void>, done: (published: string[]) => boolean) => {
    const published: string[] = [];
    const relay = new OutboxRelay(outbox, async (one) => {
      await publish(one);
      published.push(one.type);
    });
    relay.onApplicationBootstrap();
    while (!done(published)) await new Promise((resolve) => setTimeout(resolve, 5));
    await relay.beforeApplicationShutdown();
    return published;
  };

  it('holds what nobody else says, and nothing that was not committed', async () => {
    await add('one');
    await expect(
      database.transaction(async (session) => {
        await outbox.add(entry('never'), session);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await waiting()).toEqual(['one']);
    expect(await outbox.pending()).toBe(1);
  });

  it('lets a mark leave only after all that it stands for, whatever the clocks said of their order', async () => {
    await add('mark', { after: 'con|pages' });
    await add('page 1', { group: 'con|pages' });
    await add('page 2', { group: 'con|pages' });
    await add('other', { group: 'other|pages' });
    expect((await waiting()).toSorted()).toEqual(['other', 'page 1', 'page 2']);
    let fails = 3;
    const published = await relayUntil(
      ({ type }) => (type === 'page 2' && fails-- > 0 ? Promise.reject(new Error('no answer')) : Promise.resolve()),
      (seen) => seen.includes('mark'),
    );
    expect(published.indexOf('mark')).toBeGreaterThan(published.indexOf('page 2'));
  });

  it('is not held up by what cannot be published, and keeps it', async () => {
    for (let n = 0; n < 20; n += 1) await add(`fine ${n}`);
    await add('poison');
    const published = await relayUntil(
      ({ type }) => (type === 'poison' ? Promise.reject(new Error('too large')) : Promise.resolve()),
      (seen) => seen.length >= 20,
    );
    expect(published).toHaveLength(20);
    expect(await outbox.pending()).toBe(1);
    // Laid aside for a while, and then tried again.
    await add('later');
    expect(
      (
        await relayUntil(
          () => Promise.resolve(),
          (seen) => seen.includes('poison'),
        )
      ).toSorted(),
    ).toEqual(['later', 'poison']);
    expect(await outbox.pending()).toBe(0);
  });

  it('goes on at once with what was committed while others were on their way', async () => {
    await add('link 0');
    const published: string[] = [];
    const relay = new OutboxRelay(outbox, async ({ type }) => {
      published.push(type);
      await add(`link ${published.length}`);
      outbox.kick();
    });
    // So seldom that it would not be seen here.
    Object.assign(relay, { sweepMs: 3_600_000 });
    relay.onApplicationBootstrap();
    while (published.length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    await relay.beforeApplicationShutdown();
    expect(published.slice(0, 3)).toEqual(['link 0', 'link 1', 'link 2']);
  });

  it('publishes nothing while the stream is away, and everything afterwards, each under its own id', async () => {
    for (let n = 0; n < 5; n += 1) await add(`event ${n}`);
    const ids = new Set<string>();
    let away = 12;
    await relayUntil(
      ({ id }) => {
        if (away-- > 0) return Promise.reject(new Error('no responders'));
        ids.add(id);
        return Promise.resolve();
      },
      (seen) => seen.length === 5,
    );
    expect(ids.size).toBe(5);
  });

  it('fills a stream that was lost with what was published since a moment', async () => {
    const before = new Date();
    await add('one');
    await add('two');
    await relayUntil(
      () => Promise.resolve(),
      (seen) => seen.length === 2,
    );
    expect(await waiting()).toEqual([]);
    expect(await outbox.republish(new Date(Date.now() + 60_000))).toBe(0);
    expect(await outbox.republish(before)).toBe(2);
    expect((await waiting()).toSorted()).toEqual(['one', 'two']);
  });
});
