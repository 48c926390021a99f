import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type ConnectionDto, type DirectoryKind } from '@seatwise/contracts';
import { closeConsumer, openConsumers, Streams } from '@seatwise/messaging';
import { root, testFolder } from '@seatwise/testing';
import { activePeople, ended } from '../tools/actions/acting.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import type { Api } from '../tools/start/api.js';
import { lineOf, mirrorOf, mustBeEqual } from './copied.js';
import { startCommand, type Started } from './started.js';

const org = {
  SIMULATOR_PEOPLE: '600',
  SIMULATOR_APPS: '20',
  SIMULATOR_FAULTS: JSON.stringify([{ kind: 'latency', milliseconds: 40 }]),
};
const built = join(root, '.seatwise/examples');

/** The commands of the examples' own READMEs. */
function python(example: string): string {
  const bin = join(built, example, 'bin');
  if (!existsSync(bin)) execFileSync('python3', ['-m', 'venv', join(built, example)]);
  const requirements = join(root, 'examples', example, 'requirements.txt');
  execFileSync(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  return join(bin, 'python');
}
function go(): string {
  execFileSync('go', ['build', '-o', join(built, 'copy-go'), '.'], { cwd: join(root, 'examples/copy-go') });
  return join(built, 'copy-go');
}

/** Of how many events these rows of a CSV tell. */
const eventsOf = (rows: string[]) => new Set(rows.map((row) => row.split(',')[0])).size;
const total = (counts: Map<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0);

describe('the examples in Python and Go', () => {
  const folder = testFolder();
  const commands: Record<string, [string, string[]]> = {
    'copy-python': [python('copy-python'), [join(root, 'examples/copy-python/sqlite_copy.py')]],
    'copy-go': [go(), []],
    daily: [python('daily-csv-python'), [join(root, 'examples/daily-csv-python/daily_csv.py')]],
    models: [python('models-python'), [join(root, 'examples/models-python/read_events.py')]],
  };
  const copies = ['copy-python', 'copy-go'];
  const fileOf = (name: string) => join(folder, `${name}.db`);
  let seatwise: Seatwise;
  let api: Api;
  let workspace: string;
  let people: string[];
  const connections: ConnectionDto[] = [];

  beforeAll(async () => {
    seatwise = await Seatwise.start(
      [org, { ...org, SIMULATOR_PEOPLE: '200', SIMULATOR_SEED: '2' }],
      {},
      { readers: Object.keys(commands) },
    );
    ({ id: workspace, api } = await seatwise.workspace('Copied'));
  });
  afterAll(() => seatwise.stop());

  const start = (name: string, more: Record<string, string> = {}): Started => {
    const [command, args] = commands[name]!;
    return startCommand(command, args, {
      SEATWISE_URL: `${seatwise.gatewayUrl}/`,
      SEATWISE_API_KEY: api.key,
      SEATWISE_NATS_URL: seatwise.servers.natsUrl,
      SEATWISE_READER: name,
      SEATWISE_READER_PASSWORD: seatwise.servers.readerPasswords[name]!,
      COPY: fileOf(name),
      CSV_FOLDER: folder,
      PYTHONPATH: folder,
      ...more,
    });
  };
  const suspend = async (count: number) => {
    for (const person of people.splice(0, count)) {
      const { record } = await ended(api, connections[0]!.id, { action: 'suspend_user', person });
      expect(record?.state).toBe('done');
    }
  };
  const linesOf = (name: string): string[] => {
    const database = new DatabaseSync(fileOf(name), { readOnly: true });
    const rows = database
      .prepare("SELECT connection, kind, data FROM things WHERE NOT gone AND kind NOT IN ('connection', 'sync-run')")
      .all() as { connection: string; kind: DirectoryKind; data: string }[];
    const orgs = database.prepare("SELECT id FROM things WHERE kind = 'connection' AND NOT gone").all();
    database.close();
    expect(orgs.map(({ id }) => id)).toEqual([connections[0]!.id]);
    return rows
      .map(({ connection, kind, data }) => lineOf(connection, kind, JSON.parse(data) as Record<string, unknown>))
      .sort();
  };

  it('have what the mirror has, started late, killed and started again', async () => {
    const [acme, spare] = seatwise.orgs as [TestOrg, TestOrg];
    people = (await activePeople(acme)).slice(1);
    for (const { url, token } of [acme, spare])
      connections.push(await api.connect({ orgUrl: url, token, level: 'read_and_act' }));
    await until(
      () => api.newestRun(connections[0]!.id).catch(() => undefined),
      (run) => run?.stages.some(({ kind, pages }) => kind === 'people' && pages > 0) ?? false,
    );
    await openConsumers(
      seatwise.nats,
      copies.map((name) => ({ name, workspace })),
    );

    for (let kill = 1; kill <= 4; kill += 1)
      for (const name of copies) {
        const copy = start(name);
        // In its snapshot or before it, after that, and among the events.
        if (kill === 1) await until(async () => existsSync(fileOf(name)), Boolean);
        else await copy.line(kill === 2 ? ': ' : 'events');
        await suspend(2);
        copy.signal('SIGKILL');
        expect(await copy.ended).toBeNull();
      }
    const last = copies.map((name) => start(name));
    await seatwise.ended(api, connections[0]!);
    await seatwise.ended(api, connections[1]!);
    await api.disconnect(connections[1]!.id);
    await api.sync(connections[0]!.id);
    await suspend(3);
    await seatwise.ended(api, connections[0]!);
    const manager = await new Streams(seatwise.nats).manager();
    // What was in work when one was killed comes again after 30 seconds.
    const haveTaken = Promise.all(
      copies.map((name) =>
        until(
          () => manager.consumers.info('EVENTS', `consumer-${name}`),
          ({ num_pending: waiting, num_ack_pending: inWork }) => waiting + inWork === 0,
        ),
      ),
    );
    // One that ends by itself would be waited for in vain.
    const endings = last.map((copy) =>
      copy.ended.then((code) => ({ code, said: code === 0 ? '' : copy.said.join('\n') })),
    );
    await Promise.race([haveTaken, ...endings]);
    for (const copy of last) copy.signal('SIGTERM');
    expect(await Promise.all(endings)).toEqual(last.map(() => ({ code: 0, said: '' })));

    const mirror = await mirrorOf(seatwise, [connections[0]!]);
    expect(mirror.length).toBeGreaterThan(1_000);
    for (const name of copies) mustBeEqual(linesOf(name), mirror);
  });

  /** Runs it once; the rows of all files. */
  const dailyRows = async () => {
    const daily = start('daily');
    expect({ code: await daily.ended, said: daily.said }).toMatchObject({ code: 0 });
    const files = readdirSync(folder).filter((file) => /^seatwise-\d{4}-\d\d-\d\d\.csv$/.test(file));
    const rows = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\r\n').slice(1));
    expect(new Set(rows.map((row) => row.split(',').slice(0, 5).join())).size).toBe(rows.length);
    return rows;
  };

  /** How many events of each type the stream has of the workspace. */
  const published = async () => {
    const manager = await new Streams(seatwise.nats).manager();
    const { state } = await manager.streams.info('EVENTS', { subjects_filter: `seatwise.v1.${workspace}.>` });
    const counts = new Map<string, number>();
    for (const [subject, count] of Object.entries(state.subjects ?? {})) {
      const type = subject.replace(`.${workspace}.`, '.');
      counts.set(type, (counts.get(type) ?? 0) + count);
    }
    return counts;
  };

  it('read every event into models that are generated from the AsyncAPI document', async () => {
    await openConsumers(seatwise.nats, [{ name: 'models', workspace }]);
    const document = join(folder, 'asyncapi.json');
    writeFileSync(document, JSON.stringify(await api.call('GET', '/asyncapi.json')));
    const readme = readFileSync(join(root, 'examples/models-python/README.md'), 'utf8');
    const [, options] = /datamodel-codegen ((?:.*\\\n)*.*)\n/.exec(readme)!;
    const generate = join(built, 'models-python/bin/datamodel-codegen');
    execFileSync(generate, options!.replaceAll('\\\n', '').split(/\s+/), { cwd: folder });
    const read = new Map<string, number>();
    const readOn = async () => {
      const reader = start('models');
      const code = await reader.ended;
      expect({ code, said: code === 0 ? [] : reader.said }).toEqual({ code: 0, said: [] });
      for (const [n, type] of reader.said.map((line) => line.trim().split(/  +/)))
        read.set(type!, (read.get(type!) ?? 0) + Number(n));
      return published();
    };
    // The log is read on meanwhile: what comes after the reader has ended is for its next run.
    const all = await until(readOn, (told) => total(read) >= total(told));
    expect(read).toEqual(all);
  });

  it('have each event once in the CSV of its day, however often it is run', async () => {
    await openConsumers(seatwise.nats, [{ name: 'daily', workspace }]);
    const all = [...(await published()).values()].reduce((sum, count) => sum + count, 0);
    expect(eventsOf(await dailyRows())).toBeGreaterThanOrEqual(all);
    // One whose acknowledgements were lost is given everything once more.
    await closeConsumer(seatwise.nats, 'daily');
    await openConsumers(seatwise.nats, [{ name: 'daily', workspace }]);
    expect(eventsOf(await dailyRows())).toBeGreaterThanOrEqual(all);
  });

  it('tell a dry run from what was done in the CSV', async () => {
    const [person] = people;
    await ended(api, connections[0]!.id, { action: 'suspend_user', person: person!, dryRun: true });
    const dryRun = /,action\.done,.*,dry run of suspend_user \S+@\S+ done$/;
    await until(dailyRows, (rows) => rows.some((row) => dryRun.test(row)));
  });

  it('end with one line that says what to look at', async () => {
    await Promise.all(copies.map((name) => closeConsumer(seatwise.nats, name)));
    const address = seatwise.servers.natsUrl;
    const [, port] = /:(\d+)$/.exec(address)!;
    for (const [more, line] of [
      [{ SEATWISE_READER_PASSWORD: 'wrong' }, /SEATWISE_READER_PASSWORD: .*authorization/i],
      [{ SEATWISE_NATS_URL: address.replace(port!, '1') }, /SEATWISE_NATS_URL.*: /],
      [
        { SEATWISE_NATS_URL: address.replace('nats:', 'tls:') },
        /SEATWISE_NATS_URL.*: nats: secure connection not available/,
      ],
      [{}, /npm run nats -- consumers --consumer copy-/],
    ] as const)
      for (const copy of copies.map((name) => start(name, more))) {
        expect(await copy.ended).toBe(1);
        expect(copy.said).toEqual([expect.stringMatching(line)]);
      }
  });
});
