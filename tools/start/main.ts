import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listOf } from '@seatwise/observability';
import { NotFetchedError, NotReadyError, UnfitServerError } from '@seatwise/testing';
import { ProblemError } from './api.js';
import { ClaimedError } from './claim.js';
import { Home, root, type Kept } from './home.js';
import { parseOptions, UsageError, type StartOptions } from './options.js';
import { addReaders, openPlaces } from './readers.js';
import { progressLine, summaryText } from './report.js';
import { System } from './system.js';
import { askForToken, NoTokenError, takeToken } from './token.js';
import { bringUpToDate, connectDemo, connectOrg, openWorkspace, settledSummary, signInAddress } from './workspace.js';

const say = (line: string) => console.log(line);
const startedAt = new Date();
const givenToken = takeToken();
const policy = {
  allowedOrigins: listOf(process.env.OKTA_ALLOWED_ORIGINS ?? ''),
  allowedHostSuffixes: listOf(process.env.OKTA_ALLOWED_HOST_SUFFIXES ?? ''),
};

/** Shows one line that changes in place; where there is no terminal, a line every few seconds. */
function progress(): { show: (line: string) => void; end: () => void } {
  let last = 0;
  const show = (line: string) => {
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${line.slice(0, process.stdout.columns - 1)}`);
    else if (Date.now() - last > 3_000) {
      last = Date.now();
      say(line);
    }
  };
  return { show, end: () => void (process.stdout.isTTY && process.stdout.write('\r\u001b[2K')) };
}

async function main(options: StartOptions): Promise<number> {
  const finished = Promise.withResolvers<number>();
  let ending = false;
  const end = (code: number) => {
    ending = true;
    finished.resolve(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (!ending) say('\nStopping …');
      end(0);
    });
  // The parts are processes of their own, which do not keep this one from ending.
  const staying = setInterval(() => undefined, 60_000);
  const home = new Home();
  const claim = await home.claim();
  try {
    if (options.fresh) home.startOver();
    const kept = await home.load();
    addReaders(options.readers, kept, home);
    const system = new System(home, claim, kept, say, (name, logFile) => {
      if (!ending) console.error(`${name} has ended by itself; its log is ${logFile}. Stopping the rest.`);
      end(1);
    });
    run(options, home, kept, system).then(
      (code) => (options.once ? end(code) : undefined),
      (error: unknown) => {
        if (!ending) explain(error);
        end(1);
      },
    );
    const code = await finished.promise;
    await system.stop();
    say('Stopped.');
    return code;
  } finally {
    claim.release();
    clearInterval(staying);
  }
}

/** Answers the exit code for a start that does not stay. */
async function run(options: StartOptions, home: Home, kept: Kept, system: System): Promise<number> {
  const { orgUrl, people, limits, port, once } = options;
  const askedFirst = orgUrl && !kept.keys?.orgs ? (givenToken ?? (await askForToken())) : undefined;
  await system.start(orgUrl ? undefined : { people, limits }, policy.allowedOrigins, port);
  const api = await openWorkspace(orgUrl ? 'orgs' : 'demo', system.gatewayUrl, kept, home);
  await openPlaces(api, kept, home, say);
  const connection = orgUrl
    ? await connectOrg(api, orgUrl, async () => askedFirst ?? givenToken ?? askForToken())
    : await connectDemo(api, kept, home, { people, url: system.simulatorUrl! }, say);
  say(`Connected   ${connection.name} (${connection.orgUrl})`);

  const line = progress();
  const last = await bringUpToDate(api, connection, startedAt, (state) => line.show(progressLine(state)));
  line.end();
  say(`Last sync   ${last.state}, ${last.endedAt ?? last.startedAt}`);
  for (const { reason, mend } of last.missing) say(`  ${reason}\n  ${mend}`);
  for (const { kind, before, after } of last.shrink)
    say(`  ${kind}: ${before} before, ${after} now. The run waits until you agree: POST /api/v1/runs/${last.id}/agree`);
  if (last.reason) say(`  ${last.reason}`);
  say(`\n${summaryText(await settledSummary(api, last))}\n`);
  if (!once) {
    say(`Dashboard   ${system.gatewayUrl}/`);
    say(`Gateway     ${system.gatewayUrl}/api/v1`);
    say(`Reference   ${system.gatewayUrl}/api/v1/reference`);
    say(`Events      ${system.gatewayUrl}/api/v1/reference/events`);
    say(`API key     apiKey in ${home.path('kept.json')}`);
    say(`Sign in     ${await signInAddress(api, orgUrl === undefined)} (once, within an hour)`);
    say('Ctrl-C stops everything; the data stays for the next start.');
  }
  return last.state === 'failed' ? 1 : 0;
}

/** Says what went wrong, without where in the code: that is for what nobody foresaw. */
function explain(error: unknown): void {
  if (error instanceof ProblemError) {
    console.error(error.message);
    for (const { check, result, detail, mend } of error.problem.context?.checks ?? [])
      if (result !== 'ok') console.error(`  ${check}: ${detail} ${mend}`);
  } else if (error instanceof NotReadyError) {
    const [reason = '', ...log] = error.message.split('\n');
    console.error([reason, ...log.filter(Boolean).slice(-5)].map((line) => line.slice(0, 300)).join('\n  '));
  } else if (isForeseen(error)) console.error(error.message);
  else console.error(error);
}

const isForeseen = (error: unknown): error is Error =>
  [ClaimedError, NoTokenError, NotFetchedError, UnfitServerError].some((kind) => error instanceof kind);

const usage = () => readFileSync(join(root, 'tools/start/usage.txt'), 'utf8');

try {
  const options = parseOptions(process.argv.slice(2), policy);
  if (options.help) say(usage().trimEnd());
  process.exit(options.help ? 0 : await main(options));
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${usage()}`);
  else explain(error);
  process.exit(error instanceof UsageError ? 2 : 1);
}
