import { newId } from '@seatwise/contracts';
import { LocalStore, OktaClient, RateBudget, RefusedError } from '@seatwise/okta';
import { Database, Outbox } from '@seatwise/persistence';
import { freshDatabase, startScripted, testServers, type Asked, type Said, type Scripted } from '@seatwise/testing';
import { SyncConfig } from '../src/config.js';
import type { Connection } from '../src/connections/connection.js';
import { LogTask } from '../src/log/log.task.js';
import { newTask, type Task } from '../src/tasks/task.js';
import { TasksRepository } from '../src/tasks/tasks.repository.js';
import type { Work } from '../src/tasks/work.js';

const start = Math.floor(Date.now() / 1_000) * 1_000;
const day = 86_400_000;

const signIn = (n: number, at: number) => ({
  uuid: `uuid-${n}`,
  published: new Date(at).toISOString(),
  eventType: 'user.session.start',
  outcome: { result: 'SUCCESS' },
  actor: { id: '00u1', type: 'User' },
  target: null,
});
const refused: Said = { status: 400, body: { errorCode: 'E0000029', errorSummary: 'Invalid paging request' } };

/** A page of the log, answered at a moment by Okta's clock, that leads on as the log of Okta always does. */
const page = (n: number, date: number, ...events: object[]): Said => ({
  headers: { link: `</api/v1/logs?after=${n}>; rel="next"`, date: new Date(date).toUTCString() },
  body: events,
});
const afterOf = ({ path }: Asked) => new URL(path, 'http://org').searchParams.get('after');
const sinceOf = ({ path }: Asked) => new URL(path, 'http://org').searchParams.get('since');

describe('reading the System Log', () => {
  let database: Database;
  let tasks: TasksRepository;
  let log: LogTask;
  const open: { close(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    const { mongoUrl } = await testServers();
    database = new Database({ uri: mongoUrl, database: freshDatabase() });
    await database.onModuleInit();
    tasks = new TasksRepository(database, Object.assign(new SyncConfig(), { leaseSeconds: 60 }));
    log = new LogTask(database, tasks, new Outbox(database));
  });
  afterAll(async () => {
    await Promise.all(open.map((each) => each.close()));
    await database.onApplicationShutdown();
  });

  /** A connection of an org whose log the test writes. `read` reads it once, as a worker does. */
  const connect = async (say: (asked: Asked) => Said, createdAt = new Date(start)) => {
    const okta: Scripted = await startScripted(say);
    const client = new OktaClient({
      orgUrl: okta.url,
      credential: () => Promise.resolve({ kind: 'api_token', token: '00token' }),
      policy: { allowedOrigins: [okta.url], allowedHostSuffixes: [] },
      budget: new RateBudget(new LocalStore()),
      backOffMs: 1,
    });
    open.push(client, okta);
    const connection = { _id: newId('con'), workspace: newId('ws'), createdAt: createdAt.toISOString() } as Connection;
    const read = async (run: string | null = null) => {
      const { workspace, _id } = connection;
      const fresh = newTask({ workspace, connection: _id, run, number: 1, trace: {} }, 'sign_ins');
      await (run ? tasks.add([fresh]) : tasks.requeueLog(fresh));
      const task = (await tasks.acquire(fresh._id)) as Task;
      const work: Work = {
        task,
        connection,
        okta: client,
        spent: { requests: 0, waitedMs: 0, bytes: 0 },
        signal: new AbortController().signal,
        isEnding: () => false,
      };
      try {
        await log.run(work);
      } finally {
        await tasks.finish(task, 'done', null);
      }
    };
    const announced = async () => {
      const entries = await database
        .collection<{ _id: string; payload: { connection: string; signIns: unknown[][]; completeUpTo?: string } }>(
          'outbox',
        )
        .find({ 'payload.connection': connection._id })
        .toArray();
      const marks = entries.map(({ payload }) => payload).filter(({ completeUpTo }) => completeUpTo !== undefined);
      return {
        uuids: entries.flatMap(({ payload }) => payload.signIns.map(([uuid]) => String(uuid))).toSorted(),
        marks,
      };
    };
    return { okta, connection, read, announced };
  };

  it('has an end where somebody signs in every second, so that no page is ever empty', async () => {
    const { read, okta, announced } = await connect(({ number }) =>
      page(number, start + number * 1_000, signIn(number, start + number * 1_000 - 500)),
    );
    await read();
    expect(okta.asked.length).toBeLessThan(5);
    const { marks, uuids } = await announced();
    expect(marks).toMatchObject([{ completeUpTo: new Date(start + 1_000).toISOString() }]);
    expect(uuids).toHaveLength(okta.asked.length);
  });

  it('begins with a whole day, goes on from its link, and ends with an empty page', async () => {
    const { read, okta, announced } = await connect((asked) => {
      const at = Number(afterOf(asked) ?? 0);
      return at < 2 ? page(at + 1, start, signIn(at, start - day)) : page(2, start);
    });
    await read();
    const since = sinceOf(okta.asked[0]!)!;
    expect(since).toBe(new Date(Math.floor((start - 30 * day) / day) * day).toISOString());
    await read();
    expect(okta.asked.map(afterOf)).toEqual([null, '1', '2', '2']);
    const { marks, uuids } = await announced();
    expect(uuids).toEqual(['uuid-0', 'uuid-1']);
    expect(marks).toHaveLength(2);
    for (const mark of marks) expect(mark).toMatchObject({ completeSince: since });
  });

  it('begins anew a while before the newest when Okta does not take the link any more, once', async () => {
    const newest = start - 3 * day;
    let isStale = false;
    const { read, okta, announced } = await connect((asked) => {
      if (isStale && afterOf(asked) === '1') return refused;
      return asked.number === 1 ? page(1, start, signIn(1, newest)) : page(asked.number, start);
    });
    await read();
    isStale = true;
    // The link that the first reading was left with is `2`, for its last page was empty.
    await database
      .collection<{ _id: string; next: string }>('log_cursors')
      .updateMany({}, { $set: { next: '/api/v1/logs?after=1' } });
    await read();
    expect(sinceOf(okta.asked.at(-1)!)).toBe(new Date(newest - 2 * 3_600_000).toISOString());
    expect((await announced()).marks).toHaveLength(2);
  });

  it('gives up when every link is refused, after few requests and without writing the same again and again', async () => {
    const { read, okta, announced } = await connect((asked) =>
      afterOf(asked) === null ? page(asked.number, start, signIn(1, start - day)) : refused,
    );
    await expect(read()).rejects.toThrow(RefusedError);
    expect(okta.asked.length).toBeLessThan(10);
    expect((await announced()).uuids.length).toBeLessThanOrEqual(2);
  });

  it('asks for no more than Okta has kept, and says from when on the log is known', async () => {
    const longAgo = new Date(start - 300 * day);
    const { read, okta, announced } = await connect(({ number }) => page(number, start), longAgo);
    await read();
    const since = sinceOf(okta.asked[0]!)!;
    expect(Math.abs(Date.parse(since) - (start - 90 * day))).toBeLessThan(60_000);
    expect((await announced()).marks).toMatchObject([{ completeSince: since }]);
  });

  it('is not carried along by an event that claims to come from the future', async () => {
    const { read, okta } = await connect((asked) => {
      const at = Number(afterOf(asked) ?? 0);
      return at === 0 ? page(1, start, signIn(1, start - day), signIn(2, start + 80 * 365 * day)) : page(1, start);
    });
    await read();
    const [cursor] = await database
      .collection<{ _id: string; newest: number }>('log_cursors')
      .find()
      .sort({ newest: -1 })
      .toArray();
    expect(cursor?.newest).toBeLessThanOrEqual(start + 10_000);
    expect(okta.asked.length).toBeGreaterThan(0);
  });

  it('writes each page once when two readers are at it at the same time', async () => {
    const { read, announced } = await connect((asked) => {
      const at = Number(afterOf(asked) ?? 0);
      return at < 12 ? page(at + 1, start, signIn(at, start - day + at)) : page(12, start);
    });
    await Promise.all([read(), read(newId('run'))]);
    const { uuids } = await announced();
    expect(uuids).toEqual([...new Set(uuids)]);
    expect(uuids).toHaveLength(12);
  });
});
