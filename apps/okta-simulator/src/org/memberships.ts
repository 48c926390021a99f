import { chance, mix } from '../random.js';
import type { Group } from './catalogue.js';
import type { Directory } from './directory.js';
import { departmentShare } from './people.js';
import type { Former } from './former.js';
import type { Rule } from './rules.js';

const share = 0x100000000;

/** Who is in which group: computed by person and group, with what was changed since laid over. */
export class Memberships {
  /** Of 2³²: how large a part of everybody a group has. */
  private readonly thresholds: number[];
  /** Of groups that a rule fills: the department whose people are in. */
  private readonly departments: (string | undefined)[] = [];
  private readonly changes = new Map<number, Map<number, boolean>>();

  constructor(
    private readonly seed: number,
    private readonly groups: (Group | undefined)[],
    private readonly directory: Directory,
    private readonly former: Former<Group>,
    rules: readonly Rule[],
  ) {
    for (const { group, department } of rules) this.departments[group] = department;
    this.thresholds = groups.map((_group, n) => Math.floor(this.density(n) * share));
  }

  /** The part of everybody whom a group was made with; some groups are empty. */
  density(group: number): number {
    if (group === 0) return 1;
    if (this.departments[group] !== undefined) return departmentShare;
    if (mix(this.seed, 43, group) % 10 === 0) return 0;
    return 0.002 * 100 ** chance(this.seed, 44, group);
  }

  isMember(group: number, n: number): boolean {
    const change = this.changes.get(group)?.get(n);
    return change ?? this.wasMember(group, n);
  }

  /** The same question for many people at once: asks for what was changed only where something was. */
  tester(group: number): (n: number) => boolean {
    const changes = this.changes.get(group);
    const { seed } = this;
    const { count } = this.directory.people;
    const threshold = this.thresholds[group]!;
    const was =
      this.departments[group] === undefined
        ? (n: number) => (n < count ? mix(seed, 1_000 + group, n) < threshold : group === 0)
        : (n: number) => this.wasMember(group, n);
    return changes ? (n) => changes.get(n) ?? was(n) : was;
  }

  /** As the org was made. */
  wasMember(group: number, n: number): boolean {
    if (n >= this.directory.people.count) return group === 0;
    const department = this.departments[group];
    if (department !== undefined) return this.directory.people.department(n) === department;
    return mix(this.seed, 1_000 + group, n) < this.thresholds[group]!;
  }

  /** The group's members from a number on, in order. The deprovisioned are among them, as in Okta. */
  *members(group: number, from = 0): Generator<number> {
    const { directory } = this;
    const isMember = this.tester(group);
    const next = (start: number) => {
      let n = start;
      while (n < directory.population && !isMember(n)) n += 1;
      return n;
    };
    for (let n = next(from); n < directory.population; n = next(n + 1)) if (directory.exists(n)) yield n;
  }

  /** How many members a group has. */
  count(group: number): number {
    const isMember = this.tester(group);
    const { directory } = this;
    let count = 0;
    for (let n = 0; n < directory.population; n += 1) if (isMember(n) && directory.exists(n)) count += 1;
    return count;
  }

  groupsOf(n: number): Group[] {
    return this.groups.filter((group) => group !== undefined && this.isMember(group.n, n)) as Group[];
  }

  set(group: number, n: number, member: boolean, at: number): void {
    let changes = this.changes.get(group);
    if (!changes) this.changes.set(group, (changes = new Map()));
    changes.set(n, member);
    this.former.note(group, this.groups[group], at);
    this.groups[group]!.lastMembershipUpdated = at;
  }

  addGroup(): void {
    this.thresholds.push(0);
  }
}
