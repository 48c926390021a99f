import type { ConnectionDto } from '@seatwise/contracts';
import { createConnection, type mongo } from 'mongoose';
import { Seatwise, type TestOrg } from '../harness/seatwise.js';
import { until } from '../harness/until.js';
import type { Api } from '../start/api.js';
import { BareLoop, type Bare } from './bare.js';
import { drained, firstDayOf, grant, orgOf, type Say, type Size } from './org.js';

/** One kind of data: how long Seatwise took to the last count, and the bare loop in the same run. */
export interface StageSpeed {
  kind: 'people' | 'assignments' | 'sign-ins';
  items: number;
  seconds: number;
  bareSeconds: number;
}

/** The synced system is handed on, to be read. */
export interface Speed {
  seatwise: Seatwise;
  api: Api;
  connection: ConnectionDto;
  stages: StageSpeed[];
}

/**
 * Syncs an org one kind after another, by what its token may read, so that each is timed alone: from the request to the
 * last figure in usage. Before each, the bare loop pages the same data out of the same simulator into the same mongod.
 */
export async function speedOf(size: Size, say: Say): Promise<Speed> {
  const seatwise = await Seatwise.start(
    [orgOf(size, size.signIns ?? 10)],
    { LEASE_SECONDS: '10', LOG_EVERY_SECONDS: '2' },
    { mongodCacheGb: size.cacheGb },
  );
  try {
    const [org] = seatwise.orgs as [TestOrg];
    const database = await createConnection(seatwise.servers.mongoUrl, { dbName: 'bare' }).asPromise();
    const token = `00bare${'y'.repeat(36)}`;
    await org.control('PUT', 'tokens', { label: 'bare', token });
    const bare = new BareLoop({ url: org.url, token, db: database.db as mongo.Db });
    const { now } = await org.control<{ now: string }>('GET', 'clock');
    const { api } = await seatwise.workspace('Bench');
    const stages: StageSpeed[] = [];
    const measure = async (kind: StageSpeed['kind'], ceiling: Bare, sync: () => Promise<unknown>) => {
      say(`bare loop: ${ceiling.items} ${kind} in ${ceiling.seconds.toFixed(1)} s`);
      const started = performance.now();
      await sync();
      const mirrored = (performance.now() - started) / 1_000;
      await drained(seatwise);
      const seconds = (performance.now() - started) / 1_000;
      say(
        `Seatwise:  ${ceiling.items} ${kind} in ${seconds.toFixed(1)} s (${mirrored.toFixed(1)} s to the end of the run)`,
      );
      stages.push({ kind, items: ceiling.items, seconds, bareSeconds: ceiling.seconds });
    };

    let connection!: ConnectionDto;
    const people = await bare.people();
    await grant(org, 'okta.users.read');
    await measure('people', people, async () => {
      connection = await api.connect({ orgUrl: org.url, token: org.token });
      await runEnded(api, connection);
    });
    await grant(org, 'okta.apps.read');
    const assignments = await bare.assignments();
    await measure('assignments', assignments, async () => {
      const { id } = await api.sync(connection.id);
      await runEnded(api, connection, id);
    });
    await grant(org, 'okta.users.read', 'okta.groups.read', 'okta.apps.read');
    await runEnded(api, connection, (await api.sync(connection.id)).id);
    await drained(seatwise);
    // With the log alone forbidden so far, what follows is the reading between runs and nothing else.
    const signIns = await bare.signIns(firstDayOf(now));
    await grant(org, 'okta.logs.read');
    await measure('sign-ins', signIns, () => until(() => signInsAsOf(api, connection), Boolean));
    await database.dropDatabase();
    await database.close();
    await check(api, connection, org, signIns.items);
    return { seatwise, api, connection, stages };
  } catch (error) {
    await seatwise.stop();
    throw error;
  }
}

const signInsAsOf = async (api: Api, { id }: ConnectionDto) =>
  (await api.call<{ asOf: { signIns: string | null }[] }>('GET', `/people?connection=${id}&limit=1`)).asOf[0]?.signIns;

/** Resolves when this run, or the newest when none is named, has ended. */
export const runEnded = (api: Api, { id }: ConnectionDto, run?: string) =>
  until(
    () => (run === undefined ? api.newestRun(id) : api.run(run)),
    (seen) => seen !== undefined && seen.state !== 'running',
  );

/** A figure that was reached by losing something is none. */
async function check(api: Api, connection: ConnectionDto, org: TestOrg, signIns: number): Promise<void> {
  const ours = await api.summary(connection.id);
  const truth = await org.control<{ people: { total: number }; assignments: number }>('GET', 'truth/summary');
  const counted = ours.signIns + ours.unattributed;
  if (ours.people !== truth.people.total || ours.assignments !== truth.assignments || counted > signIns)
    throw new Error(`the figures differ from the truth: ${JSON.stringify({ ours, truth, signIns })}`);
}
