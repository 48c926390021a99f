import type { ActionFigures } from './actions.js';
import type { BulkFigures, Waits } from './bulk.js';
import type { Weight } from './memory.js';
import type { PageFigures } from './page.js';
import type { ReadSpeed } from './reads.js';
import type { StageSpeed } from './speed.js';
import type { Percentiles } from './times.js';

/** What was measured, each beside its ceiling. A step that was left out is not there. */
export interface Figures {
  stages?: StageSpeed[];
  reads?: ReadSpeed[];
  memory: Weight[];
  actions?: ActionFigures;
  bulk?: BulkFigures;
  page?: PageFigures;
}

export function printTables({ stages, reads, memory, actions, bulk, page }: Figures): void {
  if (stages)
    print(
      'Sync, each kind by itself, to the last count, as a ratio to the bare loop',
      stages.map(({ kind, items, seconds, bareSeconds }) => ({
        kind,
        items,
        seconds: round(seconds),
        'items/s': Math.round(items / seconds),
        'bare loop, s': round(bareSeconds),
        ratio: round(bareSeconds / seconds),
      })),
    );
  if (reads)
    print(
      'Reads through the gateway, and their bare query, ms',
      reads.map(({ read, ours, bare }) => ({
        read,
        ...spread(ours),
        'bare p50': round(bare.p50),
        'bare p99': round(bare.p99),
        'p99 ratio': round(ours.p99 / bare.p99),
      })),
    );
  if (memory.length > 0)
    print(
      'A whole sync at once: peak memory of each process, MiB, and requests against the least possible',
      memory.map(({ people, seconds, requests, least, peakMib }) => ({
        people,
        seconds: Math.round(seconds),
        requests,
        least,
        ratio: (requests / least).toFixed(4),
        ...peakMib,
      })),
    );
  if (actions) printActions(actions);
  if (bulk) printBulk(bulk);
  if (page) printPage(page);
}

function printActions({ waits, speed }: ActionFigures): void {
  const { asked, called, whole, bare, bareCore } = waits;
  const ratios = (ours: Percentiles) => ({
    ...spread(ours),
    'p50 to bare': round(ours.p50 / bare.p50),
    'p99 to bare': round(ours.p99 / bare.p99),
  });
  print(`${waits.actions} suspensions, one at a time, from the making of the record, ms`, [
    { until: 'Okta is asked how the person is', ...ratios(asked) },
    { until: 'Okta is called to suspend', ...ratios(called) },
    { until: 'the answer, from the sending of the POST', ...ratios(whole) },
    { until: 'bare: a journaled write and a JetStream hop', ...spread(bare) },
    { until: 'bare: the same write and a core NATS hop', ...spread(bareCore) },
  ]);
  const bareRate = speed.actions / speed.bareSeconds;
  const rate = speed.actions / speed.seconds;
  print('Actions of six kinds without limits, so many at once', [
    {
      actions: speed.actions,
      'at once': speed.atOnce,
      'actions/s': round(rate),
      'bare, actions/s': round(bareRate),
      ratio: round(rate / bareRate),
      'Okta requests': speed.requests,
      'bare requests': speed.bareRequests,
    },
  ]);
}

function printBulk(bulk: BulkFigures): void {
  const { people, scale, seconds, least, pausedSeconds, kills, counts, timesSuspended, singles, rssMib } = bulk;
  print(`A bulk job at real limits, in simulated time (${scale} times the real one), with ${kills} kills`, [
    {
      people,
      'simulated s': Math.round(seconds),
      'least by limits, s': least,
      ratio: (seconds / least).toFixed(4),
      'paused, s, included': pausedSeconds,
      done: counts.done,
      'by the ledger once': timesSuspended[1] ?? 0,
      'into an empty bucket': bulk.requestsIntoEmptyBucket,
      'answered 429': bulk.refusedForLimit,
    },
  ]);
  print(
    'Its requests by bucket, single actions included',
    bulk.buckets.map((one) => ({
      bucket: one.bucket,
      limit: one.limit,
      'per action': one.perAction.toFixed(3),
      'least, s': one.least,
      'windows opened': one.opened,
      'one every, s': round(one.every),
    })),
  );
  print("action-service's memory meanwhile, MiB", [
    {
      'first tenth': Math.round(rssMib.firstTenth),
      'last tenth': Math.round(rssMib.lastTenth),
      peak: Math.round(rssMib.peak),
    },
  ]);
  print('Waits of single actions from the POST to its answer, simulated s', [
    waitsIn('without a job', singles.before),
    waitsIn('during the job', singles.during),
    waitsIn('during the job, no kill meanwhile', singles.duringWithoutKills),
  ]);
}

function printPage({ people, firstViewSeconds, scriptBytes, answers, scrolling }: PageFigures): void {
  print(`The dashboard in a browser, ${people} people: the first view of Overview`, [
    {
      'p50, s': round(firstViewSeconds.p50),
      'longest, s': round(firstViewSeconds.p99),
      'script until then, kB': Math.round(scriptBytes.firstView / 1_000),
      'with the charts, kB': Math.round(scriptBytes.whole / 1_000),
    },
  ]);
  print(
    'From the key or the click to the new rows, and the request behind it alone, ms',
    answers.map(({ what, ours, bare }) => ({
      what,
      ...spread(ours),
      'bare p50': round(bare.p50),
      'bare p99': round(bare.p99),
      'p50 ratio': round(ours.p50 / bare.p50),
      'p99 ratio': round(ours.p99 / bare.p99),
    })),
  );
  print('People, scrolled', [
    {
      'for, s': scrolling.seconds,
      frames: scrolling.frames,
      'longest frame, ms': round(scrolling.longestFrameMs),
      'rows loaded': scrolling.rowsLoaded,
    },
  ]);
}

const waitsIn = (when: string, { actions, p50, p99, longest }: Waits) => ({
  when,
  actions,
  p50: round(p50),
  p99: round(p99),
  longest: round(longest),
});

function print(title: string, rows: object[]): void {
  console.log(`\n${title}`);
  console.table(rows);
}

const spread = ({ p50, p99 }: Percentiles) => ({ p50: round(p50), p99: round(p99) });

function round(value: number): number {
  return Number(value.toPrecision(3));
}
