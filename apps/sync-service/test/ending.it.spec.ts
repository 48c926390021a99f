import { newId, type ConnectionDto } from '@seatwise/contracts';
import { Database, Outbox } from '@seatwise/persistence';
import { freshDatabase, testServers } from '@seatwise/testing';
import { SyncConfig } from '../src/config.js';
import { ConnectionsRepository } from '../src/connections/connections.repository.js';
import { RunEnding } from '../src/runs/run-ending.js';
import { RunsRepository } from '../src/runs/runs.repository.js';
import type { Run } from '../src/runs/run.js';
import { LeaseLost, newTask, nothingCounted, taskId } from '../src/tasks/task.js';
import { TasksRepository } from '../src/tasks/tasks.repository.js';

/** As many as an org of ten thousand apps has. */
const many = 20_000;

const dtoOf = (id: string, version: number, paused = false): ConnectionDto => ({
  id,
  workspace: newId('ws'),
  name: 'Acme',
  orgUrl: 'https://acme.okta.com',
  level: 'read',
  health: 'healthy',
  checks: [],
  capabilities: [],
  syncEveryMinutes: 15,
  paused,
  licensedStatuses: [],
  rateShare: 0.5,
  shrinkShare: 0.1,
  version,
  createdAt: new Date().toISOString(),
  testedAt: null,
  removedAt: null,
});

describe('ending a run', () => {
  let database: Database;
  let tasks: TasksRepository;
  let runs: RunsRepository;
  let connections: ConnectionsRepository;
  let ending: RunEnding;

  beforeAll(async () => {
    const { mongoUrl } = await testServers();
    database = new Database({ uri: mongoUrl, database: freshDatabase() });
    await database.onModuleInit();
    tasks = new TasksRepository(database, Object.assign(new SyncConfig(), { leaseSeconds: 60 }));
    runs = new RunsRepository(database);
    connections = new ConnectionsRepository(database);
    const outbox = new Outbox(database);
    await outbox.ensureIndexes();
    await Promise.all([tasks.onModuleInit(), runs.onModuleInit(), connections.onModuleInit()]);
    ending = new RunEnding(runs, tasks, connections, database, outbox);
  });
  afterAll(() => database.onApplicationShutdown());

  const connect = async () => {
    const connection = dtoOf(newId('con'), 1);
    await connections.learn(connection);
    return connection;
  };
  const begin = async ({ id: connection, workspace }: ConnectionDto) => {
    const run = { _id: newId('run'), workspace, connection, number: 1, state: 'running', trigger: 'demand' } as Run;
    await database.transaction(async (session) => {
      await connections.claimRun(connection, run._id, session);
      const rest = { startedAt: new Date(), endedAt: null, missing: [], shrink: [], agreed: false, expanded: [] };
      await runs.add(
        {
          ...run,
          ...rest,
          reason: null,
          stages: null,
          version: 1,
          trace: {},
          waitedMs: 0,
          waitsUntil: new Date(),
          lookedAt: new Date(),
        },
        session,
      );
    });
    return run;
  };

  it('takes effect though workers write thousands of its tasks at the same time, and stops them', async () => {
    const connection = await connect();
    const run = await begin(connection);
    const base = { run: run._id, workspace: run.workspace, connection: run.connection, number: 1, trace: {} };
    await tasks.add(Array.from({ length: many }, (_none, at) => newTask(base, 'assignments', `0oa${at}`)));
    let next = 0;
    let written = 0;
    let stopped = 0;
    const { promise: underWay, resolve: begun } = Promise.withResolvers<void>();
    const worker = async () => {
      for (;;) {
        const task = await tasks.acquire(taskId(run._id, 'assignments', `0oa${next++}`));
        if (!task) return;
        try {
          await database.transaction((session) => tasks.checkpoint(task, null, nothingCounted(), session));
          await tasks.finish(task, 'done', null);
          written += 1;
          if (written === 30) begun();
        } catch (error) {
          if (!(error instanceof LeaseLost)) throw error;
          stopped += 1;
        }
      }
    };
    const working = Promise.all([worker(), worker(), worker()]);
    await underWay;
    await ending.cancel(run._id, 'A person cancelled it.');
    await working;
    expect(written + stopped).toBeLessThan(many);
    expect(await runs.find(run._id)).toMatchObject({ state: 'cancelled', stages: expect.any(Array) as unknown });
    expect((await connections.find(connection.id))?.activeRun).toBeNull();
    expect(await tasks.isListing(run._id)).toBe(false);
  });

  it('leaves a log that is still being read to be read on between runs, at once', async () => {
    const connection = await connect();
    const run = await begin(connection);
    const base = { run: run._id, workspace: run.workspace, connection: run.connection, number: 1, trace: {} };
    for (const kind of ['people', 'groups', 'apps', 'sweep', 'sign_ins'] as const) {
      await tasks.add([newTask(base, kind)]);
      const task = await tasks.acquire(taskId(run._id, kind));
      if (kind !== 'sign_ins') await tasks.finish(task!, 'done', null);
    }
    for (let due = true; due;) due = (await connections.claimLog(60)) !== null;
    await ending.complete(run, { state: 'complete', reason: null });
    const ended = await runs.find(run._id);
    expect(ended?.stages?.find(({ kind }) => kind === 'sign_ins')?.state).toBe('continues');
    expect((await connections.claimLog(60))?._id).toBe(connection.id);
    // The mirror is whole, and says so though the log goes on.
    const announced = await database.collection('outbox').find({ 'payload.connection': connection.id }).toArray();
    expect(announced.map(({ type }) => type as string)).toContain('directory.complete');
    // From then on its age is counted, also when the next run fails.
    const failed = await begin(connection);
    await ending.fail(failed._id, 'Okta is away.');
    expect((await connections.find(connection.id))?.wholeAt).toEqual(ended!.startedAt);
    const synced: string[] = [];
    for await (const { _id } of connections.synced()) synced.push(_id);
    expect(synced).toContain(connection.id);
    expect((await connections.find((await connect()).id))?.wholeAt).toBeUndefined();
  });

  it('leaves Okta alone for an interval, also after a run that took longer than that', async () => {
    const connection = await connect();
    const { id, syncEveryMinutes } = connection;
    const run = await begin(connection);
    await database.collection('connections').updateOne({ _id: id as never }, { $set: { nextSyncAt: new Date(0) } });
    const ended = Date.now();
    await ending.complete(run, { state: 'complete', reason: null });
    const { activeRun, nextSyncAt } = (await connections.find(id))!;
    expect(activeRun).toBeNull();
    expect(nextSyncAt.getTime()).toBeGreaterThanOrEqual(ended + syncEveryMinutes * 60_000);
  });

  it('counts a wait once, however many of its tasks wait at the same time', async () => {
    const { _id: id } = await begin(await connect());
    const now = Date.now();
    for (const seconds of [40, 60, 50, 60]) await runs.wait(id, new Date(now + seconds * 1_000));
    const waited = (await runs.find(id))!.waitedMs;
    expect(waited).toBeGreaterThan(30_000);
    expect(waited).toBeLessThanOrEqual(60_000);
  });

  it('of two copies of a connection that come at once keeps the newer, whichever is written last', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { id } = await connect();
      await Promise.all([4, 3, 2].map((version) => connections.learn(dtoOf(id, version, version === 4))));
      expect(await connections.find(id)).toMatchObject({ version: 4, paused: true });
    }
  });
});
