import type { SimulatorOptions } from '../options.js';
import { Assignments } from './assignments.js';
import { makeApps, makeGroups, type App, type Group } from './catalogue.js';
import { Directory } from './directory.js';
import { Former } from './former.js';
import { Ids } from './ids.js';
import { Memberships } from './memberships.js';
import { People } from './people.js';
import { makeRules, type Rule } from './rules.js';

/** An org that is computed from its seed; only what was changed since is held in memory. */
export class Org {
  readonly people: People;
  readonly directory: Directory;
  readonly groupIds: Ids;
  readonly appIds: Ids;
  /** Deleted ones leave a hole. */
  readonly apps: (App | undefined)[];
  readonly groups: (Group | undefined)[];
  readonly formerApps = new Former<App>();
  readonly formerGroups = new Former<Group>();
  /** The apps of the log: as the org was made, whatever became of them. */
  readonly firstApps: readonly App[];
  readonly ruleIds: Ids;
  readonly rules: readonly Rule[];
  readonly memberships: Memberships;
  readonly assignments: Assignments;
  readonly seed: number;

  constructor(options: SimulatorOptions, now: () => number) {
    const { seed } = options;
    this.seed = seed;
    this.people = new People(seed, options.people);
    this.directory = new Directory(this.people, now);
    this.groupIds = new Ids('00g', seed);
    this.appIds = new Ids('0oa', seed);
    const apps = makeApps(seed, options.apps, this.appIds);
    const groups = makeGroups(seed, options.groups, this.groupIds, apps);
    this.apps = [...apps];
    this.firstApps = apps.map((app) => ({ ...app }));
    this.groups = [...groups];
    this.ruleIds = new Ids('0pr', seed);
    this.rules = makeRules(seed, groups, this.ruleIds);
    this.memberships = new Memberships(seed, this.groups, this.directory, this.formerGroups, this.rules);
    this.assignments = new Assignments(
      seed,
      this.apps,
      groups,
      options.assignmentsPerPerson,
      this.memberships,
      this.directory,
    );
  }

  get id(): string {
    return `00o${this.people.ids.of(0).slice(8, 17)}simul0h7`;
  }

  app(id: string): App | undefined {
    return this.apps[this.appIds.numberOf(id)];
  }

  group(id: string): Group | undefined {
    return this.groups[this.groupIds.numberOf(id)];
  }

  /** Makes an app or a group, changes one, or takes it away with undefined. */
  putApp(n: number, app: App | undefined, at: number): void {
    this.formerApps.note(n, this.apps[n], at);
    this.apps[n] = app;
  }

  putGroup(n: number, group: Group | undefined, at: number): void {
    this.formerGroups.note(n, this.groups[n], at);
    this.groups[n] = group;
  }

  allApps(): App[] {
    return this.apps.filter((app) => app !== undefined);
  }

  allGroups(): Group[] {
    return this.groups.filter((group) => group !== undefined);
  }
}
