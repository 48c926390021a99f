import { notFound } from '../http/refusals.js';
import type { ApiToken } from '../http/tokens.js';
import type { Group } from '../org/catalogue.js';
import type { Handler, Simulation } from '../simulation.js';
import { indexedAt, limitOf, linksOf, listed, pageOf, startOf } from './paging.js';
import { attributesOf, groupFilter, groupSearch, parseFilter } from './scim-filter.js';

/** The group that a part of a path names, if `reader` may see it. */
export function groupOf({ org }: Simulation, id: string, reader?: ApiToken): Group {
  const group = org.group(id);
  if (!group || (reader && !sees(reader, group))) throw notFound(id, 'UserGroup');
  return group;
}

/** A group administrator does not see Everyone. */
export const sees = ({ roles }: ApiToken, { type }: Group): boolean =>
  type !== 'BUILT_IN' || roles.length === 0 || roles.some((role) => role !== 'USER_ADMIN');

export const listGroups: Handler = (simulation, request) => {
  const { org, bodies } = simulation;
  const { query } = request;
  const q = query.get('q')?.toLowerCase();
  const search = query.get('search');
  const filter = query.get('filter');
  const expression = filter ? parseFilter(filter, groupFilter) : search ? parseFilter(search, groupSearch) : undefined;
  const matches = expression?.matches;
  const from = startOf(request, /^(?=00g)/, (id) => org.groupIds.numberOf(id));
  const all = q || matches ? org.formerGroups.at(indexedAt(simulation), org.groups) : org.allGroups();
  const groups = all
    .filter((group) => group.n >= from && sees(request.token, group))
    .filter((group) => !q || group.name.toLowerCase().startsWith(q))
    .map((group) => bodies.group(group))
    .filter((group) => !matches || matches(attributesOf(JSON.parse(group))));
  const { items, isLast } = pageOf(groups, q ? limitOf(request, 300, 300) : limitOf(request, 10_000, 10_000));
  const next = isLast || q ? undefined : (JSON.parse(items.at(-1)!) as { id: string }).id;
  const expand = query.get('expand')?.split(',') ?? [];
  return {
    status: 200,
    body: listed(expand.length > 0 ? items.map((group) => expanded(simulation, group, expand)) : items),
    // With `q` there is no Link at all, and no second page.
    links: q ? [] : linksOf(simulation, request, next, ['limit', 'filter', 'search']),
  };
};

/** With what `expand` asks for beside it: counts, or the app that it comes from. */
function expanded({ org, bodies }: Simulation, json: string, expand: string[]): string {
  const group = JSON.parse(json) as { id: string; source?: { id: string } };
  const n = org.groupIds.numberOf(group.id);
  const source = expand.includes('app') && group.source ? org.app(group.source.id) : undefined;
  const stats = expand.includes('stats') && {
    usersCount: org.memberships.count(n),
    appsCount: org.allApps().filter((app) => org.assignments.groupsOf(app.n).includes(n)).length,
    groupPushMappingsCount: 0,
    hasAdminPrivilege: false,
  };
  const _embedded = { ...(stats && { stats }), ...(source && { app: JSON.parse(bodies.app(source)) as object }) };
  return JSON.stringify({ ...group, _embedded });
}

export const getGroup: Handler = (simulation, request, id = '') => ({
  status: 200,
  body: simulation.bodies.group(groupOf(simulation, id, request.token)),
});

/** No filter here: the deprovisioned are among the members. */
export const listGroupUsers: Handler = (simulation, request, id = '') => {
  const { org, bodies } = simulation;
  const group = groupOf(simulation, id, request.token);
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
