import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ActionDto, ActionName, BulkDto, BulkItemDto, ConnectionDto } from '@seatwise/contracts';
import type { TestServers } from '@seatwise/testing';
import { createConnection } from 'mongoose';
import { activePeople, changesAfter, eventsOf, lastChangeOf } from '../tools/actions/acting.js';
import type { Seatwise, TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import type { Api } from '../tools/start/api.js';
import { startTool } from './started.js';
import { mirrorIsWhole } from './truth.js';

const run = promisify(execFile);

/** A system at work, and what must be remembered of it to tell what became of it. */
export interface AtWork {
  seatwise: Seatwise;
  org: TestOrg;
  api: Api;
  connection: ConnectionDto;
  job: string;
  /** Whom the job suspends, and whose factors single actions reset. */
  suspended: string[];
  reset: string[];
  /** The last change in the org before any of it. */
  before: number;
  /** Nobody asks for an action any more. */
  stop: () => Promise<void>;
}

/** Puts everything to work at once: a first sync with the log, a bulk job, single actions whose effect Okta does not show. */
export async function putToWork(
  seatwise: Seatwise,
  { inJob, single }: { inJob: number; single: number },
): Promise<AtWork> {
  const [org] = seatwise.orgs as [TestOrg];
  const { api } = await seatwise.workspace('Restored');
  const connection = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
  const ids = (await activePeople(org)).slice(1);
  const [suspended, reset] = [ids.slice(0, inJob), ids.slice(inJob, inJob + single)];
  const before = await lastChangeOf(org);
  const job = await until(
    () => jobFor(api, connection, suspended).catch(() => undefined),
    (made) => made !== undefined,
  );
  const over = new AbortController();
  const acting = act(api, connection, reset, over.signal);
  const stop = async () => {
    over.abort();
    await acting;
  };
  return { seatwise, org, api, connection, job: job!.id, suspended, reset, before, stop };
}

/** Resolves when so many of the single actions were done in the org. */
export async function whenReset({ org, before }: AtWork, count: number): Promise<void> {
  await until(
    () => timesOf(org, 'reset_user_mfa', before),
    ({ size }) => size >= count,
  );
}

async function jobFor(api: Api, connection: ConnectionDto, people: string[]): Promise<BulkDto> {
  const path = `/connections/${connection.id}/bulk`;
  const body = { action: 'suspend_user', people, reason: 'Before a backup' };
  const response = await api.send('POST', path, body, { 'idempotency-key': 'a-job-before-a-backup' });
  if (!response.ok) throw new Error(await response.text());
  const made = (await response.json()) as BulkDto;
  return api.call<BulkDto>('POST', `/bulk/${made.id}/start`);
}

/** Faster than Okta answers, and nobody waits for their end: so many wait for their turn. */
async function act(api: Api, connection: ConnectionDto, people: string[], over: AbortSignal): Promise<void> {
  for (const [at, person] of people.entries()) {
    if (at % 12 === 11) await sleep(100);
    if (over.aborted) return;
    const wish = { action: 'reset_user_mfa', person, reason: 'Before a backup' };
    const path = `/connections/${connection.id}/actions`;
    void api.send('POST', path, wish, { 'idempotency-key': `reset-${person}` }).catch(() => undefined);
  }
}

/**
 * The data of a running mongod as an atomic snapshot of its volume has it: of one moment, and nobody was asked to hold still but
 * the process.
 */
export async function snapshot({ folder, mongod }: TestServers, to: string): Promise<void> {
  mkdirSync(join(to, 'mongod'), { recursive: true });
  mongod.process.signal('SIGSTOP');
  try {
    await run('cp', ['-a', join(folder, 'mongod/db'), join(to, 'mongod/db')]);
  } finally {
    mongod.process.signal('SIGCONT');
  }
}

/** Where a chain of the audit log ends. */
interface Head {
  _id: string;
  seq: number;
  hash: string;
}

/** What an operator keeps elsewhere: where the chains end now, as far as it is in the journal. */
export async function headsOf(mongoUrl: string): Promise<Head[]> {
  const client = await createConnection(mongoUrl, { dbName: 'gateway' }).asPromise();
  try {
    return await client.collection<Head>('audit_heads').find({}, { readConcern: 'majority' }).toArray();
  } finally {
    await client.close();
  }
}

/** With no more rights than the guide's. */
const asOperator = ({ natsUrl, natsPasswords }: TestServers) => ({
  NATS_URL: natsUrl,
  NATS_USER: 'operator',
  NATS_PASSWORD: natsPasswords.operator,
});

/** What the guide has an operator do when the databases have come back: on the servers alone, and with the services. */
export async function beforeTheServices(
  servers: TestServers,
  backupOf: Date,
  ...options: '--trial'[]
): Promise<string[]> {
  const settings = { MONGODB_URL: servers.mongoUrl, ...asOperator(servers) };
  const command = startTool('after-restore', ['--backup-of', backupOf.toISOString(), ...options], settings);
  if ((await command.ended) !== 0) throw new Error(command.said.join('\n'));
  return command.said;
}
export async function withTheServices(servers: TestServers): Promise<string[]> {
  const command = startTool('republish', [], asOperator(servers));
  if ((await command.ended) !== 0) throw new Error(command.said.join('\n'));
  return command.said;
}

/** What is true of a system that came back from a backup and goes on. */
export interface Outcome {
  /** Single actions by how they ended, and how many were done in the org of which nothing is known here. */
  actions: Record<string, number>;
  forgotten: number;
  /** The people of the job by how they ended. */
  items: Record<string, number>;
  records: number;
}

/** Lets everything come to its end, and throws where it is not as it should be. */
export async function mustBeWhole(work: AtWork, heads: Head[]): Promise<Outcome> {
  const { seatwise, org, connection, job, suspended, reset, before } = work;
  const api = work.api.at(seatwise.gatewayUrl);
  const paused = await jobOf(api, job);
  if (!['paused', 'done'].includes(paused.state)) throw new Error(`the job is ${paused.state}`);

  // Each was done once or not at all, whether it is known here or not; of what is known, Okta's log tells which.
  const resetTimes = await timesOf(org, 'reset_user_mfa', before);
  const single = await until(
    () => actionsOf(api, connection, 'reset_user_mfa').catch(() => []),
    (known) => known.length > 0 && known.every(({ person, state }) => isSaid(state, resetTimes.has(person!))),
  );

  // A person has looked, and the job goes on: whoever was suspended since the backup is not suspended again.
  if (paused.state === 'paused') await api.call('POST', `/bulk/${job}/resume`);
  await jobOf(api, job, 'done');
  const suspendedTimes = await timesOf(org, 'suspend_user', before);
  onceAtMost(suspendedTimes, await timesOf(org, 'reset_user_mfa', before));
  const items = await itemsOf(api, job);
  // Of whom Okta shows that it was not done, it is said; of the others that it was, or that nobody knows.
  const wrong = items.filter(({ person, state }) => {
    const wasDone = suspendedTimes.get(person) === 1;
    return wasDone ? state === 'failed' : state !== 'failed' && state !== 'unknown';
  });
  if (wrong.length > 0) throw new Error(`not so: ${wrong.map(({ person, state }) => `${person} ${state}`).join()}`);
  if (items.length !== suspended.length) throw new Error(`${items.length} people are in the job`);

  await org.control('PUT', 'clock', { frozen: true });
  await mirrorIsWhole(seatwise, api, connection, org);

  // The audit log: whole, going on from what it was, and saying where it came back.
  const audit = startTool('audit', ['verify'], { MONGODB_URL: seatwise.servers.mongoUrl });
  if ((await audit.ended) !== 0) throw new Error(audit.said.join('\n'));
  await headsMustBeIn(seatwise.servers.mongoUrl, heads);
  const known = new Set(single.map(({ person }) => person));
  return {
    actions: countsOf(single.map(({ state }) => state)),
    forgotten: reset.filter((person) => resetTimes.has(person) && !known.has(person)).length,
    items: countsOf(items.map(({ state }) => state)),
    records: Number(/^([\d]+) records, no change found$/m.exec(audit.said.join('\n'))?.[1]),
  };
}

async function jobOf(api: Api, job: string, state?: BulkDto['state']): Promise<BulkDto> {
  const found = await until(
    () => api.call<BulkDto>('GET', `/bulk/${job}`).catch(() => undefined),
    (now) => now !== undefined && (state === undefined || now.state === state),
  );
  return found!;
}

async function actionsOf(api: Api, { id }: ConnectionDto, action: ActionName): Promise<ActionDto[]> {
  const all: ActionDto[] = [];
  for (let cursor = ''; ;) {
    const path = `/actions?connection=${id}&action=${action}&limit=200${cursor && `&cursor=${cursor}`}`;
    const page = await api.call<{ actions: ActionDto[]; nextCursor: string | null }>('GET', path);
    all.push(...page.actions);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}

async function itemsOf(api: Api, job: string): Promise<BulkItemDto[]> {
  const all: BulkItemDto[] = [];
  for (let cursor = ''; ;) {
    const path = `/bulk/${job}/items?limit=200${cursor && `&cursor=${cursor}`}`;
    const page = await api.call<{ items: BulkItemDto[]; nextCursor: string | null }>('GET', path);
    all.push(...page.items);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}

/** How often each person was so acted on, by the org's own ledger. */
async function timesOf(org: TestOrg, action: ActionName, after: number): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const { what, subject } of await changesAfter(org, after))
    if (eventsOf[action].includes(what)) times.set(subject, (times.get(subject) ?? 0) + 1);
  return times;
}

const isSaid = (state: ActionDto['state'], wasDone: boolean): boolean => state === (wasDone ? 'done' : 'unknown');

function onceAtMost(...times: Map<string, number>[]): void {
  const twice = times.flatMap((one) => [...one]).filter(([, count]) => count > 1);
  if (twice.length > 0) throw new Error(`done more than once: ${JSON.stringify(twice)}`);
}

async function headsMustBeIn(mongoUrl: string, heads: Head[]): Promise<void> {
  const client = await createConnection(mongoUrl, { dbName: 'gateway' }).asPromise();
  try {
    for (const { _id: workspace, seq, hash } of heads)
      if (!(await client.collection('audit').findOne({ workspace, seq, hash })))
        throw new Error(`record ${seq} of ${workspace} is not the one that it was before the backup`);
    for (const { _id: workspace } of heads)
      if (!(await client.collection('audit').findOne({ workspace, what: 'backup.restored' })))
        throw new Error(`${workspace} does not say that it came back`);
  } finally {
    await client.close();
  }
}

const countsOf = (states: string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(states, (state) => state)].map(([state, same]) => [state, same.length]));
