import {
  check,
  DirectorySeenV1,
  newId,
  type ConnectionDto,
  type DirectoryKind,
  type StageKind,
} from '@seatwise/contracts';
import { LocalStore, OktaClient, RateBudget } from '@seatwise/okta';
import { Database, Outbox } from '@seatwise/persistence';
import { freshDatabase, startScripted, testServers, type Asked, type Said, type Scripted } from '@seatwise/testing';
import { SyncConfig } from '../src/config.js';
import type { Connection } from '../src/connections/connection.js';
import { ConnectionsRepository } from '../src/connections/connections.repository.js';
import { Mirror } from '../src/directory/mirror.js';
import { SightingsConsumer } from '../src/directory/sightings.consumer.js';
import { SweepTask } from '../src/directory/sweep.task.js';
import { RunEnding } from '../src/runs/run-ending.js';
import type { Run } from '../src/runs/run.js';
import { RunsRepository } from '../src/runs/runs.repository.js';
import { ListingTask } from '../src/tasks/listing.task.js';
import { newTask, taskId } from '../src/tasks/task.js';
import { TasksRepository } from '../src/tasks/tasks.repository.js';
import type { Work } from '../src/tasks/work.js';

export const start = Math.floor(Date.now() / 1_000) * 1_000;
/** A moment by Okta's clock, which the tests set: whole seconds after its start. */
export const second = (n: number): number => start + n * 1_000;
export const stamp = (n: number): string => new Date(second(n)).toISOString();

/** Events of one second are in the order of their ids. */
export const eventId = (n: number): string => `evt_${String(n).padStart(25, '0')}`;

export const person = (id: string, more: { status?: string; lastUpdated?: string; nickName?: string } = {}) => {
  const { status = 'ACTIVE', lastUpdated = stamp(-100), nickName = 'as ever' } = more;
  const profile = {
    login: `${id}@acme.example`,
    email: `${id}@acme.example`,
    firstName: id,
    lastName: 'Doe',
    nickName,
  };
  return { id, status, created: stamp(-1_000), activated: null, statusChanged: null, lastUpdated, profile };
};

export const connectionOf = (workspace: string, id: string): ConnectionDto => ({
  id,
  workspace,
  name: 'Acme',
  orgUrl: 'https://acme.okta.com',
  level: 'read_and_act',
  health: 'healthy',
  checks: [],
  capabilities: [],
  syncEveryMinutes: 15,
  paused: true,
  licensedStatuses: [],
  rateShare: 0.5,
  shrinkShare: 0.1,
  version: 1,
  createdAt: new Date(start).toISOString(),
  testedAt: null,
  removedAt: null,
});

interface Change {
  kind: DirectoryKind;
  id: string;
  v: number;
  [field: string]: unknown;
}

/** The mirror of orgs that answer whatever the test says, at whatever moment by Okta's clock. */
export class MirroredOrgs {
  private readonly open: { close(): Promise<unknown> }[] = [];

  private constructor(
    readonly database: Database,
    readonly mirror: Mirror,
    readonly connections: ConnectionsRepository,
    private readonly runs: RunsRepository,
    private readonly tasks: TasksRepository,
    private readonly listing: ListingTask,
    private readonly sweeping: SweepTask,
    private readonly sightings: SightingsConsumer,
  ) {}

  static async start(): Promise<MirroredOrgs> {
    const { mongoUrl } = await testServers();
    const database = new Database({ uri: mongoUrl, database: freshDatabase() });
    await database.onModuleInit();
    const mirror = new Mirror(database);
    const connections = new ConnectionsRepository(database);
    const runs = new RunsRepository(database);
    const tasks = new TasksRepository(database, Object.assign(new SyncConfig(), { leaseSeconds: 60 }));
    const outbox = new Outbox(database);
    await Promise.all([mirror, connections, runs, tasks].map((each) => each.onModuleInit()));
    await outbox.ensureIndexes();
    const ending = new RunEnding(runs, tasks, connections, database, outbox);
    return new MirroredOrgs(
      database,
      mirror,
      connections,
      runs,
      tasks,
      new ListingTask(database, mirror, tasks, outbox),
      new SweepTask(database, mirror, tasks, runs, ending, outbox),
      new SightingsConsumer(database, mirror, connections, runs, tasks, outbox),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.open.map((each) => each.close()));
    await this.database.onApplicationShutdown();
  }

  /** Lets the test do something right before or after the next transaction. */
  inNextTransaction(around: (transaction: () => Promise<unknown>) => Promise<unknown>): void {
    const { database } = this;
    const transaction = database.transaction.bind(database);
    database.transaction = (work) => {
      database.transaction = transaction;
      return around(() => transaction(work)) as ReturnType<typeof work>;
    };
  }

  /** A connection of an org that answers with what `lists` has under a path, and nothing else. */
  async connect() {
    const lists: Record<string, unknown[]> = {};
    let clock = second(0);
    const okta: Scripted = await startScripted((asked) => ({
      headers: { date: new Date(clock).toUTCString() },
      ...answerTo(asked, lists),
    }));
    const client = new OktaClient({
      orgUrl: okta.url,
      credential: () => Promise.resolve({ kind: 'api_token', token: '00token' }),
      policy: { allowedOrigins: [okta.url], allowedHostSuffixes: [] },
      budget: new RateBudget(new LocalStore()),
      backOffMs: 1,
    });
    this.open.push(client, okta);
    const place = { workspace: newId('ws'), connection: newId('con') };
    await this.connections.learn(connectionOf(place.workspace, place.connection));
    const connection = (await this.connections.find(place.connection)) as Connection;
    let events = 0;
    let number = 0;

    const take = async (run: string, kind: StageKind, scope: string, work: (work: Work) => Promise<unknown>) => {
      await this.tasks.add([newTask({ run, ...place, number, trace: {} }, kind, scope)]);
      const task = (await this.tasks.acquire(taskId(run, kind, scope)))!;
      await work({
        task,
        connection,
        okta: client,
        spent: { requests: 0, waitedMs: 0, bytes: 0 },
        signal: new AbortController().signal,
        isEnding: () => false,
      });
    };
    const list = (run: string, at: number, kind: StageKind, scope = '') => {
      clock = second(at);
      return take(run, kind, scope, (work) => this.listing.run(work));
    };
    const see = (what: object, at: number, event = ++events) =>
      this.sightings.seen(check(DirectorySeenV1, { ...place, at: second(at), ...what }), { id: eventId(event) });
    return {
      ...place,
      lists,
      okta,
      see,
      list,
      /** Begins a run, which lists nothing by itself. */
      begin: async () => {
        number += 1;
        const run = runOf(place, number);
        await this.database.transaction((session) => this.runs.add(run, session));
        return run._id;
      },
      /** Lists what there is of groups, apps and people, and of the groups and apps that are there, at one moment. */
      listAll: async (run: string, at: number) => {
        for (const kind of ['people', 'deprovisioned_people', 'groups', 'apps'] as const) await list(run, at, kind);
        for (const { id } of (lists.groups ?? []) as { id: string }[]) await list(run, at, 'memberships', id);
        for (const { id } of (lists.apps ?? []) as { id: string }[]) await list(run, at, 'assignments', id);
      },
      sweep: (run: string) =>
        take(run, 'sweep', '', async (work) => {
          await this.sweeping.run(work);
          await this.tasks.finish(work.task, 'done', null);
        }),
      mirrored: (kind: DirectoryKind, id: string) => this.mirror.of(kind).findOne({ _id: `${place.connection}|${id}` }),
      /** Everything that others were told of, in order. */
      told: async (): Promise<Change[]> => {
        const entries = await this.database
          .collection<{ _id: string; type: string; payload: { kind: DirectoryKind; changes: Change[] } }>('outbox')
          .find({ 'payload.connection': place.connection, 'payload.changes': { $exists: true } })
          .sort({ createdAt: 1, _id: 1 })
          .toArray();
        return entries.flatMap(({ type, payload: { kind, changes } }) => {
          if (type !== `${kind}.changed`) throw new Error(`${kind} was told as ${type}`);
          return changes.map((change) => ({ ...change, kind }));
        });
      },
    };
  }
}

export type MirroredOrg = Awaited<ReturnType<MirroredOrgs['connect']>>;

function answerTo({ path }: Asked, lists: Record<string, unknown[]>): Said {
  const { pathname, searchParams } = new URL(path, 'http://org');
  const name = pathname.replace('/api/v1/', '');
  const one = /^users\/([^/]+)$/.exec(name)?.[1];
  if (one !== undefined) {
    const found = ((lists.byId ?? lists.users ?? []) as { id: string }[]).find(({ id }) => id === one);
    return found ? { body: found } : { status: 404, body: { errorCode: 'E0000007', errorSummary: 'Not found' } };
  }
  return { body: searchParams.has('filter') ? [] : (lists[name] ?? []) };
}

const runOf = (place: { workspace: string; connection: string }, number: number): Run => ({
  _id: newId('run'),
  ...place,
  number,
  state: 'running',
  trigger: 'demand',
  startedAt: new Date(),
  endedAt: null,
  missing: [],
  shrink: [],
  agreed: false,
  expanded: [],
  reason: null,
  stages: null,
  version: 1,
  trace: {},
  waitedMs: 0,
  waitsUntil: new Date(),
  lookedAt: new Date(),
});
