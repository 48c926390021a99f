import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '@seatwise/testing';
import { openBrowser } from '../harness/page.js';
import { askedOfPrometheus } from '../harness/promql.js';
import { Seatwise } from '../harness/seatwise.js';
import { until } from '../harness/until.js';
import { Jaeger, Prometheus, type JaegerSpan, type JaegerTrace } from './backends.js';
import { pictureOf } from './picture.js';
import { jaegerBinary, prometheusBinary } from './programs.js';
import { branchesOf, linesOf, rootsOf, serviceOf, tagOf, walkUp } from './tree.js';

const usage = `npm run trace -- [options]
  --people 60     the size of the org
  --keep          what is found goes into docs/ as well

Starts all of Seatwise with a simulated org, a real Jaeger that it sends its traces to by OTLP, and a real Prometheus that scrapes it.
Runs one sync, asks Jaeger for its trace by id and by the run's id, and looks whether the trace is whole; asks Prometheus for every
expression of the dashboards and the alerts, and whether the exemplars lead to that trace. What was found, a picture of the trace, and
one of Jaeger's own page of it where this Jaeger has its page, go to .seatwise/trace.`;

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '60' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const quietMs = 3_000;
const folder = join(root, '.seatwise/trace');
const written: string[] = [];
const say = (line = ''): void => {
  console.log(line);
  written.push(line);
};
const check = (holds: boolean, what: string): void => {
  say(`${holds ? 'ok    ' : 'FAILED'}  ${what}`);
  if (!holds) process.exitCode = 1;
};

if (values.help) console.log(usage);
else await traced();

async function traced(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const programs = [await jaegerBinary(console.log), await prometheusBinary(console.log)] as const;
  const jaeger = await Jaeger.start(programs[0], folder);
  const org = { SIMULATOR_PEOPLE: values.people, SIMULATOR_APPS: '6', SIMULATOR_SIGN_INS_PER_PERSON_30D: '5' };
  const seatwise = await Seatwise.start([org], {
    OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlp,
    OTEL_BSP_SCHEDULE_DELAY: '200',
  });
  let prometheus: Prometheus | undefined;
  try {
    const targets = Object.fromEntries([...seatwise.services].map(([name, { url }]) => [name, url]));
    prometheus = await Prometheus.start(programs[1], folder, targets);
    const trace = await sync(seatwise, jaeger);
    await expressions(prometheus);
    await exemplars(prometheus, trace.traceID);
    await pictures(jaeger, trace);
  } finally {
    await prometheus?.stop();
    await seatwise.stop();
    await jaeger.stop();
  }
}

/** Runs one sync, and resolves with its trace as Jaeger gives it back. */
async function sync(seatwise: Seatwise, jaeger: Jaeger): Promise<JaegerTrace> {
  const { api } = await seatwise.workspace('Traced');
  const { url, token } = seatwise.orgs[0]!;
  const run = await seatwise.ended(api, await api.connect({ orgUrl: url, token }));
  const traceId = run.traceId!;
  say(`Run ${run.id} of an org of ${values.people} people: ${run.state}, ${run.requests} requests to Okta.`);
  let newest = { count: 0, at: 0 };
  const trace = await until(
    () => jaeger.byId(traceId),
    (found) => {
      const count = found?.spans.length ?? 0;
      if (count !== newest.count) newest = { count, at: Date.now() };
      // Whole when no more of it comes: services send what they have five times a second.
      return count > 0 && found!.spans.some(isOfCounting) && Date.now() - newest.at > quietMs;
    },
  );
  const { spans } = trace!;
  say(`Jaeger's trace ${traceId}: ${spans.length} spans.`);
  say();
  check(trace!.traceID === traceId, 'GET /api/traces/{id} gives back the trace that the run names');
  const found = await jaeger.byTag('sync-service', 'seatwise.run', run.id);
  check(
    found.length === 1 && found[0]!.traceID === traceId,
    `GET /api/traces?service=sync-service&tags={"seatwise.run":"${run.id}"} gives back the same trace, and no other`,
  );
  const roots = rootsOf(trace!).map((span) => `${serviceOf(trace!, span)}: ${span.operationName}`);
  check(roots.join() === 'gateway: POST /api/v1/connections', `it has one root and no orphan: ${roots.join()}`);
  const services = [...new Set(spans.map((span) => serviceOf(trace!, span)))].toSorted();
  const wanted = ['connection-service', 'gateway', 'sync-service', 'usage-aggregator'];
  check(services.join() === wanted.join(), `it goes through ${services.join(', ')}`);
  const last = lastWrite(trace!);
  const walk = walkUp(trace!, last).toReversed();
  check(
    last !== undefined && walk[0]!.operationName === 'POST /api/v1/connections',
    `from the request to the last write it is one way, of ${walk.length} spans:`,
  );
  for (const span of walk) say(`          ${serviceOf(trace!, span)}: ${span.operationName}`);
  say();
  say('  begins    takes  step; those of one name under one parent are taken together');
  for (const line of linesOf(branchesOf(trace!))) say(line);
  say();
  return trace!;
}

function isOfCounting(span: JaegerSpan): boolean {
  return tagOf(span, 'messaging.consumer.group.name') === 'usage-sign-ins';
}

/** The last of usage-aggregator's commits for sign-ins: what the sync was for. */
function lastWrite(trace: JaegerTrace): JaegerSpan | undefined {
  return trace.spans
    .filter(
      (span) => tagOf(span, 'db.operation.name') === 'commitTransaction' && walkUp(trace, span).some(isOfCounting),
    )
    .toSorted((a, b) => a.startTime - b.startTime)
    .at(-1);
}

async function expressions(prometheus: Prometheus): Promise<void> {
  const asked = askedOfPrometheus();
  const empty: string[] = [];
  for (const { expr } of asked) if ((await prometheus.query(expr)) === 0) empty.push(expr);
  check(
    true,
    `Prometheus answers all ${asked.length} expressions of dashboards and alerts, ${asked.length - empty.length} with figures`,
  );
  say('        without one, for nothing failed and no alert fires, and no action was done:');
  for (const expr of empty) say(`          ${expr.replaceAll(/\s+/g, ' ')}`);
}

async function exemplars(prometheus: Prometheus, traceId: string): Promise<void> {
  const measured = [
    'http_server_request_duration_seconds_bucket',
    'http_client_request_duration_seconds_bucket',
    'messaging_client_operation_duration_seconds_bucket',
    'messaging_process_duration_seconds_bucket',
    'db_client_operation_duration_seconds_bucket',
  ];
  for (const metric of measured) {
    const jobs = (await prometheus.exemplars(metric)).filter((exemplar) => exemplar.traceId === traceId);
    const names = [...new Set(jobs.map(({ job }) => job))].toSorted();
    check(names.length > 0, `exemplars of ${metric} lead to that trace, from ${names.join(', ')}`);
  }
}

async function pictures(jaeger: Jaeger, trace: JaegerTrace): Promise<void> {
  const title = `One sync of an org of ${values.people} people, as Jaeger gave it back: ${trace.spans.length} spans`;
  const files: [name: string, text: string][] = [
    ['docs/pictures/trace.svg', pictureOf(branchesOf(trace), title)],
    ['docs/traces/sync.txt', `${written.join('\n')}\n`],
  ];
  for (const [name, text] of files) {
    const to = join(folder, name.split('/').at(-1)!);
    writeFileSync(to, text);
    if (values.keep) writeFileSync(join(root, name), text);
    console.log(`written ${values.keep ? name : to}`);
  }
  const page = `${jaeger.url}/trace/${trace.traceID}`;
  if (/not the Jaeger UI/.test(await (await fetch(page)).text()))
    return console.log('This Jaeger was built without its page, so there is no picture of that.');
  const browser = await openBrowser();
  const opened = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await opened.goto(page);
  await opened.getByText('sync-service').first().waitFor();
  await opened.screenshot({ path: join(folder, 'jaeger.png') });
  await browser.close();
  console.log(`written ${join(folder, 'jaeger.png')}`);
}
