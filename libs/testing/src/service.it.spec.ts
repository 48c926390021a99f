import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnfitServerError } from './addresses.js';
import { testFolder } from './folder.js';
import { freePort } from './ports.js';
import { startProcess, untilReady } from './process.js';
import { resolveMongod, resolveNatsServer } from './resolve.js';
import { spawnService, spawnSimulator } from './service.js';
import { root, silent } from './settings.js';

/** A small service of this test: ready at its third question, as one that connects to something first. */
const source = `
import { createServer } from 'node:http';
let asked = 0;
console.log('the colour is ' + process.env.COLOUR);
if (process.env.COLOUR === 'none') throw new Error('a colour is needed');
createServer((request, response) => response.writeHead(request.url === '/readyz' && ++asked > 2 ? 200 : 503).end())
  .listen(Number(process.env.HTTP_PORT), process.env.HOST);
process.on('SIGTERM', () => process.exit(0));
`;

function entry(): string {
  const path = join(testFolder(), 'main.mjs');
  writeFileSync(path, source);
  return path;
}

describe('a service as a process of its own', () => {
  it('is waited for, is killed, and comes back at the same address', async () => {
    const service = await spawnService({ name: 'small', entry: entry(), env: { COLOUR: 'red' } });
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    const before = service.process;
    await service.kill();
    expect(await before.ended).toBe('SIGKILL');
    await service.restart();
    expect(service.process.pid).not.toBe(before.pid);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    await service.stop();
    expect(await service.process.ended).toBe('code 0');
  });

  it('that ends before it is ready fails with what it said last', async () => {
    const failed = spawnService({ name: 'small', entry: entry(), env: { COLOUR: 'none' } });
    await expect(failed).rejects.toThrow(/small ended \(code 1\):.*a colour is needed/s);
  });
});

it('the simulator is a process that says where it is, and is there again after kill -9', async () => {
  const simulator = await spawnSimulator({ env: { SIMULATOR_PEOPLE: '20' } });
  const wellKnown = `${simulator.url}/.well-known/okta-organization`;
  expect((await fetch(wellKnown)).status).toBe(200);
  await simulator.kill();
  await simulator.restart();
  expect((await fetch(wellKnown)).status).toBe(200);
  await simulator.stop();
});

describe('what a process started', () => {
  it('ends with it and its folders go, even by kill -9', async () => {
    const library = join(root, 'libs/testing/dist/index.js');
    const program = `
      const { startProcess, testFolder } = await import(${JSON.stringify(library)});
      const folder = testFolder();
      const child = startProcess({ command: 'sleep', args: ['1000'], logFile: folder + '/log' });
      console.log(JSON.stringify({ pid: child.pid, folder }));
      process.kill(process.pid, 'SIGKILL');`;
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    expect(signal).toBe('SIGKILL');
    const { pid, folder } = JSON.parse(stdout) as { pid: number; folder: string };
    while (isThere(pid) || existsSync(folder)) await sleep(20);
  });
});

describe('an address in the settings', () => {
  const { NATS_URL: _nats, MONGODB_URL: _mongo, ...env } = process.env;

  it('of a nats-server without JetStream is refused', async () => {
    const port = await freePort();
    const found = await resolveNatsServer({ say: silent, env });
    const running = startProcess({
      command: found.kind === 'binary' ? found.path : '',
      args: ['-a', '127.0.0.1', '-p', String(port)],
      logFile: join(testFolder(), 'log'),
    });
    const check = () => resolveNatsServer({ say: silent, env: { NATS_URL: `nats://127.0.0.1:${port}` } });
    expect(await untilReady('nats-server', running, () => refusal(check, 'JetStream'))).toContain('in NATS_URL has no');
    await running.stop();
  });

  it('of a mongod that is no replica set is refused', async () => {
    const port = await freePort();
    const folder = testFolder();
    const found = await resolveMongod({ say: silent, env });
    const running = startProcess({
      command: found.kind === 'binary' ? found.path : '',
      args: ['--dbpath', folder, '--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket'],
      logFile: join(folder, 'log'),
    });
    const check = () => resolveMongod({ say: silent, env: { MONGODB_URL: `mongodb://127.0.0.1:${port}` } });
    expect(await untilReady('mongod', running, () => refusal(check, 'not a replica'))).toContain('in MONGODB_URL is');
    await running.stop();
  });
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The words of a refusal that names `reason`; throws any other, as while the server still starts. */
async function refusal(check: () => Promise<unknown>, reason: string): Promise<string> {
  try {
    await check();
  } catch (error) {
    if (error instanceof UnfitServerError && error.message.includes(reason)) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}
