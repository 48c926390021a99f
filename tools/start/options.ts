import { parseArgs } from 'node:util';
import { readerName } from '../nats/consumers.js';
import { normaliseOrgUrl, OrgUrlError, type OriginPolicy } from '@seatwise/okta';

/** What `npm start` was asked for. */
export interface StartOptions {
  /** A real org's origin; without it the demo org of the simulator is used. */
  orgUrl: string | undefined;
  /** People in the demo org. */
  people: number;
  /** Rate limits of the demo org: none, or Okta's real ones. */
  limits: 'none' | 'real';
  /** Where the API and the dashboard are, or the next port that is free. */
  port: number;
  /** Start over: everything kept before is deleted. */
  fresh: boolean;
  /** Stop when the first sync has ended, instead of staying up. */
  once: boolean;
  /** Names of readers of the events outside. */
  readers: string[];
  /** Say what there is to choose, and start nothing. */
  help: boolean;
}

/** Thrown with a sentence that says what to type instead. */
export class UsageError extends Error {}

/** Throws a UsageError. `policy`: which addresses may be connected to beside Okta's own. */
export function parseOptions(argv: string[], policy: OriginPolicy): StartOptions {
  if (argv.some((argument) => /^--?(api-?)?token\b/i.test(argument)))
    throw new UsageError(
      'The token is never taken from the command line, where others can read it: set OKTA_API_TOKEN, or be asked.',
    );
  const { values } = readArguments(argv);
  const people = Number(values.people);
  if (!Number.isInteger(people) || people < 1 || people > 1_000_000)
    throw new UsageError('--people takes a whole number from 1 to 1000000.');
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1024 || port > 65_535)
    throw new UsageError('--port takes a whole number from 1024 to 65535.');
  if (values.limits !== 'none' && values.limits !== 'real') throw new UsageError('--limits takes "none" or "real".');
  const orgUrl = values['org-url'] === undefined ? undefined : orgUrlOf(values['org-url'], policy);
  const { reader: readers, fresh, once, help } = values;
  const unfit = readers.find((name) => !readerName.test(name));
  if (unfit !== undefined)
    throw new UsageError(`--reader takes a name of small letters, digits and -, such as warehouse; not ${unfit}.`);
  return { orgUrl, people, limits: values.limits, port, readers, fresh, once, help };
}

/** By the rule that the services keep to, so that a slip of the pen is known before anything is started. */
function orgUrlOf(text: string, policy: OriginPolicy): string {
  try {
    return normaliseOrgUrl(text, policy);
  } catch (error) {
    if (error instanceof OrgUrlError) throw new UsageError(`--org-url: ${error.message}`);
    throw error;
  }
}

/** Each is named in `usage.txt`, which `--help` shows. */
export const known = {
  'org-url': { type: 'string' },
  people: { type: 'string', default: '3000' },
  limits: { type: 'string', default: 'none' },
  port: { type: 'string', default: '8080' },
  fresh: { type: 'boolean', default: false },
  reader: { type: 'string', multiple: true, default: [] as string[] },
  once: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function readArguments(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: known });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
