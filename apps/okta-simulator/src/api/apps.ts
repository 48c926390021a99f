import { badCursor, notFound } from '../http/refusals.js';
import type { Assignment } from '../org/assignments.js';
import type { App } from '../org/catalogue.js';
import type { Person } from '../org/people.js';
import type { Handler, Simulation } from '../simulation.js';
import { indexedAt, limitOf, linksOf, listed, pageOf, startOf } from './paging.js';
import { appFilter, attributesOf, parseFilter } from './scim-filter.js';
import { personOf } from './users.js';

const thinnedAway = ['accessibility', 'visibility', 'credentials', 'universalLogout', 'settings'];

export function appOf({ org }: Simulation, id: string): App {
  const app = org.app(id);
  if (!app) throw notFound(id, 'AppInstance');
  return app;
}

export const listApps: Handler = (simulation, request) => {
  const { org, bodies } = simulation;
  const { query } = request;
  const filter = query.get('filter');
  const q = query.get('q')?.toLowerCase();
  const matches = filter ? parseFilter(filter, appFilter).matches : undefined;
  const from = startOf(request, /^(?=0oa)/, (id) => org.appIds.numberOf(id));
  const all = filter || q ? org.formerApps.at(indexedAt(simulation), org.apps) : org.allApps();
  const apps = all.filter((app) => {
    if (app.n < from || (q && !app.label.toLowerCase().startsWith(q) && !app.name.startsWith(q))) return false;
    const own = matches && attributesOf(JSON.parse(bodies.app(app)));
    return !matches || matches((name) => holders(simulation, app, filter!, name) ?? own!(name));
  });
  const { items, isLast } = pageOf(apps, limitOf(request, 20, 200));
  const next = isLast ? undefined : items.at(-1)!.id;
  const write = writerOf(simulation, query);
  return {
    status: 200,
    body: listed(items.map((app) => write(app))),
    links: linksOf(simulation, request, next, ['limit', 'filter', 'q', 'includeNonDeleted', 'useOptimization']),
  };
};

/** What a filter by `user.id` or `group.id` compares; undefined for an attribute of the app's own. */
function holders({ org }: Simulation, app: App, filter: string, attribute: string): string[] | undefined {
  if (attribute === 'group.id') return org.assignments.groupsOf(app.n).map((group) => org.groupIds.of(group));
  if (attribute !== 'user.id') return undefined;
  const wanted = org.people.ids.numberOf(/user\.id\s+eq\s+"([^"]+)"/.exec(filter)?.[1] ?? '');
  const isHeld = wanted >= 0 && org.directory.exists(wanted) && org.assignments.find(app.n, wanted);
  return isHeld ? [org.people.ids.of(wanted)] : [];
}

/** How a list writes its apps: thinned by `useOptimization`, with an assignment by `expand=user/{id}`. */
function writerOf({ org, bodies }: Simulation, query: URLSearchParams): (app: App) => string {
  const n = org.people.ids.numberOf(/^user\/(\w+)$/.exec(query.get('expand') ?? '')?.[1] ?? '');
  const person = n < 0 ? undefined : org.directory.person(n);
  const isThin = query.get('useOptimization') === 'true';
  if (!person && !isThin) return (app) => bodies.app(app);
  return (app) => {
    const whole = JSON.parse(bodies.app(app)) as Record<string, unknown>;
    const assignment = person && org.assignments.find(app.n, person.n);
    if (isThin) for (const name of thinnedAway) delete whole[name];
    if (assignment) whole._embedded = { user: JSON.parse(bodies.appUser(app, assignment, person)) as object };
    return JSON.stringify(whole);
  };
}

export const getApp: Handler = (simulation, _request, id = '') => ({
  status: 200,
  body: simulation.bodies.app(appOf(simulation, id)),
});

export const listAppUsers: Handler = (simulation, request, id = '') => {
  const { org, bodies } = simulation;
  const app = appOf(simulation, id);
  const q = request.query.get('q')?.toLowerCase();
  // The cursor is the assignment's own id, which appears nowhere in the body.
  const from = startOf(request, /^(?=0ua)/, (cursor) => org.people.ids.numberOf(`00u${cursor.slice(3)}`));
  const assigned = holdersOf(simulation, app, from, q);
  const { items, isLast } = pageOf(assigned, limitOf(request, 50, 500));
  const next = isLast ? undefined : `0ua${org.people.ids.of(items.at(-1)!.person.n).slice(3)}`;
  const isExpanded = request.query.get('expand') === 'user';
  return {
    status: 200,
    body: listed(items.map(({ assignment, person }) => bodies.appUser(app, assignment, person, isExpanded))),
    // `expand` is forgotten from the second page on, as Okta does.
    links: linksOf(simulation, request, next, ['limit', 'q']),
  };
};

function* holdersOf(
  { org }: Simulation,
  app: App,
  from: number,
  q: string | undefined,
): Generator<{ assignment: Assignment; person: Person }> {
  for (const assignment of org.assignments.of(app.n, from)) {
    const person = org.directory.person(assignment.person)!;
    const { login, firstName, lastName } = person.profile;
    if (!q || [login, firstName, lastName].some((name) => String(name).toLowerCase().startsWith(q)))
      yield { assignment, person };
  }
}

export const getAppUser: Handler = (simulation, _request, id = '', key = '') => {
  const app = appOf(simulation, id);
  const person = personOf(simulation, key);
  const assignment = simulation.org.assignments.find(app.n, person.n);
  if (!assignment) throw notFound(key, 'AppUser');
  return { status: 200, body: simulation.bodies.appUser(app, assignment, person) };
};

export const listAppGroups: Handler = (simulation, request, id = '') => {
  const { org, bodies } = simulation;
  const app = appOf(simulation, id);
  const all = org.assignments.groupsOf(app.n);
  const cursor = request.query.get('after');
  const from = cursor === null ? 0 : all.indexOf(org.groupIds.numberOf(cursor)) + 1;
  if (cursor !== null && from === 0) throw badCursor();
  const { items, isLast } = pageOf(all.slice(from), limitOf(request, 20, 200, 20));
  const next = isLast ? undefined : org.groupIds.of(items.at(-1)!);
  const body = items.map((group, at) => bodies.appGroup(app, org.groups[group]!, from + at));
  return { status: 200, body: listed(body), links: linksOf(simulation, request, next, ['limit']) };
};

export const getAppGroup: Handler = (simulation, _request, id = '', key = '') => {
  const app = appOf(simulation, id);
  const at = simulation.org.assignments.groupsOf(app.n).indexOf(simulation.org.groupIds.numberOf(key));
  const group = simulation.org.group(key);
  if (at < 0 || !group) throw notFound(key, 'ApplicationGroupAssignment');
  return { status: 200, body: simulation.bodies.appGroup(app, group, at) };
};
