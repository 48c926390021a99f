import { createHash } from 'node:crypto';
import { invalid, notFound, refusal } from '../http/refusals.js';
import type { Org } from '../org/org.js';
import type { Person } from '../org/people.js';
import type { ApiRequest, Handler, Simulation } from '../simulation.js';
import { iso } from '../iso.js';
import { sees } from './groups.js';
import { indexedAt, limitOf, linksOf, listed, pageOf, startOf } from './paging.js';
import { omitted, projected } from './projection.js';
import { parseFilter, userFilter, userSearch, type Expression, type Predicate } from './scim-filter.js';
import { Subject } from './subject.js';

const kept = ['limit', 'filter', 'search', 'sortBy', 'sortOrder', 'fields'];

export const listUsers: Handler = (simulation, request) => {
  const { org, bodies } = simulation;
  const { query } = request;
  const filter = query.get('filter');
  const search = query.get('search');
  const q = query.get('q');
  if (filter && search) throw refusal('E0000033');
  const limit = limitOf(request, q ? 10 : 200, 200);
  // The plain list is not answered from the index.
  const at = filter || search || q ? indexedAt(simulation) : simulation.clock.now();
  const source = search && query.has('sortBy') ? sorted(simulation, request, at) : matching(simulation, request, at);
  const { items, isLast } = pageOf(source, limit);
  const last = items.at(-1);
  const next = isLast || q || last === undefined ? undefined : `${search ? '' : '2'}${org.people.ids.of(last)}`;
  const people = items.map((n) => org.directory.person(n, at)!);
  const users = people.map((person) => omitted(bodies.user(person), request.headers['content-type']));
  const fields = query.get('fields');
  return {
    status: 200,
    body: listed(fields ? users.map((user) => projected(user, fields)) : users),
    links: q ? [] : linksOf(simulation, request, next, kept),
  };
};

/** The people whom the query means, in order, from its cursor on. */
function* matching(simulation: Simulation, request: ApiRequest, at: number): Generator<number> {
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
function sorted(simulation: Simulation, request: ApiRequest, at: number): number[] {
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

/** The person whom a part of a path names: by id, login, the login before its @, or `me`, who made the token. */
export function personOf({ org }: Simulation, key: string): Person {
  // A login with a slash in it is found by nobody's path, however it is written.
  const n = key === 'me' ? 0 : key.includes('/') ? -1 : org.directory.find(key);
  const person = n < 0 ? undefined : org.directory.person(n);
  if (!person) throw notFound(key, 'User');
  return person;
}

export const getUser: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  const body = omitted(simulation.bodies.user(person, true), request.headers['content-type']);
  return { status: 200, body, headers: { etag: etagOf(simulation, person) } };
};

/** Changes whenever the person is changed, twice in a millisecond too; a sign-in is no change. */
export const etagOf = ({ bodies }: Simulation, person: Person): string =>
  `W/"${createHash('sha256')
    .update(bodies.user({ ...person, lastLogin: null }))
    .digest('hex')}"`;

export const listUserGroups: Handler = (simulation, request, key = '') => {
  const { org, bodies } = simulation;
  const { n } = personOf(simulation, key);
  const from = startOf(request, /^(?=00g)/, (id) => org.groupIds.numberOf(id));
  const groups = org.memberships.groupsOf(n).filter((group) => group.n >= from && sees(request.token, group));
  const { items, isLast } = pageOf(groups, limitOf(request, 200, 200));
  const next = isLast ? undefined : items.at(-1)!.id;
  return {
    status: 200,
    body: listed(items.map((group) => bodies.group(group))),
    links: linksOf(simulation, request, next, ['limit']),
  };
};

export const listUserRoles: Handler = (simulation, request, key = '') => {
  const roles = personOf(simulation, key).n === 0 ? request.token.roles : [];
  const body = roles.map((type, at) => ({
    id: `${type === 'CUSTOM' ? 'irb' : 'ra1'}simulated${at}0000d5d7`,
    label: type,
    type,
    status: 'ACTIVE',
    created: '2025-01-01T00:00:00.000Z',
    lastUpdated: '2025-01-01T00:00:00.000Z',
    assignmentType: 'USER',
    _links: { assignee: { href: `${simulation.bodies.origin}/api/v1/users/${simulation.org.people.ids.of(0)}` } },
  }));
  return { status: 200, body: JSON.stringify(body) };
};

export const listAppLinks: Handler = (simulation, _request, key = '') => {
  const { n } = personOf(simulation, key);
  const links = simulation.org.assignments
    .appsOf(n)
    .filter(({ status }) => status === 'ACTIVE')
    .map((app) => ({
      id: `00${app.id.slice(2)}`,
      label: app.label,
      linkUrl: `${simulation.bodies.origin}/home/${app.name}/${app.id}`,
      logoUrl: `${simulation.bodies.origin}/fs/bco/1/default.png`,
      appName: app.name,
      appInstanceId: app.id,
      appAssignmentId: `0ua${simulation.org.people.ids.of(n).slice(3)}`,
      credentialsSetup: false,
      hidden: false,
      sortOrder: 0,
    }));
  return { status: 200, body: JSON.stringify(links) };
};

/** The body as an object, or what Okta says to another. */
export function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(name, `${name}: The field cannot be left blank`);
  return value as Record<string, unknown>;
}
