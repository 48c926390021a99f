import { iso } from '../iso.js';
import type { Org } from '../org/org.js';
import type { ApiRequest, Simulation } from '../simulation.js';
import { limitOf, startOf } from './paging.js';
import { parseFilter, userFilter, userSearch, type Expression, type Predicate } from './scim-filter.js';
import { Subject } from './subject.js';

/** The people whom the query means, in order, from its cursor on. */
export function* matching(simulation: Simulation, request: ApiRequest, at: number): Generator<number> {
  const { directory, people } = simulation.org;
  const { filter, search, q } = Object.fromEntries(request.query) as Record<string, string | undefined>;
  const from = startOf(request, search ? /^(?=00u)/ : /^[02](?=00u)/, (id) => people.ids.numberOf(id));
  const expression = filter ? parseFilter(filter, userFilter) : search ? parseFilter(search, userSearch) : undefined;
  const matches = expression?.matches ?? (q ? startingWith(q) : undefined);
  // One subject for all: a search looks at a million of them.
  const subject = new Subject(simulation, at);
  const all = expression
    ? candidates(simulation.org, expression, from)
    : q
      ? named(simulation.org, q)
      : everybody(simulation.org, from);
  for (const n of all) {
    const status = directory.status(n, at);
    if (status === undefined || (!expression && status === 'DEPROVISIONED')) continue;
    if (!matches || matches(subject.of(n))) yield n;
  }
}

function startingWith(q: string): Predicate {
  const wanted = q.toLowerCase();
  return (attribute) =>
    ['profile.firstName', 'profile.lastName', 'profile.email'].some((name) =>
      String(attribute(name)).toLowerCase().startsWith(wanted),
    );
}

function* everybody({ directory }: Org, from: number): Generator<number> {
  for (let n = from; n < directory.population; n += 1) yield n;
}

/** Those whom `q` can mean. */
const named = (org: Org, q: string): Iterable<number> =>
  org.people.mayBeginWith(q) ? everybody(org, 0) : [...org.directory.changedOnes()].toSorted((a, b) => a - b);

/** Those whom an expression can mean: everybody, unless it asks for a key, a late change, or a name that nobody has. */
function candidates(org: Org, { oneOf, atLeast }: Expression, from: number): Iterable<number> {
  const { people, directory } = org;
  const keys = ['id', 'profile.login', 'profile.email'].flatMap((name) => [...(oneOf.get(name) ?? [])]);
  const isByKey = keys.length > 0;
  const isUnheardOf = [...oneOf].some(([name, values]) => [...values].every((value) => !people.mayHave(name, value)));
  const sinceMade = (atLeast.get('lastUpdated') ?? '') > iso(people.newest);
  if (!isByKey && !sinceMade && !isUnheardOf) return everybody(org, from);
  const asMade = isByKey && !sinceMade && !isUnheardOf ? keys.flatMap((key) => people.near(key)) : [];
  const few = new Set([...asMade, ...directory.changedOnes()]);
  return [...few].filter((n) => n >= from).toSorted((a, b) => a - b);
}

/** A search in an order of its own; the cursor is the last person of the page before. Holds a page, however many fit. */
export function sorted(simulation: Simulation, request: ApiRequest, at: number): number[] {
  const by = request.query.get('sortBy')!;
  userSearch.check(by, 'pr');
  const direction = request.query.get('sortOrder')?.toLowerCase() === 'desc' ? -1 : 1;
  const subject = new Subject(simulation, at);
  const keyOf = (n: number): string => sortKey(subject.of(n)(by));
  const compare = (a: Keyed, b: Keyed) => (a.key === b.key ? a.n - b.n : a.key < b.key ? -direction : direction);
  const cursor = startOf(request, /^(?=00u)/, (id) => simulation.org.people.ids.numberOf(id)) - 1;
  const after = cursor < 0 ? undefined : { n: cursor, key: keyOf(cursor) };
  const whole = { ...request, query: new URLSearchParams([...request.query].filter(([name]) => name !== 'after')) };
  const room = limitOf(request, 200, 200) + 1;
  const page: Keyed[] = [];
  for (const n of matching(simulation, whole, at)) {
    const keyed = { n, key: keyOf(n) };
    if (after && compare(keyed, after) <= 0) continue;
    if (page.length === room && compare(keyed, page.at(-1)!) >= 0) continue;
    page.splice(placeIn(page, keyed, compare), 0, keyed);
    if (page.length > room) page.pop();
  }
  return page.map(({ n }) => n);
}

function sortKey(value: unknown): string {
  if (typeof value === 'string') return value.toLowerCase();
  // Numbers by size, lists by what is in them.
  return typeof value === 'number' ? String(value).padStart(24, '0') : JSON.stringify(value ?? '').toLowerCase();
}

interface Keyed {
  n: number;
  key: string;
}

function placeIn(page: Keyed[], keyed: Keyed, compare: (a: Keyed, b: Keyed) => number): number {
  let [low, high] = [0, page.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(page[middle]!, keyed) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
