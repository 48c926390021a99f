import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BulkDto } from '@seatwise/contracts';
import { createConnection, type mongo } from 'mongoose';
import { changesAfter, ended, truthOf, type TruePerson } from '../actions/acting.js';
import { Seatwise, type TestOrg } from '../harness/seatwise.js';
import { until } from '../harness/until.js';
import { ProblemError, type Api } from '../start/api.js';
import { drained, type Say } from './org.js';
import { percentiles, type Percentiles } from './times.js';

/** All times are simulated: seconds of the fast clock. */
export interface BulkFigures {
  people: number;
  /** So many times as fast as real time. */
  scale: number;
  seconds: number;
  /** In less the limits do not let it be done. */
  least: number;
  pausedSeconds: number;
  kills: number;
  counts: BulkDto['counts'];
  /** People of the job by how often the ledger shows them suspended: `{ 1: all }` where all is well. */
  timesSuspended: Record<number, number>;
  buckets: { bucket: string; limit: number; perAction: number; least: number; opened: number; every: number }[];
  requestsIntoEmptyBucket: number;
  refusedForLimit: number;
  rssMib: { firstTenth: number; lastTenth: number; peak: number };
  singles: { before: Waits; during: Waits; duringWithoutKills: Waits };
}
/** Seconds from the sending of a single action's POST to its answer. */
export type Waits = Percentiles & { actions: number; longest: number };

interface LedgerSummary {
  changes: number;
  requestsIntoEmptyBucket: number;
  refusedForLimit: number;
  byBucket: Record<string, Record<string, number>>;
}

interface LedgerRequest {
  at: number;
  bucket: string;
  limit: number;
  /** What was left when it came. */
  before: number;
}

/** What a token sees of a bucket that sync, and so a job, leaves to single actions. */
const usable = 0.9;
const windowSeconds = 60;
const pausedFor = 20;
/** A kill for so many people, one at least and so many at most; and a single action alone for so many. */
const peopleToKill = 1_000;
const mostKills = 5;
const peopleToSingle = 200;
const everySeconds = 5;

/**
 * A bulk job at real limits, in a time that runs so many times as fast for the services and the simulator. It is paused once,
 * its service is killed again and again, and others ask for single actions meanwhile.
 */
export async function bulkOf(people: number, scale: number, say: Say): Promise<BulkFigures> {
  const clock = {
    FAST_CLOCK: `${scale}@${Date.now()}`,
    NODE_OPTIONS: `--import=${new URL('./fast-clock.js', import.meta.url).href}`,
  };
  const size = {
    SIMULATOR_PEOPLE: String(Math.ceil(1.5 * people) + 3_000),
    SIMULATOR_APPS: '5',
    SIMULATOR_GROUPS: '3',
  };
  const ledger = { SIMULATOR_LEDGER_SIZE: String(10 * people + 10_000) };
  const seatwise = await Seatwise.start(
    [
      {
        ...size,
        SIMULATOR_ASSIGNMENTS_PER_PERSON: '1',
        SIMULATOR_SIGN_INS_PER_PERSON_30D: '1',
        SIMULATOR_FROZEN: 'false',
        ...ledger,
        ...clock,
      },
    ],
    { LOG_EVERY_SECONDS: '3600', LEASE_SECONDS: '15', BULK_APPROVAL_SIZE: '100000', ...clock },
  );
  try {
    await letTransactionsEnd(seatwise, scale);
    const [org] = seatwise.orgs as [TestOrg];
    const { api } = await seatwise.workspace('Bench');
    const connection = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
    await api.call('PATCH', `/connections/${connection.id}`, { syncEveryMinutes: 1440 });
    await seatwise.ended(api, connection);
    await drained(seatwise);
    return await new Job(seatwise, org, api, connection.id, scale, say).run(people);
  } finally {
    await seatwise.stop();
  }
}

/** mongod's own clock is the real one: by the fast one it shall keep what a dead client had begun as long as ever. */
async function letTransactionsEnd({ servers }: Seatwise, scale: number): Promise<void> {
  const database = await createConnection(servers.mongoUrl).asPromise();
  const usual = 60;
  await (database.db as mongo.Db)
    .admin()
    .command({ setParameter: 1, transactionLifetimeLimitSeconds: Math.max(1, Math.round(usual / scale)) });
  await database.close();
}

class Job {
  private readonly disturbed: { from: number; to: number }[] = [];
  private readonly memory: number[] = [];

  constructor(
    private readonly seatwise: Seatwise,
    private readonly org: TestOrg,
    private readonly api: Api,
    private readonly connection: string,
    private readonly scale: number,
    private readonly say: Say,
  ) {}

  async run(people: number): Promise<BulkFigures> {
    const active = (await truthOf<TruePerson>(this.org, 'people'))
      .filter(({ status }) => status === 'ACTIVE')
      // The first is who made the token.
      .slice(1)
      .map(({ id }) => id);
    const chosen = active.splice(0, people);
    if (chosen.length < people) throw new Error(`the org has only ${chosen.length} active people`);
    await this.org.control('PUT', 'limits', { limits: 'real', windowSeconds });
    await this.sleep(windowSeconds + 5);
    const before = await this.singles(active, (begun) => begun >= people / peopleToSingle);
    this.say(`single actions alone: ${told(waitsOf(before))}`);
    await this.sleep(windowSeconds + 5);

    await this.org.control('DELETE', 'ledger');
    const body = { action: 'suspend_user', reason: 'Asked for by the benchmark', people: chosen };
    const headers = { 'idempotency-key': randomUUID() };
    // What does not come to its end in time is finished by the same call.
    const asked = await until(
      () => this.api.send('POST', `/connections/${this.connection}/bulk`, body, headers),
      ({ status }) => status < 500,
    );
    if (!asked.ok) throw new Error(`the job was not taken: ${await asked.text()}`);
    const { id } = (await asked.json()) as BulkDto;
    await this.api.call('POST', `/bulk/${id}/start`);
    let isOver = false;
    const weighing = this.weigh(() => isOver);
    const meanwhile = this.singles(active, () => isOver);
    const job = await this.disturb(id, people).finally(() => (isOver = true));
    const during = await meanwhile;
    await weighing;
    return this.figures(job, chosen, before, during);
  }

  /** Kills and a pause at even shares of the work; answers the job as it ended. */
  private async disturb(id: string, people: number): Promise<BulkDto> {
    const service = this.seatwise.services.get('action-service')!;
    const kills = killsFor(people);
    for (let n = 1; n <= kills; n += 1) {
      await this.when(id, ({ counts }) => counts.done >= (n * people) / (kills + 1));
      const from = performance.now();
      await service.kill();
      await service.restart();
      this.disturbed.push({ from, to: performance.now() });
      this.say(`action-service was killed, and ready again after ${this.seconds(from).toFixed(0)} simulated seconds`);
      if (n === Math.ceil(kills / 2)) await this.pause(id);
    }
    return this.when(id, ({ state }) => state === 'done');
  }

  private async pause(id: string): Promise<void> {
    await this.command(id, 'pause');
    await this.sleep(pausedFor);
    await this.command(id, 'resume');
  }

  private command = (id: string, what: string) =>
    until(
      () => this.api.call<BulkDto>('POST', `/bulk/${id}/${what}`).catch(unlessAway),
      (job) => job !== undefined,
    );

  /** Looks seldom, so that the looking is no load. */
  private async when(id: string, fits: (job: BulkDto) => boolean): Promise<BulkDto> {
    for (;;) {
      const job = await this.api.call<BulkDto>('GET', `/bulk/${id}`).catch(unlessAway);
      if (job?.state === 'stopped') throw new Error(`the job stopped: ${JSON.stringify(job.counts)}`);
      if (job && fits(job)) return job;
      await sleep(1_000);
    }
  }

  /** Single actions on people of their own, one every few seconds whether those before have ended or not. */
  private async singles(
    people: string[],
    enough: (begun: number) => boolean,
  ): Promise<{ from: number; to: number; seconds: number }[]> {
    const asked: Promise<{ from: number; to: number; seconds: number }>[] = [];
    while (!enough(asked.length)) {
      const person = people.pop();
      if (person === undefined) throw new Error('nobody is left for single actions');
      asked.push(this.single(person));
      await this.sleep(everySeconds * (0.5 + Math.random()));
    }
    return Promise.all(asked);
  }

  private async single(person: string) {
    const [from, sent] = [performance.now(), await this.now()];
    const { record, code } = await ended(this.api, this.connection, { action: 'suspend_user', person });
    if (record?.state !== 'done') throw new Error(`a single action ended ${record?.state} (${code})`);
    const [to, answered] = [performance.now(), await this.now()];
    // All processes are of one time, those that were started anew too.
    const made = Date.parse(record.createdAt);
    if (made < sent || made > answered) throw new Error('the clocks of the services and of the simulator differ');
    return { from, to, seconds: ((to - from) / 1_000) * this.scale };
  }

  private async weigh(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const { pid } = this.seatwise.services.get('action-service')!.process;
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
        if (kilobytes !== undefined) this.memory.push(Number(kilobytes) / 1_024);
      } catch {
        // It was just killed.
      }
      await this.sleep(1);
    }
  }

  private async figures(
    job: BulkDto,
    chosen: string[],
    before: { seconds: number }[],
    during: { from: number; to: number; seconds: number }[],
  ): Promise<BulkFigures> {
    const people = chosen.length;
    const ledger = await this.org.control<LedgerSummary>('GET', 'ledger');
    const times = new Map<string, number>(chosen.map((id) => [id, 0]));
    for (const { what, subject } of await changesAfter(this.org, 0))
      if (what === 'user.lifecycle.suspend' && times.has(subject)) times.set(subject, times.get(subject)! + 1);
    const timesSuspended: Record<number, number> = {};
    for (const count of times.values()) timesSuspended[count] = (timesSuspended[count] ?? 0) + 1;
    const limits = new Map<string, number>();
    const requests = Object.values(ledger.byBucket)
      .flatMap(Object.values)
      .reduce((sum: number, n) => sum + Number(n), 0);
    const all = await this.org.control<LedgerRequest[]>('GET', `ledger/requests?after=0&limit=${requests}`);
    for (const { bucket, limit } of all) limits.set(bucket, limit);
    const buckets = Object.entries(ledger.byBucket).map(([bucket, byStatus]) => {
      const perAction = Object.values(byStatus).reduce((sum, n) => sum + n, 0) / (people + during.length);
      const limit = limits.get(bucket)!;
      // A window is opened by its first request, and the last one need not pass; only whole requests are needed.
      const windows = Math.ceil((people * Math.floor(perAction)) / (limit * usable));
      const opened = all.filter((one) => one.bucket === bucket && one.before === limit).map(({ at }) => at / 1_000);
      const every = percentiles(opened.slice(1).map((at, n) => at - opened[n]!)).p50;
      const least = Math.max(0, windows - 1) * windowSeconds;
      return { bucket, limit, perAction, least, opened: opened.length, every };
    });
    const isCalm = ({ from, to }: { from: number; to: number }) =>
      this.disturbed.every((kill) => to < kill.from || from > kill.to);
    const tenth = Math.ceil(this.memory.length / 10);
    return {
      people,
      scale: this.scale,
      seconds: (Date.parse(job.endedAt!) - Date.parse(job.startedAt!)) / 1_000,
      least: Math.max(...buckets.map(({ least }) => least)),
      pausedSeconds: pausedFor,
      kills: this.disturbed.length,
      counts: job.counts,
      timesSuspended,
      buckets,
      requestsIntoEmptyBucket: ledger.requestsIntoEmptyBucket,
      refusedForLimit: ledger.refusedForLimit,
      rssMib: {
        firstTenth: mean(this.memory.slice(0, tenth)),
        lastTenth: mean(this.memory.slice(-tenth)),
        peak: Math.max(...this.memory),
      },
      singles: {
        before: waitsOf(before),
        during: waitsOf(during),
        duringWithoutKills: waitsOf(during.filter(isCalm)),
      },
    };
  }

  /** The clock of the org. */
  private async now(): Promise<number> {
    return Date.parse((await this.org.control<{ now: string }>('GET', 'clock')).now);
  }

  private sleep = (seconds: number) => sleep((seconds * 1_000) / this.scale);

  private seconds = (since: number) => ((performance.now() - since) / 1_000) * this.scale;
}

function waitsOf(waits: { seconds: number }[]): Waits {
  const seconds = waits.map((one) => one.seconds);
  return { ...percentiles(seconds), actions: seconds.length, longest: Math.max(0, ...seconds) };
}

const killsFor = (people: number): number => Math.min(mostKills, Math.max(1, Math.floor(people / peopleToKill)));
const told = ({ actions, p50, p99 }: Waits) => `${actions}, p50 ${p50.toFixed(2)} s, p99 ${p99.toFixed(2)} s`;
const mean = (of: number[]): number => of.reduce((sum, one) => sum + one, 0) / of.length;

function unlessAway(error: unknown): undefined {
  if (error instanceof ProblemError && error.status < 500) throw error;
  return undefined;
}
