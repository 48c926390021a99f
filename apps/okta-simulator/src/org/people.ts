import { chance, mix, pick } from '../random.js';
import { Ids } from './ids.js';
import { departments, firstNames, lastNames } from './words.js';

export const statuses = [
  'STAGED',
  'PROVISIONED',
  'ACTIVE',
  'PASSWORD_EXPIRED',
  'RECOVERY',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
] as const;
export type Status = (typeof statuses)[number];
export type Profile = Record<string, unknown>;
export type Provider = 'OKTA' | 'IMPORT' | 'FEDERATION' | 'SOCIAL' | 'ACTIVE_DIRECTORY';

/** A person at one moment; moments are epoch milliseconds. */
export interface Person {
  n: number;
  status: Status;
  created: number;
  activated: number | null;
  statusChanged: number | null;
  lastLogin: number | null;
  lastUpdated: number;
  passwordChanged: number | null;
  hasPassword: boolean;
  provider: Provider;
  transitioningToStatus: Status | null;
  profile: Profile;
  /** Set by a deactivation: what was assigned to them by hand before is gone for good. */
  lostDirectAssignments: boolean;
}

const day = 86_400_000;
const founded = Date.UTC(2018, 0, 8);

/** How many of a thousand are in each status. */
const shares: [Status, number][] = [
  ['ACTIVE', 770],
  ['DEPROVISIONED', 110],
  ['SUSPENDED', 25],
  ['PROVISIONED', 30],
  ['STAGED', 20],
  ['PASSWORD_EXPIRED', 20],
  ['RECOVERY', 12],
  ['LOCKED_OUT', 13],
];
const statusTable = shares.flatMap(([status, share]) => Array.from<Status>({ length: share }).fill(status));
/** The share of people who can hold an assignment: all but the deprovisioned. */
export const assignableShare = 0.89;

/** The share of people who are in a department. */
export const departmentShare = 0.75 / departments.length;

/** The part of a login that a name gives: Latin letters, or the code of the first letter of another script. */
const ascii = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z]+/g, '')
    .toLowerCase()
    .slice(0, 30) || `x${name.codePointAt(0)!.toString(16)}`;
const longestName = 'Wolfeschlegelsteinhausenbergerdorff-Featherstonhaugh'.slice(0, 50);
const vocabularies = new Map(
  Object.entries({
    status: statuses,
    'profile.firstName': firstNames,
    'profile.lastName': [...lastNames, longestName],
    'profile.department': departments,
  }).map(([name, values]) => [name, new Set(values.map((value) => value.toLowerCase()))]),
);
const asciiFirst = firstNames.map(ascii);
const asciiLast = lastNames.map(ascii);

/** As the org was made: person n is a function of the seed and n alone, so nothing of it is held. */
export class People {
  readonly ids: Ids;
  readonly domain: string;
  private readonly makers: readonly [name: string, make: (n: number) => unknown][];
  private readonly makerOf: ReadonlyMap<string, (n: number) => unknown>;

  constructor(
    readonly seed: number,
    readonly count: number,
  ) {
    this.ids = new Ids('00u', seed);
    this.domain = 'acme.example';
    this.makers = this.makersOf();
    this.makerOf = new Map(this.makers);
  }

  status(n: number): Status {
    // The first one is the administrator whose token everything is done with.
    return n === 0 ? 'ACTIVE' : statusTable[mix(this.seed, 10, n) % 1_000]!;
  }

  firstName(n: number): string {
    return pick(firstNames, this.seed, 20, n);
  }

  lastName(n: number): string {
    // Fifty letters is what Okta takes.
    if (mix(this.seed, 21, n) % 499 === 0) return longestName;
    return pick(lastNames, this.seed, 22, n);
  }

  login(n: number): string {
    const first = asciiFirst[mix(this.seed, 20, n) % asciiFirst.length];
    const last = asciiLast[mix(this.seed, 22, n) % asciiLast.length];
    const login = `${first}.${last}.${n.toString(36)}@${this.domain}`;
    return mix(this.seed, 36, n) % 41 === 0 ? login.toUpperCase() : login;
  }

  /** Now and then two people share an e-mail address, or it is written in another case than the login. */
  email(n: number): string {
    if (n > 0 && mix(this.seed, 23, n) % 97 === 0) return this.login(n - 1);
    const login = this.login(n);
    return mix(this.seed, 24, n) % 11 === 0 ? login.charAt(0).toUpperCase() + login.slice(1) : login;
  }

  /** The number in a login of this org; -1 when it is nobody's. The part before the @ is enough. */
  numberOfLogin(login: string): number {
    const wanted = login.toLowerCase();
    const code = /^[^@]*\.([0-9a-z]+)(?:@|$)/.exec(wanted)?.[1];
    const n = code ? Number.parseInt(code, 36) : -1;
    if (n < 0 || n >= this.count) return -1;
    const real = this.login(n).toLowerCase();
    return real === wanted || real.slice(0, real.indexOf('@')) === wanted ? n : -1;
  }

  department(n: number): string | undefined {
    return mix(this.seed, 25, n) % 4 === 0 ? undefined : pick(departments, this.seed, 26, n);
  }

  created(n: number): number {
    return (
      founded + Math.floor(chance(this.seed, 11, n) * 2_500) * day + 28_800_000 + (mix(this.seed, 12, n) % day) / 3
    );
  }

  lastUpdated(n: number): number {
    return Math.floor(this.created(n)) + (150 + (mix(this.seed, 15, n) % 100)) * day;
  }

  /** As the org was made; only the last sign-in follows the clock. */
  person(n: number, now: number): Person {
    const { seed } = this;
    const status = this.status(n);
    const created = Math.floor(this.created(n));
    const roll = mix(seed, 16, n) % 100;
    const provider: Provider =
      roll < 3 && n > 0
        ? 'FEDERATION'
        : roll < 6 && n > 0
          ? 'ACTIVE_DIRECTORY'
          : status === 'STAGED' && roll < 40
            ? 'IMPORT'
            : 'OKTA';
    const neverActivated = status === 'STAGED' || (status === 'DEPROVISIONED' && roll > 85);
    const activated = neverActivated ? null : created + 60_000 + (mix(seed, 17, n) % 9) * day;
    const hasPassword =
      provider === 'IMPORT' || (activated !== null && status !== 'PROVISIONED' && provider === 'OKTA');
    const signedIn = activated !== null && status !== 'PROVISIONED';
    return {
      n,
      status,
      created,
      activated,
      statusChanged: status === 'STAGED' && !hasPassword ? null : created + (10 + (mix(seed, 14, n) % 120)) * day,
      lastLogin: signedIn && roll % 9 !== 0 ? this.lastLogin(n, created, now) : null,
      lastUpdated: this.lastUpdated(n),
      passwordChanged: hasPassword ? (activated ?? created) : null,
      hasPassword,
      provider,
      transitioningToStatus: null,
      profile: this.profile(n),
      lostDirectAssignments: false,
    };
  }

  /** Those who sign in do so again after some days; the others did when they were new. */
  private lastLogin(n: number, created: number, now: number): number {
    const { seed } = this;
    const status = this.status(n);
    if ((status !== 'ACTIVE' && status !== 'PASSWORD_EXPIRED') || mix(seed, 78, n) % 100 >= 92)
      return created + (20 + (mix(seed, 18, n) % 120)) * day;
    const every = (1 + (mix(seed, 18, n) % 6)) * day;
    const phase = mix(seed, 47, n) % every;
    return Math.floor((now - phase) / every) * every + phase;
  }

  /** Unset base attributes are null, unset custom ones are absent; custom ones are as messy as a real company's. */
  profile(n: number): Profile {
    const profile: Profile = {};
    for (const [name, make] of this.makers) {
      const value = make(n);
      if (value !== undefined) profile[name] = value;
    }
    return profile;
  }

  /** One attribute of a profile, without the rest. */
  attribute(n: number, name: string): unknown {
    return this.makerOf.get(name)?.(n);
  }

  /** When the last of all was changed: who was changed later was changed by somebody. */
  get newest(): number {
    return founded + (2_500 + 1 + 250) * day;
  }

  /** The numbers of those whom an id, a login or an e-mail address can mean, as they were made. */
  near(key: string): number[] {
    const byId = this.ids.numberOf(key);
    // An address can be that of the login of the one before.
    const n = this.numberOfLogin(key);
    return [byId, n, n < 0 ? -1 : n + 1].filter((candidate) => candidate >= 0 && candidate < this.count);
  }

  /** Whether anybody was made with such a value; true where only looking at everybody would tell. */
  mayHave(attribute: string, value: string): boolean {
    const values = vocabularies.get(attribute);
    return values === undefined || values.has(value.toLowerCase());
  }

  /** Whether a name or an address of anybody as made may begin so. */
  mayBeginWith(start: string): boolean {
    const wanted = start.toLowerCase();
    const isNamed = ['profile.firstName', 'profile.lastName'].some((name) =>
      [...vocabularies.get(name)!].some((value) => value.startsWith(wanted)),
    );
    return isNamed || asciiFirst.some((first) => `${first}.`.startsWith(wanted) || wanted.startsWith(`${first}.`));
  }

  private makersOf(): [name: string, make: (n: number) => unknown][] {
    const { seed } = this;
    const every = (salt: number, most: number, n: number) => mix(seed, salt, n) % most === 0;
    return [
      ['login', (n) => this.login(n)],
      ['email', (n) => this.email(n)],
      ['firstName', (n) => this.firstName(n)],
      ['lastName', (n) => this.lastName(n)],
      ['mobilePhone', (n) => (every(19, 6, n) ? '+351 912 345 678' : null)],
      ['secondEmail', (n) => (every(37, 9, n) ? '' : null)],
      ['department', (n) => this.department(n)],
      ['deskNumber', (n) => (every(27, 3, n) ? mix(seed, 28, n) % 9_000 : undefined)],
      ['remote', (n) => (every(29, 5, n) ? mix(seed, 30, n) % 2 === 0 : undefined)],
      [
        'skills',
        (n) => (every(31, 7, n) ? ['SQL', '日本語', ' leading space', ''].slice(0, mix(seed, 32, n) % 5) : undefined),
      ],
      ['badgeRatio', (n) => (every(38, 17, n) ? (mix(seed, 39, n) % 1_000) / 7 : undefined)],
      ['grades', (n) => (every(40, 19, n) ? [1, 2.5, -3].slice(0, mix(seed, 41, n) % 4) : undefined)],
      ['notes', (n) => (every(33, 211, n) ? longNotes : undefined)],
      ['managerId', (n) => (every(34, 13, n) ? this.ids.of(mix(seed, 35, n) % this.count) : undefined)],
      ['team$name.with-odd_chars', (n) => (every(42, 23, n) ? 'Équipe Ⅸ \u200bZero' : undefined)],
    ];
  }
}

const longNotes = 'Lorem ipsum — «dolor» "sit" amet\\ \n\t'.repeat(90);
