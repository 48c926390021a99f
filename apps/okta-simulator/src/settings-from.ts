import { defaults, OptionError, type GivenOptions, type TokenOptions } from './options.js';
import type { Unknowns } from './options.js';
import type { Fault } from './http/faults.js';

const numbers = [
  'port',
  'seed',
  'people',
  'apps',
  'groups',
  'assignmentsPerPerson',
  'signInsPerPerson30d',
  'windowSeconds',
  'indexLagMs',
  'activationMs',
  'ledgerSize',
  'timeScale',
] as const;

/** `signInsPerPerson30d` → `SIGN_INS_PER_PERSON_30D`. */
const variableOf = (name: string): string =>
  `SIMULATOR_${name.replaceAll(/([a-z])([A-Z0-9])/g, '$1_$2').toUpperCase()}`;

/**
 * Reads `SIMULATOR_PEOPLE` and so on from the environment, and `--people 500` or `--people=500` from the arguments,
 * which win. Throws an OptionError that names the one that is wrong.
 */
export function settingsFrom(env: NodeJS.ProcessEnv, args: readonly string[]): GivenOptions {
  const flags = flagsOf(args);
  const given = (name: string) => flags.get(name.toLowerCase()) ?? (env[variableOf(name)] || undefined);
  const options: GivenOptions = { port: 7070 };
  for (const name of numbers) {
    const text = given(name);
    if (text !== undefined) options[name] = numberOf(variableOf(name), text);
  }
  const pipeline = given('pipeline');
  if (pipeline) options.pipeline = pipeline as 'idx' | 'v1';
  const host = given('host');
  if (host) options.host = host;
  const limits = given('limits');
  if (limits) options.limits = isPlan(limits) ? limits : numberOf(variableOf('limits'), limits);
  const now = given('now');
  if (now) options.now = momentOf(now);
  options.frozen = given('frozen') === 'true';
  const secret = given('controlSecret');
  if (secret) options.controlSecret = secret;
  const token = given('token');
  if (token) options.tokens = [{ ...defaults.tokens[0]!, token }];
  const tokens = given('tokens');
  if (tokens) options.tokens = jsonOf(variableOf('tokens'), tokens) as TokenOptions[];
  const faults = given('faults');
  if (faults) options.faults = jsonOf(variableOf('faults'), faults) as Fault[];
  const unknowns = given('unknowns');
  if (unknowns) options.unknowns = jsonOf(variableOf('unknowns'), unknowns) as Partial<Unknowns>;
  return options;
}

const isPlan = (limits: string) =>
  limits === 'real' || limits === 'none' || limits === 'free' || limits === 'enterprise';

function flagsOf(args: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let at = 0; at < args.length; at += 1) {
    const [, name, value] = /^--([A-Za-z0-9-]+)(?:=(.*))?$/s.exec(args[at]!) ?? [];
    if (!name) throw new OptionError(`${args[at]} is not an option.`);
    const key = name.replaceAll('-', '').toLowerCase();
    flags.set(key, value ?? (key === 'frozen' ? 'true' : (args[++at] ?? '')));
  }
  return flags;
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value < 0)
    throw new OptionError(`${name} must be a number of 0 or more.`);
  return value;
}

function momentOf(text: string): number {
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw new OptionError('SIMULATOR_NOW must be a date.');
  return moment;
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new OptionError(`${name} must be JSON.`);
  }
}
