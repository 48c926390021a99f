import type { ErrorCode } from './http/error-table.js';
import type { Fault } from './http/faults.js';
import { allPermissions } from './http/tokens.js';

/** An API token of the org: the rights of the administrator who made it. */
export interface TokenOptions {
  /** Shown in the ledger in place of the token. */
  label: string;
  token: string;
  /** Okta's scopes by name; a `manage` includes its `read`. All of them when left out. */
  permissions?: readonly string[];
  /** Standard roles to show; made from the permissions when left out. */
  roles?: readonly string[];
}

/** Requests a window by bucket, before the token's half. */
export type LimitTable = Record<string, number>;

/** Behaviour that nobody has recorded; a client must not depend on it. */
export interface Unknowns {
  /** Which statuses beside ACTIVE may be suspended. */
  suspendableStatuses: readonly string[];
  /** From which statuses a password reset works. */
  resettableStatuses: readonly string[];
  /** What assigning somebody who is assigned answers: the assignment again, or 409 E0000062. */
  repeatedAssignment: 200 | 409;
  /** The body of a 429 for too many requests at a time. */
  concurrencyBody: 'E0000047' | 'empty';
  /** The code of a refused expire_password. */
  expirePasswordRefusal: 'E0000038' | 'E0000006';
  /**
   * What else a call is refused with from a wrong status, by `suspend`, `unsuspend`, `unlock`, `expire_password` or
   * `reset_password`, for all statuses or for one: `{ "suspend": "E0000038", "unlock SUSPENDED": "E0000107" }`.
   */
  refusals: Readonly<Record<string, ErrorCode>>;
  /** What resetting the password of somebody without one is refused with. */
  resetWithoutPassword: 'E0000017' | 'E0000006' | 'E0000038';
  /** What a password against the policy is refused with. */
  passwordPolicy: 'E0000080' | 'E0000001';
  /** Lifecycle links of somebody in RECOVERY. */
  recoveryLinks: readonly string[];
  /** Lifecycle links of somebody who is LOCKED_OUT. */
  lockedOutLinks: readonly string[];
  /** For how long a cursor leads on, in seconds of the org; for ever when null. */
  cursorLifeSeconds: number | null;
  /** Whether profiles of the deprovisioned can be changed. */
  editDeprovisioned: boolean;
}

/** How large an org is and how it behaves. Everything has a default. */
export interface SimulatorOptions {
  /** 0 takes any that is free. */
  port: number;
  host: string;
  seed: number;
  people: number;
  apps: number;
  groups: number;
  /** Mean number of assignments of a person. */
  assignmentsPerPerson: number;
  /** Mean number of successful sign-ins of a person in 30 days, to Okta and to apps together. */
  signInsPerPerson30d: number;
  /** Identity Engine, or the Classic one. */
  pipeline: 'idx' | 'v1';
  /** Okta's buckets by plan (real: workforce) with the token's half; none that anybody reaches; so many times the real ones; or a table. */
  limits: 'real' | 'free' | 'enterprise' | 'none' | number | LimitTable;
  /** Length of a rate-limit window in seconds; Okta's is 60. */
  windowSeconds: number;
  tokens: readonly TokenOptions[];
  /** When the org's clock starts, epoch milliseconds; the real time when left out. */
  now?: number;
  /** Whether the clock stands still until the control door moves it. */
  frozen: boolean;
  /** How many times as fast as the real one the org's time runs. */
  timeScale: number;
  /** How far lists and searches lag behind a change. */
  indexLagMs: number;
  /** How long an activation is in flight, and a deactivation with `Prefer: respond-async`. */
  activationMs: number;
  faults: readonly Fault[];
  unknowns: Unknowns;
  /** How many requests and changes the ledger keeps one by one. */
  ledgerSize: number;
  /** Asked for in `X-Control-Secret` at the control door; without one the door is open. */
  controlSecret?: string;
}

export const defaults: SimulatorOptions = {
  port: 0,
  host: '127.0.0.1',
  seed: 1,
  people: 3_000,
  apps: 60,
  groups: 40,
  assignmentsPerPerson: 8,
  signInsPerPerson30d: 20,
  pipeline: 'idx',
  limits: 'none',
  windowSeconds: 60,
  tokens: [{ label: 'super-admin', token: '00simulatorSuperAdministratorToken00000000', permissions: allPermissions }],
  frozen: false,
  timeScale: 1,
  indexLagMs: 0,
  activationMs: 0,
  faults: [],
  unknowns: {
    suspendableStatuses: ['PROVISIONED', 'PASSWORD_EXPIRED'],
    resettableStatuses: ['PROVISIONED', 'ACTIVE', 'PASSWORD_EXPIRED', 'RECOVERY', 'LOCKED_OUT'],
    repeatedAssignment: 200,
    concurrencyBody: 'E0000047',
    expirePasswordRefusal: 'E0000038',
    refusals: {},
    resetWithoutPassword: 'E0000017',
    passwordPolicy: 'E0000080',
    recoveryLinks: ['deactivate', 'reactivate', 'resetPassword', 'unlock'],
    lockedOutLinks: ['deactivate', 'unlock', 'resetPassword'],
    cursorLifeSeconds: null,
    editDeprovisioned: false,
  },
  ledgerSize: 50_000,
};

export type GivenOptions = Partial<Omit<SimulatorOptions, 'unknowns'>> & { unknowns?: Partial<Unknowns> };

/** An option has a value that it cannot have. */
export class OptionError extends Error {}

export function completed(given: GivenOptions): SimulatorOptions {
  const options = { ...defaults, ...given, unknowns: { ...defaults.unknowns, ...given.unknowns } };
  for (const name of ['people', 'apps', 'groups', 'seed', 'ledgerSize'] as const)
    if (!Number.isInteger(options[name]) || options[name] < 0)
      throw new OptionError(`${name} must be a whole number of 0 or more.`);
  if (options.people < 1 || options.people > 1_000_000) throw new OptionError('people must be from 1 to 1000000.');
  if (!['idx', 'v1'].includes(options.pipeline)) throw new OptionError('pipeline must be idx or v1.');
  if (!(options.timeScale > 0)) throw new OptionError('timeScale must be more than 0.');
  if (options.apps > 4_000 || options.groups > 4_000) throw new OptionError('apps and groups must be 4000 or fewer.');
  return options;
}
