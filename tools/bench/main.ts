import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { memoryAt } from './memory.js';
import { readsOf } from './reads.js';
import { speedOf } from './speed.js';

const usage = `npm run bench -- [options]
  --people 100000          size of the org whose sync and reads are timed: 5 assignments a person
  --sign-ins 10            sign-ins of a person in 30 days
  --apps 300
  --cache 4                GB of mongod's cache, which the loop and Seatwise use alike
  --memory 20000,200000    sizes of the orgs whose syncs are weighed; "none" leaves that out`;

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '100000' },
    apps: { type: 'string', default: '300' },
    'sign-ins': { type: 'string', default: '10' },
    cache: { type: 'string', default: '4' },
    memory: { type: 'string', default: '20000,200000' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else await bench();

/** Everything in one run on one machine, so that each figure stands beside its own ceiling. */
async function bench(): Promise<void> {
  const org = { apps: Number(values.apps), cacheGb: Number(values.cache) };
  const size = { ...org, people: Number(values.people), signIns: Number(values['sign-ins']) };
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}`;
  console.log(`${machine}\n`);
  const { seatwise, connection, api, ...speed } = await speedOf(size, say);
  let reads;
  try {
    reads = await readsOf(seatwise, api, connection, say);
  } finally {
    await seatwise.stop();
  }
  const memory = [];
  if (values.memory !== 'none')
    for (const people of values.memory.split(',').map(Number)) memory.push(await memoryAt({ ...org, people }, say));

  console.log('\nSync, each kind by itself, to the last count, as a ratio to the bare loop');
  console.table(
    speed.stages.map(({ kind, items, seconds, bareSeconds }) => ({
      kind,
      items,
      seconds: round(seconds),
      'items/s': Math.round(items / seconds),
      'bare loop, s': round(bareSeconds),
      ratio: round(bareSeconds / seconds),
    })),
  );
  console.log('\nReads through the gateway, and their bare query, ms');
  console.table(
    reads.map(({ read, ours, bare }) => ({
      read,
      p50: round(ours.p50),
      p99: round(ours.p99),
      'bare p50': round(bare.p50),
      'bare p99': round(bare.p99),
      'p99 ratio': round(ours.p99 / bare.p99),
    })),
  );
  if (memory.length > 0) {
    console.log('\nA whole sync at once: peak memory of each process, MiB, and requests against the least possible');
    console.table(
      memory.map(({ people, seconds, requests, least, peakMib }) => ({
        people,
        seconds: Math.round(seconds),
        requests,
        least,
        ratio: (requests / least).toFixed(4),
        ...peakMib,
      })),
    );
  }
  mkdirSync('.seatwise', { recursive: true });
  writeFileSync('.seatwise/bench.json', JSON.stringify({ machine, ...speed, reads, memory }, null, 2));
  console.log('\nThe same as JSON: .seatwise/bench.json');
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
}
