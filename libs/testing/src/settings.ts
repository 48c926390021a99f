import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Says one line to a person. */
export type Say = (line: string) => void;

export const silent: Say = () => undefined;

/** The root of the checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Where what was fetched once is kept. */
export const cacheFolder = join(process.env.SEATWISE_HOME ?? join(root, '.seatwise'), 'cache');

/** Where a server is: at an address that somebody else looks after, or a program to start. */
export type Found = { kind: 'url'; url: string } | { kind: 'binary'; path: string };
