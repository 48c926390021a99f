import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { actionsOf } from './actions.js';
import { bulkOf } from './bulk.js';
import { memoryAt } from './memory.js';
import type { Size } from './org.js';
import { pageOf } from './page.js';
import { readsOf } from './reads.js';
import { speedOf } from './speed.js';
import { printTables, type Figures } from './tables.js';

const usage = `npm run bench -- [options]
  --people 100000          size of the org whose sync and reads are timed: 5 assignments a person; "none" leaves both out
  --sign-ins 10            sign-ins of a person in 30 days
  --apps 300
  --cache 4                GB of mongod's cache, which the loop and Seatwise use alike
  --memory 20000,200000    sizes of the orgs whose syncs are weighed; "none" leaves that out
  --actions 6000           how many actions are done at once, after 300 one at a time; "none" leaves both out
  --bulk 20000             people of a bulk job at Okta's real limits; "none" leaves it out
  --page 200000            size of the org on which the dashboard is timed in a browser; left out unless named
  --time-scale 4           how many times as fast as the real time it runs in`;

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '100000' },
    apps: { type: 'string', default: '300' },
    'sign-ins': { type: 'string', default: '10' },
    cache: { type: 'string', default: '4' },
    memory: { type: 'string', default: '20000,200000' },
    actions: { type: 'string', default: '6000' },
    bulk: { type: 'string', default: '20000' },
    page: { type: 'string', default: 'none' },
    'time-scale': { type: 'string', default: '4' },
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
  const figures: Figures = { memory: [] };
  if (values.people !== 'none') Object.assign(figures, await syncAndReads(size));
  if (values.memory !== 'none')
    for (const people of values.memory.split(',').map(Number))
      figures.memory.push(await memoryAt({ ...org, people }, say));
  if (values.actions !== 'none') figures.actions = await actionsOf(Number(values.actions), say);
  if (values.bulk !== 'none') figures.bulk = await bulkOf(Number(values.bulk), Number(values['time-scale']), say);
  if (values.page !== 'none') figures.page = await pageOf({ ...org, people: Number(values.page) }, say);
  printTables(figures);
  mkdirSync('.seatwise', { recursive: true });
  writeFileSync('.seatwise/bench.json', JSON.stringify({ machine, ...figures }, null, 2));
  console.log('\nThe same as JSON: .seatwise/bench.json');
}

async function syncAndReads(size: Size): Promise<Pick<Figures, 'stages' | 'reads'>> {
  const { seatwise, connection, api, stages } = await speedOf(size, say);
  try {
    return { stages, reads: await readsOf(seatwise, api, connection, say) };
  } finally {
    await seatwise.stop();
  }
}

function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
}
