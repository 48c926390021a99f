import type { ConnectionDto, RunDto } from '@seatwise/contracts';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import type { Api } from '../tools/start/api.js';
import { differences, mustBeSame, truthOf } from './truth.js';

interface Fault {
  kind: string;
  path?: string;
}

/** Everything of the org is mirrored and nothing of it changes: whatever a run takes away, it takes away wrongly. */
describe('an answer that cannot be believed', () => {
  let seatwise: Seatwise;
  let api: Api;
  let org: TestOrg;
  let connection: ConnectionDto;
  let last: RunDto;
  /** The app with most people. */
  let app: string;

  beforeAll(async () => {
    seatwise = await Seatwise.start([{ SIMULATOR_PEOPLE: '900', SIMULATOR_APPS: '8', SIMULATOR_GROUPS: '4' }]);
    ({ api } = await seatwise.workspace('Doubt'));
    [org] = seatwise.orgs as [TestOrg];
    connection = await api.connect({ orgUrl: org.url, token: org.token });
    last = await seatwise.ended(api, connection);
    expect(last).toMatchObject({ state: 'complete', missing: [] });
    const assigned = new Map<string, number>();
    for (const id of await truthOf(org, 'assignments', (row) => String(row.app)))
      assigned.set(id, (assigned.get(id) ?? 0) + 1);
    const [most] = [...assigned].toSorted(([, a], [, b]) => b - a);
    [app] = most!;
    expect(most![1]).toBeGreaterThan(110);
  });
  afterAll(() => seatwise.stop());

  const sync = async (faults: Fault[]): Promise<RunDto> => {
    await org.control('PUT', 'faults', faults);
    await api.sync(connection.id);
    last = await seatwise.ended(api, connection, last.id);
    return last;
  };

  it.each<[string, (of: string) => Fault[], string]>([
    ['a page of people that lost its links', () => [{ kind: 'lostLinks', path: '/api/v1/users?' }], 'failed'],
    ['a page of people that leads elsewhere', () => [{ kind: 'foreignLink', path: '/api/v1/users?' }], 'failed'],
    ['people that lead in a circle', () => [{ kind: 'loopingLink', path: '/api/v1/users?' }], 'failed'],
    ['an app that cannot be listed', (of) => [{ kind: 'error500', path: `/api/v1/apps/${of}/users` }], 'partial'],
    ['a maintenance page for members', () => [{ kind: 'html', path: '/api/v1/groups/' }], 'partial'],
    ['an app of which nobody is listed', (of) => [{ kind: 'emptyList', path: `/api/v1/apps/${of}/users` }], 'paused'],
    ['no people at all', () => [{ kind: 'emptyList', path: '/api/v1/users?' }], 'paused'],
    ['no apps at all', () => [{ kind: 'emptyList', path: '/api/v1/apps?' }], 'paused'],
  ])('%s: nothing is taken away', async (_name, faults, expected) => {
    const run = await sync(faults(app));
    expect(run.state).toBe(expected);
    if (run.state !== 'paused') expect(run.missing).not.toEqual([]);
    await org.control('DELETE', 'faults');
    mustBeSame(await differences(seatwise, connection, org));
  });

  it('names the app that would have lost its people', async () => {
    const run = await sync([{ kind: 'emptyList', path: `/api/v1/apps/${app}/users` }]);
    expect(run.shrink).toContainEqual(expect.objectContaining({ kind: 'assignment', scope: app, after: 0 }));
  });

  it('and the next sync is whole, with nothing else to do', async () => {
    expect(await sync([])).toMatchObject({ state: 'complete', missing: [], shrink: [] });
    mustBeSame(await differences(seatwise, connection, org));
  });
});
