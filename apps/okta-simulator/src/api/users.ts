import { createHash } from 'node:crypto';
import { invalid, notFound, refusal } from '../http/refusals.js';
import type { Person, Status } from '../org/people.js';
import type { ApiRequest, Handler, Simulation } from '../simulation.js';
import { iso } from '../iso.js';
import { sees } from './groups.js';
import { indexedAt, limitOf, linksOf, listed, pageOf, startOf } from './paging.js';
import { omitted, projected } from './projection.js';
import { parseFilter, userFilter, userSearch, type Attributes, type Predicate } from './scim-filter.js';

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
  const next = isLast || q || last === undefined ? undefined : `${search ? '' : '2'}${org.people.ids.of(last.n)}`;
  const users = items.map((person) => omitted(bodies.user(person), request.headers['content-type']));
  const fields = query.get('fields');
  return {
    status: 200,
    body: listed(fields ? users.map((user) => projected(user, fields)) : users),
    links: q ? [] : linksOf(simulation, request, next, kept),
  };
};

/** The people whom the query means, in order, from its cursor on. */
function* matching(simulation: Simulation, request: ApiRequest, at: number): Generator<Person> {
  const { directory } = simulation.org;
  const { filter, search, q } = Object.fromEntries(request.query) as Record<string, string | undefined>;
  const from = startOf(request, search ? /^(?=00u)/ : /^[02](?=00u)/, (id) => simulation.org.people.ids.numberOf(id));
  const expression = filter ?? search;
  const status = /^\s*status\s+eq\s+"([A-Z_]+)"\s*$/.exec(expression ?? '')?.[1] as Status | undefined;
  const matches = status ? undefined : predicateOf(filter, search, q);
  for (const n of candidates(simulation, expression, from)) {
    const now = directory.status(n, at);
    if (now === undefined || (status && now !== status)) continue;
    if (!expression && now === 'DEPROVISIONED') continue;
    if (matches && !matches(attributesOf(simulation, n, at))) continue;
    const person = directory.person(n, at);
    if (person) yield person;
  }
}

function predicateOf(filter?: string, search?: string, q?: string): Predicate | undefined {
  if (filter) return parseFilter(filter, userFilter);
  if (search) return parseFilter(search, userSearch);
  if (!q) return undefined;
  const wanted = q.toLowerCase();
  return (attribute) =>
    ['profile.firstName', 'profile.lastName', 'profile.email'].some((name) =>
      String(attribute(name)[0]).toLowerCase().startsWith(wanted),
    );
}

/** Everybody; or the one whom an expression by id or login can mean. */
function* candidates({ org }: Simulation, expression: string | undefined, from: number): Generator<number> {
  const key = /^\s*(?:id|profile\.login)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/.exec(expression ?? '')?.[1];
  if (key) {
    const n = org.directory.find(JSON.parse(key) as string);
    if (n >= from) yield n;
    return;
  }
  for (let n = from; n < org.directory.population; n += 1) yield n;
}

/** A person's attributes for a search, each made only when it is asked for. */
function attributesOf({ org, bodies }: Simulation, n: number, at: number): Attributes {
  const { people, directory } = org;
  let known: Person | undefined;
  const person = () => (known ??= directory.person(n, at)!);
  const isAsMade = !directory.isChanged(n);
  return (attribute) => {
    if (attribute === 'id') return [people.ids.of(n)];
    if (attribute === 'status') return [directory.status(n, at)];
    if (isAsMade && attribute === 'profile.firstName') return [people.firstName(n)];
    if (isAsMade && attribute === 'profile.lastName') return [people.lastName(n)];
    if (isAsMade && attribute === 'profile.email') return [people.email(n)];
    if (isAsMade && attribute === 'profile.login') return [people.login(n)];
    if (isAsMade && attribute === 'lastUpdated') return [iso(people.lastUpdated(n))];
    if (isAsMade && attribute === 'created') return [iso(people.created(n))];
    if (attribute === 'type.id') return [bodies.type];
    if (attribute.startsWith('profile.')) {
      const profile = isAsMade ? people.profile(n) : person().profile;
      return [profile[attribute.slice('profile.'.length)]].flat();
    }
    const value = (person() as unknown as Record<string, unknown>)[attribute];
    return [typeof value === 'number' ? iso(value) : value];
  };
}

/** A search in an order of its own; the cursor is the last person of the page before. */
function sorted(simulation: Simulation, request: ApiRequest, at: number): Person[] {
  const by = request.query.get('sortBy')!;
  userSearch.check(by, 'pr');
  const direction = request.query.get('sortOrder')?.toLowerCase() === 'desc' ? -1 : 1;
  const cursor = startOf(request, /^(?=00u)/, (id) => simulation.org.people.ids.numberOf(id)) - 1;
  const whole = { ...request, query: new URLSearchParams([...request.query].filter(([name]) => name !== 'after')) };
  const keyed = Array.from(matching(simulation, whole, at), (person) => ({
    n: person.n,
    key: JSON.stringify(attributesOf(simulation, person.n, at)(by)[0] ?? '').toLowerCase(),
  }));
  keyed.sort((a, b) => (a.key === b.key ? a.n - b.n : a.key < b.key ? -direction : direction));
  const start = cursor < 0 ? 0 : keyed.findIndex(({ n }) => n === cursor) + 1;
  const limit = limitOf(request, 200, 200);
  return keyed.slice(start, start + limit + 1).map(({ n }) => simulation.org.directory.person(n, at)!);
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

/** Changes whenever the person does, twice in a millisecond too. */
export const etagOf = ({ bodies }: Simulation, person: Person): string =>
  `W/"${createHash('sha256').update(bodies.user(person)).digest('hex')}"`;

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
