import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionDto, DirectoryKind, SnapshotLine, UsageDayChangedV1 } from '@seatwise/contracts';
import { takeSnapshot } from '@seatwise/contracts/consumer';
import { openConsumers, Streams } from '@seatwise/messaging';
import { root } from '@seatwise/testing';
import { ended, truthOf, type TruePerson } from '../tools/actions/acting.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import type { Api } from '../tools/start/api.js';
import { lineOf, mirrorOf, mustBeEqual } from './copied.js';
import { startCommand } from './started.js';

// Answers take a while, so that a sync is in the middle for some time.
const org = {
  SIMULATOR_PEOPLE: '300',
  SIMULATOR_APPS: '20',
  SIMULATOR_FAULTS: JSON.stringify([{ kind: 'latency', milliseconds: 40 }]),
};

interface Change extends Record<string, unknown> {
  id: string;
  v: number;
  removed?: boolean;
  status?: string;
}

/** The simplest copy: the newest of each thing by its version. */
class Copy {
  private readonly things = new Map<string, { connection: string; kind: DirectoryKind; change: Change }>();

  apply({ type, data }: { type: string; data: object }): void {
    if (!('changes' in data)) return;
    const { connection, kind, changes } = data as { connection: string; kind: DirectoryKind; changes: Change[] };
    expect(type).toBe(`seatwise.v1.${kind}.changed`);
    for (const change of changes) {
      const key = `${connection} ${kind} ${change.id}`;
      if (change.v > (this.things.get(key)?.change.v ?? 0)) this.things.set(key, { connection, kind, change });
    }
  }

  get size(): number {
    return this.things.size;
  }

  lines(): string[] {
    return [...this.things.values()]
      .filter(({ change }) => !change.removed && change.status !== 'deleted')
      .map(({ connection, kind, change }) => lineOf(connection, kind, change))
      .sort();
  }
}

/** The newest that is told of the use of each app on each day: the one with the most sign-ins. */
function newestUse(told: { type: string; data: object }[]): string[] {
  const newest = new Map<string, [signIns: number, people: number]>();
  for (const { type, data } of told) {
    if (type !== 'seatwise.v1.usage-day.changed') continue;
    const { connection, day, apps } = data as UsageDayChangedV1;
    for (const { app, signIns, people } of apps) {
      const key = `${connection} ${day} ${app}`;
      if (signIns > (newest.get(key)?.[0] ?? 0)) newest.set(key, [signIns, people]);
    }
  }
  return [...newest].map(([key, figures]) => [key, ...figures].join(' ')).sort();
}

const npm = (args: string[], cwd: string) => execFileSync('npm', args, { cwd, encoding: 'utf8' });

describe('whoever listens from outside', () => {
  let seatwise: Seatwise;
  let acme: TestOrg;
  let api: Api;
  let workspace: string;
  let connection: ConnectionDto;
  let people: string[];

  beforeAll(async () => {
    seatwise = await Seatwise.start([org], {}, { readers: ['notifier'] });
    [acme] = seatwise.orgs as [TestOrg];
    ({ id: workspace, api } = await seatwise.workspace('Listened to'));
    people = (await truthOf<TruePerson>(acme, 'people'))
      .filter(({ status }) => status === 'ACTIVE')
      .map(({ id }) => id)
      .slice(1);
  });
  afterAll(() => seatwise.stop());

  const suspend = async () => {
    const { record } = await ended(api, connection.id, { action: 'suspend_user', person: people.pop()! });
    expect(record?.state).toBe('done');
  };
  const snapshotFrom = async (path = '/snapshot') => {
    const text = await (await api.send('GET', path)).text();
    return text.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as SnapshotLine)));
  };
  const eventsAfter = async (sequence: number) => {
    const streams = new Streams(seatwise.nats);
    const last = await streams.lastSequence('EVENTS');
    const consumer = await (
      await streams.jetstream()
    ).consumers.get('EVENTS', {
      opt_start_seq: sequence + 1,
      filter_subjects: `seatwise.v1.${workspace}.>`,
    });
    const found: { type: string; data: object }[] = [];
    const messages = await consumer.consume();
    for await (const message of messages) {
      found.push({ type: message.headers!.get('ce-type'), data: message.json<object>() });
      if (message.info.pending === 0) break;
    }
    expect(last).toBeGreaterThan(sequence);
    return found;
  };

  it('starts with a snapshot that is taken in the middle of a sync and of actions, and has the mirror by the events after it', async () => {
    connection = await api.connect({ orgUrl: acme.url, token: acme.token, level: 'read_and_act' });
    await until(
      () => api.newestRun(connection.id).catch(() => undefined),
      (run) => run?.stages.some(({ kind, pages }) => kind === 'memberships' && pages > 0) ?? false,
    );
    const acting = Promise.all([suspend(), suspend(), suspend()]);
    const snapshot = await takeSnapshot({ url: seatwise.gatewayUrl, apiKey: api.key });
    const copy = new Copy();
    for await (const event of snapshot.events) copy.apply(event);
    const atFirst = copy.size;
    expect(atFirst).toBeGreaterThan(100);
    await acting;
    await suspend();
    await seatwise.ended(api, connection);

    for (const event of await eventsAfter(snapshot.start.sequence)) copy.apply(event);
    expect(copy.size).toBeGreaterThan(atFirst);
    mustBeEqual(copy.lines(), await mirrorOf(seatwise, [connection]));
  });

  it('gets by a snapshot alone what the mirror has, each in the words of its event, and the counts of it', async () => {
    const lines = await snapshotFrom();
    expect(lines.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1])).toEqual([
      'snapshot.started',
      'seatwise.v1.connection.changed',
      'seatwise.v1.sync-run.changed',
      'seatwise.v1.person.changed',
      'seatwise.v1.app.changed',
      'seatwise.v1.assignment.changed',
      'seatwise.v1.group.changed',
      'seatwise.v1.membership.changed',
      'seatwise.v1.group-assignment.changed',
      'seatwise.v1.usage-day.changed',
      'snapshot.ended',
    ]);
    expect(lines[1]).toMatchObject({ data: { id: connection.id, name: connection.name } });
    const copy = new Copy();
    for (const line of lines) copy.apply(line);
    const mirror = await mirrorOf(seatwise, [connection]);
    mustBeEqual(copy.lines(), mirror);
    const told = newestUse(await eventsAfter(0));
    expect(newestUse(lines)).toEqual(told);
    expect(told.length).toBeGreaterThan(100);
    const { counts } = (lines.at(-1) as Extract<SnapshotLine, { type: 'snapshot.ended' }>).data;
    expect(counts).toMatchObject({ connection: 1, 'sync-run': 1, person: 300, app: 20 });
    const other = await seatwise.workspace('Another');
    const elsewhere = await other.api.send('GET', `/snapshot?connection=${connection.id}`);
    expect([elsewhere.status, elsewhere.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  });

  it('is told of what is gone, so that a late event does not bring it back', async () => {
    const mirror = (await mirrorOf(seatwise, [connection])).map((line) => JSON.parse(line) as string[]);
    const byHand = new Set(
      mirror.filter(([, kind, , , , type]) => kind === 'group' && type === 'OKTA_GROUP').map(([, , id]) => id),
    );
    const [, , membership = ''] = mirror.find(
      ([, kind, id]) => kind === 'membership' && byHand.has(id!.split('|')[0]) && people.includes(id!.split('|')[1]!),
    )!;
    const [groupId, person] = membership.split('|') as [string, string];
    const parameters = { group: groupId };
    const { record } = await ended(api, connection.id, { action: 'remove_user_from_group', person, parameters });
    expect(record?.state).toBe('done');
    const told = async () =>
      (await snapshotFrom())
        .flatMap(({ data }) => ('changes' in data ? (data.changes as Change[]) : []))
        .filter(({ id }) => id === membership);
    expect(await until(told, ([change]) => change?.removed === true)).toHaveLength(1);
  });

  it('uses the package from outside the workspace: packed, installed, typed, and told of what happens', async () => {
    // Not below the workspace, where its packages would be found.
    const folder = mkdtempSync(join(tmpdir(), 'seatwise-package-'));
    const app = join(folder, 'app');
    mkdirSync(app);
    const packed = npm(['pack', '--workspace', '@seatwise/contracts', '--json', '--pack-destination', folder], root);
    const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    const schemas = readdirSync(join(root, 'libs/contracts/schemas'), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => `schemas/${name}`);
    expect(schemas).toContain('schemas/person.changed.v1.json');
    expect(paths.filter((path) => !path.startsWith('dist/')).toSorted()).toEqual(
      ['LICENSE', 'README.md', 'package.json', ...schemas].toSorted(),
    );
    expect(paths.filter((path) => !/\.(js|d\.ts)$/.test(path) && path.startsWith('dist/'))).toEqual([]);

    for (const file of ['notifier.ts', 'tsconfig.json'])
      cpSync(join(root, 'examples/notifier-ts', file), join(app, file));
    const example = JSON.parse(readFileSync(join(root, 'examples/notifier-ts/package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    example.dependencies['@seatwise/contracts'] = `file:${join(folder, filename)}`;
    writeFileSync(join(app, 'package.json'), JSON.stringify(example));
    npm(['install', '--prefer-offline', '--no-audit', '--no-fund'], app);
    const typed = () => spawnSync(join(app, 'node_modules/.bin/tsc'), ['-p', app], { encoding: 'utf8' });
    expect(typed()).toMatchObject({ status: 0, stdout: '' });
    writeFileSync(
      join(app, 'wrong.ts'),
      "import { directoryChanged } from '@seatwise/contracts';\nimport { on } from '@seatwise/contracts/consumer';\n" +
        'export const wrong = on(directoryChanged.person, ({ changes }) => void changes[0]?.nothing);\n',
    );
    expect(typed().stdout).toContain("Property 'nothing' does not exist on type 'PersonChange'");

    await openConsumers(seatwise.nats, [{ name: 'notifier', workspace }], { fromNow: true });
    const notifier = startCommand(process.execPath, [join(app, 'notifier.ts')], {
      SEATWISE_URL: seatwise.gatewayUrl,
      SEATWISE_API_KEY: api.key,
      SEATWISE_NATS_URL: seatwise.servers.natsUrl,
      SEATWISE_READER: 'notifier',
      SEATWISE_READER_PASSWORD: seatwise.servers.readerPasswords.notifier!,
    });
    expect(await notifier.line('Listening')).toBe('Listening to 1 orgs with 300 people');
    await suspend();
    expect(await notifier.line('suspend_user')).toMatch(/: suspend_user \S+@\S+ done \(Asked for by a test\)$/);
    expect(await notifier.line('is SUSPENDED')).toMatch(/: \S+@\S+ is SUSPENDED now$/);
    notifier.signal('SIGTERM');
    expect(await notifier.ended).toBe(0);
    const manager = await new Streams(seatwise.nats).manager();
    await until(
      () => manager.consumers.info('EVENTS', 'consumer-notifier'),
      ({ num_ack_pending: unacknowledged }) => unacknowledged === 0,
    );
    rmSync(folder, { recursive: true });
  });
});
