import { parseArgs } from 'node:util';

/** What `npm start` was asked for. */
export interface StartOptions {
  /** A real org; without it the demo org of the simulator is used. */
  orgUrl: string | undefined;
  /** People in the demo org. */
  people: number;
  /** Rate limits of the demo org: none, or Okta's real ones. */
  limits: 'none' | 'real';
  /** Start over: everything kept before is deleted. */
  fresh: boolean;
  /** Stop when the first sync has ended, instead of staying up. */
  once: boolean;
}

export const usage = `npm start -- [options]
  --org-url URL    connect a real Okta org; the API token is asked for, or read from OKTA_API_TOKEN
  --people N       size of the demo org (default 3000)
  --limits real    give the demo org Okta's real rate limits (default: none, so that it is quick)
  --fresh          start over: delete what was kept from the last time
  --once           stop when the sync has ended`;

/** Thrown with a sentence that says what to type instead. */
export class UsageError extends Error {}

export function parseOptions(argv: string[]): StartOptions {
  if (argv.some((argument) => /^--?(api-?)?token\b/i.test(argument)))
    throw new UsageError(
      'The token is never taken from the command line, where others can read it: set OKTA_API_TOKEN, or be asked.',
    );
  const { values } = readArguments(argv);
  const people = Number(values.people);
  if (!Number.isInteger(people) || people < 1 || people > 1_000_000)
    throw new UsageError('--people takes a whole number from 1 to 1000000.');
  if (values.limits !== 'none' && values.limits !== 'real') throw new UsageError('--limits takes "none" or "real".');
  if (values['org-url'] === '')
    throw new UsageError('--org-url takes the address of the org, such as https://acme.okta.com.');
  return { orgUrl: values['org-url'], people, limits: values.limits, fresh: values.fresh, once: values.once };
}

function readArguments(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        'org-url': { type: 'string' },
        people: { type: 'string', default: '3000' },
        limits: { type: 'string', default: 'none' },
        fresh: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
