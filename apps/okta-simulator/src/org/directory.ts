import type { People, Person } from './people.js';
import { Spans } from './spans.js';

/** A person from a moment on; null when they are gone. A version may lie ahead: an activation that is still in flight. */
interface Version {
  from: number;
  person: Person | null;
}

/** Versions older than this are seen by no reader, however far its index lags. */
const rememberedMs = 3_600_000;

/** The org's people: as computed, with what was changed since laid over. */
export class Directory {
  private readonly changed = new Map<number, Version[]>();
  private readonly logins = new Map<string, number>();
  private readonly shutOut = new Spans<number>();
  /** People, the deleted and the added included: numbers run from 0 to this. */
  population: number;

  constructor(
    readonly people: People,
    private readonly now: () => number,
  ) {
    this.population = people.count;
  }

  /** The person at a moment, now when left out; undefined when there is none. */
  person(n: number, at = this.now()): Person | undefined {
    const versions = this.changed.get(n);
    const version = versions?.findLast(({ from }) => from <= at);
    if (version) return version.person ?? undefined;
    return n >= 0 && n < this.people.count ? this.people.person(n, at) : undefined;
  }

  /** The person, or who they last were when they are gone. */
  lastKnown(n: number, at = this.now()): Person {
    const version = this.changed.get(n)?.findLast(({ person }) => person !== null);
    return this.person(n, at) ?? version?.person ?? this.people.person(n, at);
  }

  /** The status alone, without the rest; undefined when there is no such person. */
  status(n: number, at = this.now()): Person['status'] | undefined {
    if (this.changed.size > 0 && this.changed.has(n)) return this.person(n, at)?.status;
    return n >= 0 && n < this.people.count ? this.people.status(n) : undefined;
  }

  exists(n: number, at = this.now()): boolean {
    return this.changed.size > 0 && this.changed.has(n)
      ? this.person(n, at) !== undefined
      : n >= 0 && n < this.people.count;
  }

  isChanged(n: number): boolean {
    return this.changed.has(n);
  }

  /** The numbers of those who were changed, added or deleted. */
  changedOnes(): Iterable<number> {
    return this.changed.keys();
  }

  lostDirectAssignments(n: number): boolean {
    return this.changed.size > 0 && this.changed.has(n) && (this.person(n)?.lostDirectAssignments ?? true);
  }

  /** Who an id, a login or the part of a login before the @ names; -1 for nobody. */
  find(key: string): number {
    const byId = this.people.ids.numberOf(key);
    if (byId >= 0) return this.exists(byId) ? byId : -1;
    const wanted = key.toLowerCase();
    const n = this.logins.get(wanted) ?? this.people.numberOfLogin(key);
    const person = n < 0 ? undefined : this.person(n);
    if (!person) return -1;
    const login = String(person.profile.login).toLowerCase();
    return login === wanted || login.split('@')[0] === wanted ? n : -1;
  }

  add(person: Omit<Person, 'n'>): Person {
    const n = this.population;
    this.population += 1;
    const added = { ...person, n };
    this.put(n, added, this.now());
    return added;
  }

  /** Changes a person from now on, or from a later moment. */
  change(n: number, change: Partial<Person>, from = this.now()): Person {
    const person = { ...this.person(n, from)!, ...change, lastUpdated: from };
    this.put(n, person, from);
    return person;
  }

  delete(n: number): void {
    this.put(n, null, this.now());
  }

  /** Whether the person could not sign in at a moment because of a change. */
  isShutOut(n: number, at: number): boolean {
    return this.shutOut.isShut(n, at);
  }

  private put(n: number, person: Person | null, from: number): void {
    if (person) {
      const login = String(person.profile.login).toLowerCase();
      this.logins.set(login, n).set(login.split('@')[0]!, n);
    }
    const versions = (this.changed.get(n) ?? []).filter((version) => version.from <= from);
    versions.push({ from, person });
    while (versions.length > 1 && versions[1]!.from < this.now() - rememberedMs) versions.shift();
    this.changed.set(n, versions);
    if (person?.status === 'ACTIVE' || person?.status === 'PASSWORD_EXPIRED') this.shutOut.open(n, from);
    else this.shutOut.shut(n, from);
  }
}
