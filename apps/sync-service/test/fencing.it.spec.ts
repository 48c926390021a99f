import { newId } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import { freshDatabase, testServers } from '@seatwise/testing';
import { SyncConfig } from '../src/config.js';
import { listedPerson } from '../src/directory/listed.js';
import { Mirror } from '../src/directory/mirror.js';
import { LeaseLost, newTask, nothingCounted, taskId, type Task } from '../src/tasks/task.js';
import { TasksRepository } from '../src/tasks/tasks.repository.js';

const person = (nickName: string) =>
  listedPerson({
    id: '00u1',
    status: 'ACTIVE',
    created: null,
    activated: null,
    statusChanged: null,
    lastUpdated: null,
    profile: { login: 'ann@acme.example', nickName },
  });

describe('a worker that has lost its lease', () => {
  let database: Database;
  let tasks: TasksRepository;
  let mirror: Mirror;
  const run = newId('run');
  const place = { workspace: newId('ws'), connection: newId('con'), number: 1, asked: 0 };
  const id = taskId(run, 'people');

  beforeAll(async () => {
    const { mongoUrl } = await testServers();
    database = new Database({ uri: mongoUrl, database: freshDatabase() });
    await database.onModuleInit();
    // A lease ends as soon as it is given, as one does whose holder is frozen for longer than it lasts.
    tasks = new TasksRepository(database, Object.assign(new SyncConfig(), { leaseSeconds: 0 }));
    mirror = new Mirror(database);
  });
  afterAll(() => database.onApplicationShutdown());

  /** A page as a worker writes it. */
  const writePage = (task: Task, nickName: string) =>
    database.transaction(async (session) => {
      await mirror.apply('person', place, [person(nickName)], session);
      await tasks.checkpoint(task, '/next', { ...nothingCounted(), pages: 1 }, session);
    });
  const mirrored = async () => {
    const found = await mirror.of('person').findOne({ _id: `${place.connection}|00u1` });
    return (found?.content.profile as { nickName?: string } | undefined)?.nickName;
  };

  it('writes nothing any more, neither to the mirror nor to the task', async () => {
    await tasks.add([newTask({ run, ...place, trace: {} }, 'people')]);
    const frozen = (await tasks.acquire(id))!;
    await writePage(frozen, 'as it was');
    const holder = (await tasks.acquire(id))!;
    expect(holder.lease.token).toBeGreaterThan(frozen.lease.token);
    await writePage(holder, 'as it is');

    await expect(writePage(frozen, 'as it was')).rejects.toThrow(LeaseLost);
    expect(await mirrored()).toBe('as it is');
    expect(await tasks.extend(frozen)).toBe(false);
    await tasks.release(frozen, { attempts: 1, restart: true });
    await expect(tasks.finish(frozen, 'failed', 'late')).rejects.toThrow(LeaseLost);
    await expect(database.transaction((session) => tasks.park(frozen, session))).rejects.toThrow(LeaseLost);
    expect(await tasks.find(id)).toMatchObject({ state: 'running', pages: 2, next: '/next', attempts: 0, error: null });

    await tasks.finish(holder, 'done', null);
    await expect(writePage(holder, 'after the end')).rejects.toThrow(LeaseLost);
    expect(await mirrored()).toBe('as it is');
    expect(await tasks.acquire(id)).toBeNull();
  });
});
