import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { checkMongodb, checkNats } from './addresses.js';
import { fetchedOnce, type Source } from './fetched.js';
import type { Found, Say } from './settings.js';
import { mongodSources, natsSources } from './sources.js';

export interface Resolution {
  say: Say;
  /** The settings; those of this process when left out. */
  env?: NodeJS.ProcessEnv;
}

interface Program {
  name: string;
  urlIn: string;
  binaryIn: string;
  check: (setting: string, url: string) => Promise<void>;
  sources: Source[];
}

/**
 * nats-server: the address in NATS_URL, the program in NATS_SERVER_BINARY, one on PATH, or one fetched once. Says which.
 * Throws an UnfitServerError when the address has no JetStream, a NotFetchedError when there is none to be had.
 */
export function resolveNatsServer(resolution: Resolution): Promise<Found> {
  return resolve(
    {
      name: 'nats-server',
      urlIn: 'NATS_URL',
      binaryIn: 'NATS_SERVER_BINARY',
      check: checkNats,
      sources: natsSources,
    },
    resolution,
  );
}

/**
 * mongod: the address in MONGODB_URL, the program in MONGOD_BINARY, one on PATH, or one fetched once. Says which.
 * Throws an UnfitServerError when the address is no replica set, a NotFetchedError when there is none to be had.
 */
export function resolveMongod(resolution: Resolution): Promise<Found> {
  return resolve(
    { name: 'mongod', urlIn: 'MONGODB_URL', binaryIn: 'MONGOD_BINARY', check: checkMongodb, sources: mongodSources },
    resolution,
  );
}

async function resolve(program: Program, { say, env = process.env }: Resolution): Promise<Found> {
  const { name, urlIn, binaryIn } = program;
  const label = name.padEnd(12);
  const url = env[urlIn];
  if (url) {
    await program.check(urlIn, url);
    say(`${label}at the address in ${urlIn}`);
    return { kind: 'url', url };
  }
  const named = env[binaryIn];
  if (named) {
    if (!isProgram(named)) throw new Error(`${binaryIn} names ${named}, which is not a program that can be run.`);
    say(`${label}named in ${binaryIn}`);
    return { kind: 'binary', path: named };
  }
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isProgram);
  if (onPath) {
    say(`${label}from PATH: ${onPath}`);
    return { kind: 'binary', path: onPath };
  }
  return { kind: 'binary', path: await fetchedOnce(name, binaryIn, program.sources, say) };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
