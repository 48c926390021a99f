import { createServer } from 'node:net';
import { silent, type Say } from './settings.js';

const highest = 65_535;

/**
 * The first port of 127.0.0.1 that is free from `preferred` on; 0: any. A taken one is stepped over, with a line that
 * says so, and so is one of `except`, which somebody else was promised. It is free now, not reserved: whoever starts a server on it is ready for somebody else being faster.
 */
export async function freePort(
  preferred = 0,
  { say = silent, what = 'port', except = [] }: { say?: Say; what?: string; except?: readonly number[] } = {},
): Promise<number> {
  for (let port = preferred; port <= highest; port += 1) {
    if (except.includes(port)) continue;
    const free = await tryPort(port);
    if (free && preferred !== 0 && free !== preferred)
      say(`${what.padEnd(11)} port ${preferred} is taken: using ${free}`);
    if (free) return free;
  }
  throw new Error(`No port from ${preferred} on is free.`);
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
