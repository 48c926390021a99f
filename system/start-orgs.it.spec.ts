import { once } from 'node:events';
import { createServer } from 'node:net';
import type { ConnectionListDto, SummaryDto } from '@seatwise/contracts';
import { spawnSimulator, testFolder, type RunningService } from '@seatwise/testing';
import { keptIn, startTool, type Started } from './started.js';

describe('the orgs of npm start', () => {
  const home = testFolder();
  const start = (options: string[], env: Record<string, string> = {}) =>
    startTool('start', options, { SEATWISE_HOME: home, ...env });
  /** Starts, has its answers asked for, and stops. */
  const during = async <T>(started: Started, ask: (call: Call) => Promise<T>): Promise<T> => {
    await started.line('Ctrl-C stops everything');
    const url = (await started.line('Gateway  ')).split(/\s+/)[1]!;
    const call: Call = async (method, path, body, key = keptIn(home).apiKey) => {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      expect(response.ok).toBe(true);
      return (await response.json()) as never;
    };
    const answer = await ask(call);
    started.signal('SIGINT');
    expect(await started.ended).toBe(0);
    return answer;
  };
  type Call = <T>(method: string, path: string, body?: object, key?: string) => Promise<T>;
  const connections = (call: Call) => call<ConnectionListDto>('GET', '/connections').then((list) => list.connections);

  it('the demo keeps its history when it is renamed, and when its port is taken', async () => {
    const before = await during(start(['--people', '200']), async (call) => {
      const [made] = await connections(call);
      await call('PATCH', `/connections/${made!.id}`, { name: 'Another name' });
      return { made: made!, summary: await call<SummaryDto>('GET', '/summary') };
    });
    const taker = createServer().listen(Number(new URL(before.made.orgUrl).port), '127.0.0.1');
    await once(taker, 'listening');
    const moved = start(['--people', '200']);
    const after = await during(moved, async (call) => ({
      connections: await connections(call),
      summary: await call<SummaryDto>('GET', '/summary'),
    }));
    taker.close();
    expect(after.connections).toHaveLength(1);
    const { id, createdAt } = before.made;
    expect(after.connections[0]).toMatchObject({ id, createdAt, name: 'Another name', health: 'healthy' });
    expect(after.connections[0]!.orgUrl).not.toBe(before.made.orgUrl);
    expect(after.summary.signIns).toBeGreaterThanOrEqual(before.summary.signIns);
    expect(moved.said.join('\n')).toMatch(/okta-simulator port \d+ is taken/);
    expect(moved.said.join('\n')).not.toContain('erased');
    expect(keptIn(home).demo).toMatchObject({ connection: id, url: after.connections[0]!.orgUrl });
  });

  it('a demo of another size is made anew, and it is said that the one before is erased', async () => {
    const { connection } = keptIn(home).demo!;
    const { said, ended } = start(['--people', '100', '--once']);
    expect(await ended).toBe(0);
    const erased = said.findIndex((line) =>
      line.includes('The demo org had 200 people and is to have 100: what was kept of it is erased.'),
    );
    expect(erased).toBeGreaterThan(-1);
    expect(said.findIndex((line) => /People +100/.test(line))).toBeGreaterThan(erased);
    expect(keptIn(home).demo!.connection).not.toBe(connection);
  });

  describe('a real org', () => {
    const token = `00real${'x'.repeat(36)}`;
    let org: RunningService;
    let env: Record<string, string>;
    beforeAll(async () => {
      org = await spawnSimulator({ env: { SIMULATOR_PEOPLE: '50', SIMULATOR_SEED: '7', SIMULATOR_TOKEN: token } });
      env = { OKTA_ALLOWED_ORIGINS: org.url };
    });
    afterAll(() => org.stop());
    const control = (method: string, path: string, body: object) =>
      fetch(`${org.url}/control/${path}`, { method, body: JSON.stringify(body) });

    it('is not connected without a token, and nothing is started to find that out', async () => {
      const { said, ended } = start(['--org-url', org.url], env);
      expect(await ended).toBe(1);
      expect(said).toEqual(['Set OKTA_API_TOKEN: there is no terminal to ask for the token.', 'Stopped.']);
    });

    it('has a workspace of its own, whose figures are its alone', async () => {
      const demo = keptIn(home).keys.demo!;
      const started = start(['--org-url', org.url], { ...env, OKTA_API_TOKEN: token });
      await during(started, async (call) => {
        expect(await call('GET', '/summary')).toMatchObject({ people: 50 });
        expect(await call('GET', '/summary', undefined, demo)).toMatchObject({ people: 100 });
        expect(await connections(call)).toHaveLength(1);
      });
      const { keys, apiKey } = keptIn(home);
      expect(keys).toEqual({ demo, orgs: apiKey });
    });

    it('is synced anew after a run that failed, with a new token in the place of a dead one', async () => {
      await control('PUT', 'tokens', { label: 'super-admin', revoked: true });
      const failing = start(['--org-url', org.url], env);
      await during(failing, async (call) => {
        const [connection] = await connections(call);
        await call('POST', `/connections/${connection!.id}/sync`);
        for (let state = ''; state !== 'failed';)
          [{ state }] = (await call<{ runs: [{ state: string }] }>('GET', '/runs?limit=1')).runs;
      });
      const other = `00other${'x'.repeat(35)}`;
      await control('PUT', 'tokens', { label: 'new', token: other });
      const { said, ended } = start(['--org-url', org.url, '--once'], { ...env, OKTA_API_TOKEN: other });
      expect(await ended).toBe(0);
      expect(said.join('\n')).toMatch(/Syncing.*\n(.*\n)*Last sync +complete/);
    });
  });
});
