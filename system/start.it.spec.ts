import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { testFolder } from '@seatwise/testing';

const program = join(import.meta.dirname, '../tools/dist/start/main.js');

describe('npm start', () => {
  const home = testFolder();
  let taken: Server;
  beforeAll(async () => {
    // Taken already where something else runs there; then that is what is stepped over.
    taken = createServer().listen(8_080, '127.0.0.1');
    await once(taken, 'listening').catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error;
    });
  });
  afterAll(() => taken.close());

  const start = (...options: string[]) => {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const child = spawn(process.execPath, [program, '--people', '200', ...options], {
      env: { ...env, SEATWISE_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    const watchers: (() => void)[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        for (const watch of watchers) watch();
      });
    const ended = once(child, 'close') as Promise<[number | null]>;
    const line = (part: string) =>
      new Promise<string>((resolve, reject) => {
        const look = () => {
          const found = said.find((each) => each.includes(part));
          if (found !== undefined) resolve(found);
        };
        watchers.push(look);
        look();
        void ended.then(() => reject(new Error(`it ended without saying "${part}":\n${said.join('\n')}`)));
      });
    return { child, said, line, ended };
  };

  it('steps over a taken port, shows the demo org, stays up until it is told to stop, and stops cleanly', async () => {
    const { child, said, line, ended } = start();
    expect(await line('gateway     port 8080 is taken: using')).toBeDefined();
    await line('Ctrl-C stops everything');
    const url = (await line('Gateway  ')).split(/\s+/)[1]!;
    expect(said.join('\n')).toMatch(/People +200/);
    // A process with nothing left to wait for would be gone by the time that a hundred answers have come.
    for (let at = 0; at < 100; at += 1) expect((await fetch(`${new URL(url).origin}/readyz`)).ok).toBe(true);
    child.kill('SIGINT');
    expect((await ended)[0]).toBe(0);
    expect(said.at(-1)).toBe('Stopped.');
    await expect(fetch(url)).rejects.toThrow();
  });

  it('finds what it left, and ends by itself when that was asked', async () => {
    const { said, ended } = start('--once');
    expect((await ended)[0]).toBe(0);
    expect(said.join('\n')).toMatch(/People +200/);
    expect(said.at(-1)).toBe('Stopped.');
  });
});
