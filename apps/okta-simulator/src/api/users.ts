import { createHash } from 'node:crypto';
import { invalid, notFound, refusal } from '../http/refusals.js';
import type { Person } from '../org/people.js';
import type { Handler, Simulation } from '../simulation.js';
import { sees } from './groups.js';
import { indexedAt, limitOf, linksOf, listed, pageOf, startOf } from './paging.js';
import { omitted, projected } from './projection.js';
import { matching, sorted } from './user-search.js';

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
