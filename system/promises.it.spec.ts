import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMirror, type ConnectionDto, type DirectoryKind, type RunDto } from '@seatwise/contracts';
import { DeadLetters, Streams } from '@seatwise/messaging';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import type { Api, ProblemError } from '../tools/start/api.js';
import { differences, mustBeSame, truthOf } from './truth.js';

const kinds: DirectoryKind[] = ['person', 'group', 'app', 'membership', 'assignment', 'group-assignment'];
const slow = JSON.stringify([{ kind: 'latency', milliseconds: 100 }]);

describe('a sync keeps its promises', () => {
  let seatwise: Seatwise;
  const [shrinking, frozen, revoked, foreign, large, small, watched] = [0, 1, 2, 3, 4, 5, 6];
  beforeAll(async () => {
    const size = { SIMULATOR_PEOPLE: '400', SIMULATOR_APPS: '20', SIMULATOR_GROUPS: '10' };
    seatwise = await Seatwise.start([
      size,
      { SIMULATOR_PEOPLE: '1500', SIMULATOR_FAULTS: slow },
      size,
      size,
      { ...size, SIMULATOR_APPS: '500', SIMULATOR_FAULTS: slow },
      size,
      { ...size, SIMULATOR_FAULTS: JSON.stringify([{ kind: 'latency', milliseconds: 400 }]) },
    ]);
  });
  afterAll(() => seatwise.stop());

  const orgAt = (at: number): TestOrg => seatwise.orgs[at]!;
  const begin = async (at: number): Promise<{ api: Api; org: TestOrg; connection: ConnectionDto }> => {
    const { api } = await seatwise.workspace(`Promises ${at}`);
    const org = orgAt(at);
    return { api, org, connection: await api.connect({ orgUrl: org.url, token: org.token }) };
  };
  const mirrored = async ({ id, workspace }: ConnectionDto, kind: DirectoryKind) => {
    for (let [count, after] = [0, '']; ;) {
      const { items } = await seatwise.bus.request(readMirror, {
        workspace,
        connection: id,
        kind,
        limit: 2_000,
        after,
      });
      if (items.length === 0) return count;
      count += items.length;
      after = String(items.at(-1)!.id);
    }
  };
  const again = async (api: Api, connection: ConnectionDto, before: RunDto) => {
    await api.sync(connection.id);
    return seatwise.ended(api, connection, before.id);
  };

  it('takes nobody away on a suspicious shrink until a person agrees, and erases all of a connection on demand', async () => {
    const { api, org, connection } = await begin(shrinking);
    const first = await seatwise.ended(api, connection);
    expect(first.state).toBe('complete');
    const before = await mirrored(connection, 'person');
    // Not the first: the token is one of theirs, and would die with them.
    const people = (await (await fetch(`${org.url}/control/truth/people`)).text()).trim().split('\n').slice(-80);
    for (const line of people) {
      const path = `/api/v1/users/${(JSON.parse(line) as { id: string }).id}`;
      // The first deactivates, the second deletes; one that was deprovisioned is gone with the first.
      await org.control('POST', 'act', { method: 'DELETE', path });
      await org.control('POST', 'act', { method: 'DELETE', path });
    }
    const paused = await again(api, connection, first);
    expect(paused).toMatchObject({ state: 'paused' });
    expect(paused.shrink).toContainEqual({ kind: 'person', before, after: before - 80 });
    expect(await mirrored(connection, 'person')).toBe(before);

    const newer = await again(api, connection, paused);
    expect(newer.state).toBe('paused');
    const superseded = await api.run(paused.id);
    expect(superseded).toMatchObject({ state: 'cancelled', reason: 'A newer run took its place.' });
    expect(superseded.stages.find(({ kind }) => kind === 'sweep')).toMatchObject({ state: 'skipped' });
    await expect(api.call('POST', `/runs/${paused.id}/agree`)).rejects.toMatchObject({ status: 409 });

    await api.call('POST', `/runs/${newer.id}/agree`);
    const agreed = await seatwise.ended(api, connection, paused.id);
    expect(agreed).toMatchObject({ id: newer.id, state: 'complete' });
    mustBeSame(await differences(seatwise, connection, org));

    await api.disconnect(connection.id);
    for (const kind of kinds)
      await until(
        () => mirrored(connection, kind),
        (left) => left === 0,
      );
    // Its runs go when the mirror has gone.
    await until(
      () =>
        api.run(newer.id).then(
          () => 200,
          ({ status }: ProblemError) => status,
        ),
      (status) => status === 404,
    );
  });

  it('lets a frozen worker that wakes late change nothing', async () => {
    const { api, org, connection } = await begin(frozen);
    const worker = seatwise.services.get('sync-service')!;
    const started = await until(
      () => api.newestRun(connection.id),
      (run) => run !== undefined && run.stages.some(({ pages }) => pages > 3),
    );
    worker.process.signal('SIGSTOP');
    expect(started?.state).toBe('running');
    // What it has in hand is old from now on: of each page of people it may hold, somebody has another name.
    const living = await truthOf(org, 'people', ({ id, status }) => (status === 'DEPROVISIONED' ? '' : String(id)));
    for (const id of living.filter((person, at) => person !== '' && at % 40 === 0))
      await org.control('POST', 'act', {
        method: 'POST',
        path: `/api/v1/users/${id}`,
        body: { profile: { nickName: 'changed meanwhile' } },
      });
    await seatwise.replica('sync-service');
    const run = await seatwise.ended(api, connection);
    expect(run).toMatchObject({ state: 'complete', missing: [] });
    // Pages that were listed before the freeze are as old as that; the next run brings them. Half of what is asked
    // meanwhile is asked of the frozen one.
    await until(
      () => api.sync(connection.id).catch(() => undefined),
      (begun) => begun !== undefined,
    );
    expect(await seatwise.ended(api, connection, run.id)).toMatchObject({ state: 'complete', missing: [] });
    worker.process.signal('SIGCONT');
    // Awake again, it answers, writes what it had in hand if it can, and finds its tasks to be another's.
    await until(
      () => fetch(`${worker.url}/readyz`),
      ({ ok }) => ok,
    );
    await until(
      () => readFile(join(seatwise.logs, 'sync-service.log'), 'utf8'),
      (log) => log.includes('the task is another’s now'),
    );
    mustBeSame(await differences(seatwise, connection, org));
  });

  it('says that the token is dead when it is revoked in the middle, and is whole after another is given', async () => {
    const org = orgAt(revoked);
    await org.control('PUT', 'faults', [{ kind: 'revokeToken', path: '/users?limit=500', after: 3, times: 1 }]);
    const { api, connection } = await begin(revoked);
    const run = await seatwise.ended(api, connection);
    expect(run).toMatchObject({ state: 'failed', reason: expect.stringContaining('no longer accepts') as string });
    const token = `00another${'z'.repeat(33)}`;
    await org.control('DELETE', 'faults');
    await org.control('PUT', 'tokens', { label: 'another', token });
    await api.call('POST', `/connections/${connection.id}/token`, { token });
    expect(await again(api, connection, run)).toMatchObject({ state: 'complete', missing: [] });
    mustBeSame(await differences(seatwise, connection, org));
  });

  it('follows no link to elsewhere or in a circle, and is whole when Okta is', async () => {
    const org = orgAt(foreign);
    await org.control('PUT', 'faults', [
      { kind: 'foreignLink', path: '/api/v1/users?' },
      { kind: 'loopingLink', path: '/api/v1/groups?' },
    ]);
    const { api, connection } = await begin(foreign);
    const run = await seatwise.ended(api, connection);
    expect(['failed', 'partial']).toContain(run.state);
    expect(run.missing).not.toEqual([]);
    await org.control('DELETE', 'faults');
    expect(await again(api, connection, run)).toMatchObject({ state: 'complete', missing: [] });
    mustBeSame(await differences(seatwise, connection, org));
  });

  it('leaves a small org its share of the queue while a large one is synced', async () => {
    const big = await begin(large);
    await until(
      () => big.api.newestRun(big.connection.id),
      (run) => (run?.stages.find(({ kind }) => kind === 'assignments')?.tasks ?? 0) > 400,
    );
    const little = await begin(small);
    expect(await seatwise.ended(little.api, little.connection)).toMatchObject({ state: 'complete' });
    expect(await big.api.newestRun(big.connection.id)).toMatchObject({ state: 'running' });
    expect(await seatwise.ended(big.api, big.connection)).toMatchObject({ state: 'complete' });
    mustBeSame(await differences(seatwise, big.connection, big.org));
  });

  it('tells whoever watches how far it is while it goes', async () => {
    const { api, connection } = await begin(watched);
    const { id } = (await until(() => api.newestRun(connection.id), Boolean))!;
    const key = (await api.call<{ key: string }>('POST', '/keys', { name: 'Watcher', role: 'viewer' })).key;
    const stream = await fetch(`${seatwise.gatewayUrl}/api/v1/runs/${id}/progress`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const told = (await stream.text())
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as RunDto);
    const seen = told.map(({ stages }) => stages.reduce((sum, stage) => sum + stage.seen, 0));
    expect(told.at(-1)).toMatchObject({ state: 'complete' });
    expect(new Set(seen).size).toBeGreaterThan(3);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('has parked no message on the way', async () => {
    const letters = [];
    for await (const letter of new DeadLetters(new Streams(seatwise.nats)).list()) letters.push(letter.reason);
    expect(letters).toEqual([]);
  });
});
