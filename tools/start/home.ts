import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { natsUsers, type NatsUser } from '@seatwise/contracts';
import { newServiceKey } from '@seatwise/persistence';
import { newNatsPasswords } from '@seatwise/testing';
import { Claim, claimedBy } from './claim.js';
import type { Reachable } from './services.js';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

const serviceNames = ['gateway', 'connection-service', 'sync-service', 'action-service'];

/** What one machine keeps between two starts: the keys that `npm start` made, and what it connected. */
export interface Kept {
  encryptionKeys: Record<string, string>;
  encryptionKeyId: string;
  /** Private JWK of each service. */
  privateKeys: Record<string, object>;
  publicKeys: { keys: object[] };
  bootstrapToken: string;
  simulatorToken: string;
  /** Of the users of the nats-server that `npm start` runs. */
  natsPasswords: Record<NatsUser, string>;
  /** Of readers of the events outside, by their names. */
  readers?: Record<string, Reader>;
  /** The API key of the workspace that was started last: the one that a person asks with. */
  apiKey?: string;
  /** The API key of each workspace: the demo's, and that of the real orgs. */
  keys?: Partial<Record<WorkspaceName, string>>;
  demo?: { people: number; url: string; connection?: string };
}

/** A program that reads the events from outside, and the key with which it reads the rest of a workspace. */
export interface Reader {
  password: string;
  workspace?: string;
  apiKey?: string;
}

export type WorkspaceName = 'demo' | 'orgs';

/** The one folder of the project that holds data, logs and keys. Its file of keys is readable by its owner alone. */
export class Home {
  readonly folder = process.env.SEATWISE_HOME ?? join(root, '.seatwise');
  private readonly file = join(this.folder, 'kept.json');

  path(...parts: string[]): string {
    const path = join(this.folder, ...parts);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  /** The right to all that is in here: to be had before anything of it is opened or deleted. */
  async claim(): Promise<Claim> {
    const claim = await Claim.take(this.path('claim.json'));
    rmSync(this.path('running.json'), { force: true });
    return claim;
  }

  /** Where the servers of the `npm start` are that runs here; undefined: none does, or it is not that far yet. */
  running(): Reachable | undefined {
    const file = this.path('running.json');
    if (!claimedBy(this.path('claim.json')) || !existsSync(file)) return undefined;
    return JSON.parse(readFileSync(file, 'utf8')) as Reachable;
  }

  startOver(): void {
    for (const part of ['data', 'logs', 'kept.json']) rmSync(join(this.folder, part), { recursive: true, force: true });
  }

  async load(): Promise<Kept> {
    const before = existsSync(this.file) ? (JSON.parse(readFileSync(this.file, 'utf8')) as Kept) : undefined;
    if (before && natsUsers.every((user) => before.natsPasswords?.[user])) return before;
    // One from before there were these users has no password for them.
    const kept = before
      ? { ...before, natsPasswords: { ...newNatsPasswords(), ...before.natsPasswords } }
      : await newKept();
    this.save(kept);
    return kept;
  }

  save(kept: Kept): void {
    mkdirSync(this.folder, { recursive: true });
    // Whole or not at all: without these keys nothing that is sealed can be opened.
    writeFileSync(`${this.file}.new`, JSON.stringify(kept, null, 2), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}

export async function newKept(): Promise<Kept> {
  const pairs = await Promise.all(serviceNames.map(async (name) => [name, await newServiceKey(name)] as const));
  return {
    encryptionKeys: { k1: randomBytes(32).toString('base64') },
    encryptionKeyId: 'k1',
    privateKeys: Object.fromEntries(pairs.map(([name, pair]) => [name, pair.privateJwk])),
    publicKeys: { keys: pairs.map(([, pair]) => pair.publicJwk) },
    bootstrapToken: randomBytes(32).toString('base64url'),
    simulatorToken: `00${randomBytes(30).toString('base64url')}`,
    natsPasswords: newNatsPasswords(),
  };
}
