import { readFileSync } from 'node:fs';
import { Seatwise, type TestOrg } from '../harness/seatwise.js';
import { BareLoop } from './bare.js';
import { drained, firstDayOf, orgOf, type Say, type Size } from './org.js';
import { runEnded } from './speed.js';

/** What a first sync of everything at once took. */
export interface Weight {
  people: number;
  seconds: number;
  /** As the simulator's ledger counts them, those of the connection test included. */
  requests: number;
  /** What a loop needs that asks for each page once, as large as Okta gives it. */
  least: number;
  peakMib: Record<string, number>;
}

/** Connects a fresh system to an org of this size and weighs each of its processes when all of it is counted. */
export async function memoryAt(size: Size, say: Say): Promise<Weight> {
  const seatwise = await Seatwise.start(
    [orgOf(size, 2)],
    { LEASE_SECONDS: '10', LOG_EVERY_SECONDS: '3600' },
    { mongodCacheGb: size.cacheGb },
  );
  try {
    const [org] = seatwise.orgs as [TestOrg];
    const { now } = await org.control<{ now: string }>('GET', 'clock');
    const { api } = await seatwise.workspace('Bench');
    const started = performance.now();
    const connection = await api.connect({ orgUrl: org.url, token: org.token });
    // Otherwise the next sync would be counted in as soon as a quarter of an hour is over.
    await api.call('PATCH', `/connections/${connection.id}`, { syncEveryMinutes: 1440 });
    const run = await runEnded(api, connection);
    await drained(seatwise);
    const seconds = (performance.now() - started) / 1_000;
    if (run?.state !== 'complete') throw new Error(`the run of ${size.people} people ended ${run?.state}`);
    const peakMib = Object.fromEntries(
      [...seatwise.services].map(([name, { process }]) => [name, peakMibOf(process.pid)]),
    );
    const { requests } = await org.control<{ requests: number }>('GET', 'ledger');
    const bare = new BareLoop(org);
    const loops = [
      await bare.people(),
      await bare.assignments(),
      await bare.memberships(),
      await bare.signIns(firstDayOf(now)),
    ];
    const least = loops.reduce((sum, loop) => sum + loop.requests, 0);
    say(
      `a whole sync of ${size.people} people: ${seconds.toFixed(0)} s, at most ${Math.max(...Object.values(peakMib))} MiB`,
    );
    return { people: size.people, seconds, requests, least, peakMib };
  } finally {
    await seatwise.stop();
  }
}

/** The most memory that a process ever held, as Linux remembers it. */
function peakMibOf(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1_024);
}
