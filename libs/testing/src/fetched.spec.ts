import { appendFile, copyFile, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchedOnce, NotFetchedError, run, type Source } from './fetched.js';

const outOfReach: Source = {
  name: 'a far place',
  bring: () => Promise.reject(new Error('nobody answers')),
};

/** Brings a program of this machine, and counts how often it was asked to. */
function nearby(name = 'a near place') {
  const source = {
    name,
    times: 0,
    bring: async (folder: string) => {
      source.times += 1;
      await copyFile('/bin/sh', join(folder, 'brought'));
      return join(folder, 'brought');
    },
  };
  return source;
}

const emptyCache = () => mkdtemp(join(tmpdir(), 'cache-'));

describe('a program that is fetched once', () => {
  it('comes from the first source in reach, and from the cache after that', async () => {
    const cache = await emptyCache();
    const source = nearby();
    const said: string[] = [];
    const fetch = () => fetchedOnce('tool', 'TOOL', [outOfReach, source], (line) => said.push(line), cache);
    const path = await fetch();
    expect(await fetch()).toBe(path);
    expect((await run(path, ['-c', 'echo runs'])).stdout).toBe('runs\n');
    expect(source.times).toBe(1);
    expect(said).toEqual([
      'tool        not from a far place: nobody answers',
      'tool        fetched from a near place, once',
      "tool        from the project's cache",
    ]);
  });

  it('is fetched again when it was changed since', async () => {
    const cache = await emptyCache();
    const source = nearby();
    const said: string[] = [];
    const fetch = () => fetchedOnce('tool', 'TOOL', [source], (line) => said.push(line), cache);
    await appendFile(await fetch(), 'something of somebody');
    await fetch();
    expect(source.times).toBe(2);
    expect(said[1]).toBe('tool        in the cache does not have the hash it was fetched with: fetching it again');
    await fetch();
    expect(source.times).toBe(2);
  });

  it('is fetched again when another version is asked for', async () => {
    const cache = await emptyCache();
    const newer = nearby('a near place, 2');
    await fetchedOnce('tool', 'TOOL', [nearby('a near place, 1')], () => undefined, cache);
    await fetchedOnce('tool', 'TOOL', [newer], () => undefined, cache);
    expect(newer.times).toBe(1);
  });

  it('is one and whole for ten who ask at once, and leaves nothing lying about', async () => {
    const cache = await emptyCache();
    const asked = Array.from({ length: 10 }, async () => {
      const path = await fetchedOnce('tool', 'TOOL', [nearby()], () => undefined, cache);
      return (await run(path, ['-c', 'echo runs'])).stdout;
    });
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 10 }, () => 'runs\n'));
    expect(await readdir(cache)).toEqual(['tool']);
  });

  it('that cannot be had says from where it was tried, and how to name one', async () => {
    const refused = fetchedOnce('tool', 'TOOL_BINARY', [outOfReach], () => undefined, await emptyCache());
    await expect(refused).rejects.toThrow(NotFetchedError);
    await expect(refused).rejects.toThrow(/a far place: nobody answers\n.*TOOL_BINARY/s);
  });
});
