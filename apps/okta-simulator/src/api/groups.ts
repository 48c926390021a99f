import { notFound } from '../http/refusals.js';
import type { Group } from '../org/catalogue.js';
import type { Handler, Simulation } from '../simulation.js';
import { limitOf, linksOf, listed, pageOf, startOf } from './paging.js';
import { attributesOf, groupFilter, groupSearch, parseFilter } from './scim-filter.js';

export function groupOf({ org }: Simulation, id: string): Group {
  const group = org.group(id);
  if (!group) throw notFound(id, 'UserGroup');
  return group;
}

export const listGroups: Handler = (simulation, request) => {
  const { org, bodies } = simulation;
  const { query } = request;
  const q = query.get('q')?.toLowerCase();
  const search = query.get('search');
  const filter = query.get('filter');
  const matches = filter ? parseFilter(filter, groupFilter) : search ? parseFilter(search, groupSearch) : undefined;
  const from = startOf(request, /^(?=00g)/, (id) => org.groupIds.numberOf(id));
  const groups = org
    .allGroups()
    .filter((group) => group.n >= from && (!q || group.name.toLowerCase().startsWith(q)))
    .map((group) => bodies.group(group))
    .filter((group) => !matches || matches(attributesOf(JSON.parse(group))));
  const { items, isLast } = pageOf(groups, q ? limitOf(request, 300, 300) : limitOf(request, 10_000, 10_000));
  const next = isLast || q ? undefined : (JSON.parse(items.at(-1)!) as { id: string }).id;
  const stats = query.get('expand') === 'stats';
  return {
    status: 200,
    body: listed(stats ? items.map((group) => withStats(simulation, group)) : items),
    // With `q` there is no Link at all, and no second page.
    links: q ? [] : linksOf(simulation, request, next, ['limit', 'filter', 'search']),
  };
};

function withStats({ org }: Simulation, json: string): string {
  const group = JSON.parse(json) as { id: string };
  const n = org.groupIds.numberOf(group.id);
  const usersCount = org.memberships.count(n);
  const appsCount = org.allApps().filter((app) => org.assignments.groupsOf(app.n).includes(n)).length;
  const stats = { usersCount, appsCount, groupPushMappingsCount: 0, hasAdminPrivilege: false };
  return JSON.stringify({ ...group, _embedded: { stats } });
}

export const getGroup: Handler = (simulation, _request, id = '') => ({
  status: 200,
  body: simulation.bodies.group(groupOf(simulation, id)),
});

/** No filter here: the deprovisioned are among the members. */
export const listGroupUsers: Handler = (simulation, request, id = '') => {
  const { org, bodies } = simulation;
  const group = groupOf(simulation, id);
  const from = startOf(request, /^(?=00u)/, (user) => org.people.ids.numberOf(user));
  const { items, isLast } = pageOf(org.memberships.members(group.n, from), limitOf(request, 1_000, 1_000));
  const next = isLast ? undefined : org.people.ids.of(items.at(-1)!);
  return {
    status: 200,
    body: listed(items.map((n) => bodies.user(org.directory.person(n)!))),
    links: linksOf(simulation, request, next, ['limit']),
  };
};

export const listGroupApps: Handler = (simulation, request, id = '') => {
  const { org, bodies } = simulation;
  const group = groupOf(simulation, id);
  const from = startOf(request, /^(?=0oa)/, (app) => org.appIds.numberOf(app));
  const apps = org.allApps().filter((app) => app.n >= from && org.assignments.groupsOf(app.n).includes(group.n));
  const { items, isLast } = pageOf(apps, limitOf(request, 20, 200));
  const next = isLast ? undefined : items.at(-1)!.id;
  return {
    status: 200,
    body: listed(items.map((app) => bodies.app(app))),
    links: linksOf(simulation, request, next, ['limit']),
  };
};

/** The org has no rules; people are in groups by hand or by their app. */
export const listGroupRules: Handler = (simulation, request) => {
  limitOf(request, 50, 200);
  return { status: 200, body: '[]', links: linksOf(simulation, request, undefined, []) };
};
