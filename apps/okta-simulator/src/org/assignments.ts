import { chance, mix } from '../random.js';
import type { App, Group } from './catalogue.js';
import type { Directory } from './directory.js';
import type { Memberships } from './memberships.js';
import { assignableShare } from './people.js';
import { Spans } from './spans.js';

export interface Assignment {
  person: number;
  scope: 'USER' | 'GROUP';
  status: string;
  /** One group that grants it, by number, where groups do. */
  group: number | null;
  created: number;
  userName?: string;
  profile?: Record<string, unknown>;
}

const share = 0x100000000;
const day = 86_400_000;
const since = Date.UTC(2025, 6, 1);
/** Statuses that take no seat, or none yet; a few of a hundred. */
const others = [
  'STAGED',
  'SUSPENDED',
  'PENDING',
  'IMPORTED',
  'DEPROVISIONED',
  'INACTIVE',
  'MATCHED',
  'UNASSIGNED',
  'APPROVED',
  'REVOKED',
  'IMPLICIT',
];

/** Who holds which app: by hand, or by a group that the app is assigned to. */
export class Assignments {
  private readonly direct: number[];
  /** The groups that each app is assigned to, by priority. */
  private readonly granting: number[][];
  /** The same as the org was made: the log follows it, whatever was changed since. */
  private readonly firstGranting: readonly (readonly number[])[];
  private readonly changes = new Map<number, Map<number, Assignment | null>>();
  private readonly takenAway = new Spans<string>();

  constructor(
    private readonly seed: number,
    private readonly apps: readonly (App | undefined)[],
    groups: Group[],
    perPerson: number,
    private readonly memberships: Memberships,
    private readonly directory: Directory,
  ) {
    const wanted = perPerson / assignableShare;
    this.granting = apps.map(() => []);
    const byGroups = this.giveToGroups(wanted * 0.45, groups);
    this.firstGranting = this.granting.map((granted) => [...granted]);
    this.direct = this.shareOut(wanted, byGroups).map((density) => Math.floor(density * share));
  }

  /** Assigns apps to groups until groups grant about as much as they should; returns what each app has by them. */
  private giveToGroups(most: number, groups: Group[]): number[] {
    let granted = 0;
    return (this.apps as App[]).map(({ n, isOktas }) => {
      if (isOktas || mix(this.seed, 70, n) % 5 >= 2 || groups.length < 2) return 0;
      let missing = 1;
      const count = 1 + (mix(this.seed, 71, n) % 3);
      for (let at = 0; at < count; at += 1) {
        const group = 1 + (mix(this.seed, 72 + at, n) % (groups.length - 1));
        const density = this.memberships.density(group);
        if (this.granting[n]!.includes(group) || granted + density > most) continue;
        granted += density;
        missing *= 1 - density;
        this.granting[n]!.push(group);
      }
      return 1 - missing;
    });
  }

  /** Gives each app a part of the people, a few apps most of them, so that the mean comes out as wished. */
  private shareOut(wanted: number, byGroups: number[]): number[] {
    const rest = Math.max(0, wanted - byGroups.reduce((sum, density) => sum + density, 0));
    const weights = (this.apps as App[]).map(({ n, isOktas }) =>
      isOktas ? 0.0001 : 0.01 + chance(this.seed, 60, n) ** 4,
    );
    const densities = weights.map(() => 0);
    let left = rest;
    for (let round = 0; round < 8 && left > 0.001; round += 1) {
      const open = weights.map((weight, n) => (densities[n]! < 0.95 ? weight : 0));
      const total = open.reduce((sum, weight) => sum + weight, 0);
      if (total === 0) break;
      // What somebody has by a group already adds nothing when it is given by hand too.
      for (const [n, weight] of open.entries())
        densities[n] = Math.min(0.95, densities[n]! + ((weight / total) * left) / (1 - byGroups[n]!));
      left = rest - densities.reduce((sum, density, n) => sum + density * (1 - byGroups[n]!), 0);
    }
    return densities;
  }

  /** The assignment of a person who exists, as it is now. */
  find(app: number, n: number): Assignment | undefined {
    if (this.directory.status(n) === 'DEPROVISIONED') return undefined;
    const change = this.changes.get(app)?.get(n);
    if (change) return change;
    if (change === undefined && this.wasDirect(app, n) && !this.directory.lostDirectAssignments(n))
      return this.made(app, n, 'USER', null);
    const group = this.granting[app]!.find((candidate) => this.memberships.isMember(candidate, n));
    return group === undefined ? undefined : this.made(app, n, 'GROUP', group);
  }

  /** A group that grants the app to the person, whether or not they hold it by hand as well. */
  grantingGroup(app: number, n: number): number | undefined {
    return this.granting[app]!.find((group) => this.memberships.isMember(group, n));
  }

  private wasDirect(app: number, n: number): boolean {
    return n < this.directory.people.count && mix(this.seed, 5_000 + app, n) < this.direct[app]!;
  }

  /** Whether the person held the app when the org was made: what sign-ins follow. */
  was(app: number, n: number): boolean {
    if (this.wasDirect(app, n)) return true;
    for (const group of this.firstGranting[app]!) if (this.memberships.wasMember(group, n)) return true;
    return false;
  }

  /** How large a part of everybody an app was given to, roughly. */
  density(app: number): number {
    return this.granting[app]!.reduce((sum, group) => sum + this.memberships.density(group), this.direct[app]! / share);
  }

  private made(app: number, n: number, scope: 'USER' | 'GROUP', group: number | null): Assignment {
    const roll = mix(this.seed, 10_000 + app, n) % 1_000;
    const seat = (this.apps[app]?.features.length ?? 0) > 0 ? 'PROVISIONED' : 'ACTIVE';
    const status = roll < 40 ? others[roll % others.length]! : seat;
    return { person: n, scope, status, group, created: since - (roll % 700) * day - roll * 10_007 };
  }

  /** The app's people from a number on, in order. */
  *of(app: number, from = 0): Generator<Assignment> {
    const { population } = this.directory;
    for (let n = this.nextThatMayHold(app, from); n < population; n = this.nextThatMayHold(app, n + 1)) {
      const assignment = this.directory.exists(n) ? this.find(app, n) : undefined;
      if (assignment) yield assignment;
    }
  }

  /** Most people do not hold an app; they are passed over in a loop that does nothing else. */
  private nextThatMayHold(app: number, from: number): number {
    const { seed } = this;
    const { population, people } = this.directory;
    const changes = this.changes.get(app);
    const threshold = this.direct[app]!;
    const grants = this.granting[app]!.map((group) => this.memberships.tester(group));
    for (let n = from; n < population; n += 1) {
      if (n < people.count && mix(seed, 5_000 + app, n) < threshold) return n;
      if (changes?.has(n)) return n;
      for (const isMember of grants) if (isMember(n)) return n;
    }
    return population;
  }

  appsOf(n: number): App[] {
    return this.apps.filter((app) => app !== undefined && this.find(app.n, n) !== undefined) as App[];
  }

  assign(app: number, assignment: Assignment): void {
    let changes = this.changes.get(app);
    if (!changes) this.changes.set(app, (changes = new Map()));
    changes.set(assignment.person, assignment);
    this.takenAway.open(`${app} ${assignment.person}`, assignment.created);
  }

  /** Takes what was given by hand; what a group grants stays. */
  unassign(app: number, n: number, at: number): void {
    let changes = this.changes.get(app);
    if (!changes) this.changes.set(app, (changes = new Map()));
    changes.set(n, null);
    this.takenAway.shut(`${app} ${n}`, at);
  }

  /** From then on the log lets the person into the app no more. */
  lose(app: number, n: number, at: number): void {
    this.takenAway.shut(`${app} ${n}`, at);
  }

  /** After a change that reaches apps another way: from now on the log lets the person into what they hold, no more. */
  noteAccess(n: number, apps: readonly number[], at: number): void {
    for (const app of apps)
      if (this.find(app, n)) this.takenAway.open(`${app} ${n}`, at);
      else this.takenAway.shut(`${app} ${n}`, at);
  }

  /** The apps that a group grants, by number. */
  grantedBy(group: number): number[] {
    return this.granting.flatMap((groups, app) => (groups.includes(group) ? [app] : []));
  }

  /** Whether the person had lost the app at a moment by a change. */
  isTakenAway(app: number, n: number, at: number): boolean {
    if (this.takenAway.size === 0) return false;
    return this.takenAway.isShut(`${app} ${n}`, at) || this.takenAway.isShut(`${app}`, at);
  }

  /** Takes all that was given by hand after the org was made; the rest goes with `lostDirectAssignments`. */
  forget(n: number): void {
    for (const changes of this.changes.values()) changes.delete(n);
  }

  groupsOf(app: number): number[] {
    return this.granting[app]!;
  }

  setGroup(app: number, group: number, assigned: boolean): void {
    const kept = this.granting[app]!.filter((other) => other !== group);
    this.granting[app] = assigned ? [...kept, group] : kept;
  }

  /** Nobody gets into an app that is switched off; assignments stay. */
  close(app: number, at: number): void {
    this.takenAway.shut(`${app}`, at);
  }

  reopen(app: number, at: number): void {
    this.takenAway.open(`${app}`, at);
  }

  addApp(): void {
    this.direct.push(0);
    this.granting.push([]);
  }
}
