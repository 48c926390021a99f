import { followRun, connectDemo, connectOrg, openWorkspace, settledSummary } from './workspace.js';
import { Home } from './home.js';
import { parseOptions, usage, UsageError, type StartOptions } from './options.js';
import { ProblemError } from './api.js';
import { progressLine, summaryText } from './report.js';
import { readToken } from './token.js';
import { System } from './system.js';

const say = (line: string) => console.log(line);

/** Shows one line that changes in place; where there is no terminal, a line every few seconds. */
function progress(): (line: string) => void {
  let last = 0;
  return (line) => {
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${line.slice(0, process.stdout.columns - 1)}`);
    else if (Date.now() - last > 3_000) {
      last = Date.now();
      say(line);
    }
  };
}

async function main(options: StartOptions): Promise<void> {
  const home = new Home();
  if (options.fresh) home.startOver();
  const kept = await home.load();
  let asked = false;
  const finished = Promise.withResolvers<number>();
  const system = new System(home, kept, say, (name) => {
    console.error(`${name} has ended by itself; its log is ${home.path('logs', `${name}.log`)}. Stopping the rest.`);
    finished.resolve(1);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (!asked) say('\nStopping …');
      asked = true;
      finished.resolve(0);
    });

  const work = run(options, home, kept, system).then(
    () => (options.once ? finished.resolve(0) : undefined),
    (error: unknown) => {
      if (!asked) explain(error);
      finished.resolve(1);
    },
  );
  // The parts are processes of their own, which do not keep this one from ending.
  const staying = setInterval(() => undefined, 60_000);
  const code = await finished.promise;
  clearInterval(staying);
  await system.stop();
  await Promise.race([work, Promise.resolve()]);
  say('Stopped.');
  process.exit(code);
}

async function run(
  options: StartOptions,
  home: Home,
  kept: Awaited<ReturnType<Home['load']>>,
  system: System,
): Promise<void> {
  const token = options.orgUrl && !kept.apiKey ? await readToken() : undefined;
  await system.start(options.orgUrl ? undefined : { people: options.people, limits: options.limits });
  const api = await openWorkspace(system.gatewayUrl, kept, home);
  const connection = options.orgUrl
    ? await connectOrg(api, options.orgUrl, async () => token ?? readToken())
    : await connectDemo(api, kept, home, { people: options.people, url: system.simulatorUrl! });
  say(`Connected   ${connection.name} (${connection.orgUrl})`);

  const show = progress();
  const newest = await followRun(api, connection.id, (state) => show(progressLine(state)));
  say(`${process.stdout.isTTY ? '\r\u001b[2K' : ''}Last sync   ${newest.state}, ${newest.endedAt ?? newest.startedAt}`);
  for (const { reason, mend } of newest.missing) say(`  ${reason}\n  ${mend}`);
  for (const { kind, before, after } of newest.shrink)
    say(
      `  ${kind}: ${before} before, ${after} now. The run waits until you agree: POST /api/v1/runs/${newest.id}/agree`,
    );
  if (newest.reason) say(`  ${newest.reason}`);
  say(`\n${summaryText(await settledSummary(api, newest))}\n`);
  say(`Gateway     ${system.gatewayUrl}/api/v1`);
  say(`Reference   ${system.gatewayUrl}/api/v1/reference`);
  say(`API key     apiKey in ${home.path('kept.json')}`);
  if (!options.once) say('Ctrl-C stops everything; the data stays for the next start.');
}

function explain(error: unknown): void {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${usage}`);
  else if (error instanceof ProblemError) {
    console.error(error.message);
    for (const { check, result, detail, mend } of error.problem.context?.checks ?? [])
      if (result !== 'ok') console.error(`  ${check}: ${detail} ${mend}`);
  } else console.error(error);
}

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  explain(error);
  process.exit(2);
}
