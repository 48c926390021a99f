import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { directoryChanged } from '@seatwise/contracts';
import { EventConsumer, on } from '@seatwise/contracts/consumer';
import { freePort, testFolder } from '@seatwise/testing';
import { partsIn, startCommand, startTool } from './started.js';

const untilSaid = 'Ctrl-C stops everything';

describe('npm start', () => {
  const home = testFolder();
  const env = { SEATWISE_HOME: home };
  const start = (...options: string[]) => startTool('start', ['--people', '200', ...options], env);
  let taken: Server;
  beforeAll(async () => {
    // Taken already where something else runs there; then that is what is stepped over.
    taken = createServer().listen(8_080, '127.0.0.1');
    await once(taken, 'listening').catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error;
    });
  });
  afterAll(() => taken.close());

  it('steps over a taken port, shows the demo org, stays up until it is told to stop, and stops cleanly', async () => {
    const { said, line, signal, ended } = start();
    expect(await line('gateway     port 8080 is taken: using')).toBeDefined();
    await line(untilSaid);
    const url = (await line('Gateway  ')).split(/\s+/)[1]!;
    expect(said.join('\n')).toMatch(/People +200/);
    const [, page, token] = /^Sign in +(http\S+\/sign-in)#link=([\w-]{43})&tour /.exec(await line('Sign in'))!;
    const { origin } = new URL(page!);
    const signIn = () =>
      fetch(`${origin}/api/v1/session/link`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
    expect(await (await signIn()).json()).toMatchObject({ role: 'admin', workspace: { name: 'Demo' } });
    expect((await signIn()).status).toBe(401);
    // A process with nothing left to wait for would be gone by the time that a hundred answers have come.
    for (let at = 0; at < 100; at += 1) expect((await fetch(`${new URL(url).origin}/readyz`)).ok).toBe(true);
    // A terminal sends it to all of them, and whoever is above sends it on.
    signal('SIGINT');
    signal('SIGINT');
    expect(await ended).toBe(0);
    expect(said.at(-1)).toBe('Stopped.');
    await expect(fetch(url)).rejects.toThrow();
  });

  it('finds what it left, and ends by itself when that was asked', async () => {
    const { said, ended } = start('--once');
    expect(await ended).toBe(0);
    expect(said.join('\n')).toMatch(/People +200/);
    expect(said.join('\n')).not.toMatch(/Syncing|Gateway|erased/);
    expect(said.at(-1)).toBe('Stopped.');
  });

  it('is one to a folder: a second one says which runs there, and touches nothing of it', async () => {
    const first = start('--reader', 'warehouse');
    await first.line(untilSaid);
    const second = start('--fresh');
    expect(await second.ended).toBe(1);
    expect(second.said).toHaveLength(1);
    expect(second.said[0]).toContain(`process ${first.pid}, since`);
    expect(existsSync(join(home, 'running.json'))).toBe(true);
    const letters = startTool('dead-letters', [], env);
    expect(await letters.ended).toBe(0);
    expect(letters.said).toEqual(['No message is parked.']);
    first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(first.said.join('\n')).not.toContain('has ended by itself');
  });

  it('opens a place in the stream for a reader outside, and goes on doing so', async () => {
    const { line, signal, ended } = start();
    await line('Reader ');
    const settings = parseEnv(readFileSync(join(home, 'readers/warehouse.env'), 'utf8'));
    const people = await fetch(`${settings.SEATWISE_URL}/api/v1/people?limit=1`, {
      headers: { authorization: `Bearer ${settings.SEATWISE_API_KEY}` },
    });
    expect(people.status).toBe(200);
    const heard = Promise.withResolvers<string>();
    const consumer = await EventConsumer.connect({
      servers: settings.SEATWISE_NATS_URL!,
      name: settings.SEATWISE_READER!,
      password: settings.SEATWISE_READER_PASSWORD!,
      handlers: [on(directoryChanged.person, (_data, head) => heard.resolve(head!.workspace))],
    });
    const reading = consumer.run();
    expect(await heard.promise).toMatch(/^ws_/);
    consumer.stop();
    await reading;
    await line(untilSaid);
    signal('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('goes on after kill -9, and until then nobody takes what it left for a running one', async () => {
    const killed = start();
    await killed.line(untilSaid);
    killed.signal('SIGKILL');
    await killed.ended;
    expect(existsSync(join(home, 'running.json'))).toBe(true);
    const letters = startTool('dead-letters', [], env);
    expect(await letters.ended).toBe(1);
    expect(letters.said).toEqual(['npm start is not running here. Start it, or name the server in NATS_URL.']);
    const next = start('--once');
    expect(await next.ended).toBe(0);
    expect(next.said.join('\n')).toMatch(/Last sync +complete/);
  });

  it.each(['mongod', 'nats-server'])('ends when %s does, and says so', async (part) => {
    const { said, line, ended } = start();
    await line(untilSaid);
    process.kill(partsIn(home).get(part)!, 'SIGKILL');
    expect(await ended).toBe(1);
    expect(said.join('\n')).toMatch(
      new RegExp(`${part} has ended by itself; its log is .*${part.split('-')[0]}.*\\.log`),
    );
    expect(said.filter((each) => each.includes('by itself'))).toHaveLength(1);
    expect(said.at(-1)).toBe('Stopped.');
    expect(said.join('\n')).not.toContain('Warning');
  });

  it('does not wait for ever for a part that does not end', async () => {
    const { said, line, signal, ended } = start();
    await line(untilSaid);
    process.kill(partsIn(home).get('usage-aggregator')!, 'SIGSTOP');
    signal('SIGTERM');
    expect(await ended).toBe(0);
    expect(said.join('\n')).toContain('usage-aggregator did not end within 15 s and was killed');
    expect(said.at(-1)).toBe('Stopped.');
  });

  it('ends with what it started also when it is npm, or the door to the commands, that gets the signal', async () => {
    for (const [command, args, signal] of [
      ['npm', ['start', '--', '--people', '200'], 'SIGTERM'],
      [process.execPath, ['tools/run.mjs', 'start', '--people', '200'], 'SIGINT'],
    ] as const) {
      const started = startCommand(command, [...args], env);
      await started.line(untilSaid);
      const pids = [...partsIn(home).values()];
      expect(pids.length).toBeGreaterThan(5);
      started.signal(signal);
      await started.ended;
      expect(started.said).toContain('Stopped.');
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    }
  });

  it('keeps the token of a real org from everything that it starts', async () => {
    if (process.platform !== 'linux') return;
    const { line, signal, ended } = startTool('start', ['--people', '200'], { ...env, OKTA_API_TOKEN: '00secret' });
    await line(untilSaid);
    const environments = [...partsIn(home)].map(([name, pid]) => [name, readFileSync(`/proc/${pid}/environ`, 'utf8')]);
    expect(environments).toHaveLength(8);
    for (const [, environment] of environments) expect(environment).not.toMatch(/OKTA_API_TOKEN|00secret/);
    signal('SIGINT');
    await ended;
  });

  it('says what there is to choose, and refuses a wrong address before it starts anything', async () => {
    const help = start('--help');
    expect(await help.ended).toBe(0);
    expect(help.said[0]).toBe('npm start -- [options]');
    const wrong = start('--org-url', 'ftp://acme.okta.com');
    expect(await wrong.ended).toBe(2);
    expect(wrong.said[0]).toBe('--org-url: The address must begin with https://.');
  });
});

it('dead-letters says that the server does not answer, and tells no password that stands in its address', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const away = startTool('dead-letters', [], { NATS_URL: `nats://${address}` });
  expect(await away.ended).toBe(1);
  expect(away.said.at(-1)).toMatch(/^The server in NATS_URL cannot be asked: it does not answer within 5 s\./);
  const wrong = startTool('dead-letters', [], { NATS_URL: `nats://hush:hush@${address}` });
  expect(await wrong.ended).toBe(1);
  expect(wrong.said.join('\n')).toContain('NATS_URL must be nats://host:port');
  expect(wrong.said.join('\n')).not.toContain('hush');
});
