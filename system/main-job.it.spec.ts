import type { ConnectionDto } from '@seatwise/contracts';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { differences, mustBeSame } from './truth.js';

describe('the main job', () => {
  let seatwise: Seatwise;
  const size = { SIMULATOR_PEOPLE: '3000', SIMULATOR_APPS: '60' };
  beforeAll(async () => {
    seatwise = await Seatwise.start([
      size,
      { ...size, SIMULATOR_PEOPLE: '700', SIMULATOR_SEED: '2' },
      { SIMULATOR_PEOPLE: '400', SIMULATOR_SEED: '3' },
    ]);
  });
  afterAll(() => seatwise.stop());

  it('brings every person, group, app, assignment and sign-in of two orgs in one workspace and one in another', async () => {
    const one = await seatwise.workspace('One');
    const other = await seatwise.workspace('Other');
    const [first, second, third] = seatwise.orgs as [TestOrg, TestOrg, TestOrg];
    const connections = await Promise.all([
      one.api.connect({ orgUrl: first.url, token: first.token }),
      one.api.connect({ orgUrl: second.url, token: second.token }),
      other.api.connect({ orgUrl: third.url, token: third.token }),
    ]);
    const apis = [one.api, one.api, other.api];
    for (const [at, connection] of connections.entries()) {
      const run = await seatwise.ended(apis[at]!, connection);
      expect(run).toMatchObject({ state: 'complete', missing: [] });
      mustBeSame(await differences(seatwise, connection, seatwise.orgs[at]!));
    }
    // Nothing crosses: the other workspace knows nothing of the first one's.
    await expect(other.api.connections()).resolves.toHaveLength(1);
    await expect(other.api.run((await one.api.newestRun(connections[0].id))!.id)).rejects.toMatchObject({
      status: 404,
    });
    const summary = await one.api.summary();
    const people = await Promise.all(
      [first, second].map((org) => org.control<{ people: { total: number } }>('GET', 'truth/summary')),
    );
    expect(summary.people).toBe(people.reduce((sum, org) => sum + org.people.total, 0));
  });

  it('says what a token may not read, and is whole after the mend with nothing else to do', async () => {
    const { api } = await seatwise.workspace('Weak token');
    const org = seatwise.orgs[2]!;
    const token = `00weak${'y'.repeat(36)}`;
    await org.control('PUT', 'tokens', { label: 'weak', token, permissions: ['okta.users.read'], roles: [] });
    const connection: ConnectionDto = await api.connect({ orgUrl: org.url, token });
    expect(connection.health).toBe('partial');
    const run = await seatwise.ended(api, connection);
    expect(run.state).toBe('partial');
    expect(run.missing).toContainEqual(
      expect.objectContaining({ reason: 'The token does not have permission for reading the apps list.' }),
    );
    const found = await differences(seatwise, connection, org);
    mustBeSame(found.filter(({ kind }) => kind === 'person'));
    const permissions = ['okta.users.read', 'okta.groups.read', 'okta.apps.read', 'okta.logs.read'];
    await org.control('PUT', 'tokens', { label: 'weak', permissions });
    const { id } = await api.sync(connection.id);
    expect(id > run.id).toBe(true);
    expect(await seatwise.ended(api, connection, run.id)).toMatchObject({ state: 'complete', missing: [] });
    mustBeSame(await differences(seatwise, connection, org));
  });
});
