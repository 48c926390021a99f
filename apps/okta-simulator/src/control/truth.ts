import type { SignIn } from '../log/system-log.js';
import type { Simulation } from '../simulation.js';
import { iso } from '../iso.js';

const day = 86_400_000;

/** What is so in the org, line by line, for a test to hold a client to. */
export const truths: Record<string, (simulation: Simulation, query: URLSearchParams) => Iterable<object>> = {
  people,
  groups: ({ org }) => org.allGroups().map(({ id, type, name, source }) => ({ id, type, name, source })),
  memberships,
  rules: ({ org }) =>
    org.rules.map(({ id, group, department, excluded }) => ({
      id,
      group: org.groupIds.of(group),
      department,
      excluded: [...excluded],
    })),
  apps: ({ org }) =>
    org.allApps().map(({ id, name, label, status, signOnMode, isHardlyUsed }) => ({
      id,
      name,
      label,
      status,
      signOnMode,
      isHardlyUsed,
    })),
  assignments,
  'group-assignments': groupAssignments,
  usage,
};

function* people({ org }: Simulation): Generator<object> {
  for (let n = 0; n < org.directory.population; n += 1) {
    const person = org.directory.person(n);
    if (!person) continue;
    const { status, created, activated, lastUpdated, profile } = person;
    yield {
      id: org.people.ids.of(n),
      status,
      created: iso(created),
      activated: activated === null ? null : iso(activated),
      lastUpdated: iso(lastUpdated),
      profile,
    };
  }
}

function* memberships({ org }: Simulation): Generator<object> {
  for (const group of org.allGroups())
    for (const n of org.memberships.members(group.n)) yield { group: group.id, person: org.people.ids.of(n) };
}

function* assignments({ org }: Simulation): Generator<object> {
  for (const app of org.allApps())
    for (const { person, scope, status, group, created } of org.assignments.of(app.n))
      yield {
        app: app.id,
        person: org.people.ids.of(person),
        scope,
        status,
        group: group === null ? null : org.groupIds.of(group),
        created: iso(created),
      };
}

function* groupAssignments({ org }: Simulation): Generator<object> {
  for (const app of org.allApps())
    for (const [priority, group] of org.assignments.groupsOf(app.n).entries())
      yield { app: app.id, group: org.groupIds.of(group), priority };
}

/** A moment of the query, or what is taken without one. Throws a RangeError for what is none. */
export function momentOf(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw new RangeError(`${name} is not a date`);
  return moment;
}

/** From when to before when usage is counted: 30 days up to now, unless `since` and `until` say otherwise. */
function windowOf({ clock }: Simulation, query: URLSearchParams): { since: number; until: number; now: number } {
  const now = clock.now();
  const from = momentOf(query, 'from', now - 30 * day);
  return {
    since: momentOf(query, 'since', from),
    until: momentOf(query, 'until', query.has('to') ? momentOf(query, 'to', now) + day : now + 1),
    now,
  };
}

/**
 * Sign-ins by person, app and day (UTC), with `by=hour` and hour: as many as there are events, each uuid once. A day, or an
 * hour, at a time, so memory is flat.
 */
function* usage(simulation: Simulation, query: URLSearchParams): Generator<object> {
  const { since, until, now } = windowOf(simulation, query);
  const isByHour = query.get('by') === 'hour';
  const step = isByHour ? day / 24 : day;
  for (let start = Math.floor(since / step) * step; start < until; start += step) {
    const counts = new Map<string, number>();
    simulation.log.signIns(Math.max(since, start), Math.min(until, start + step), now, (signIn) => {
      if (signIn === 'unknownActor' || signIn.app === null) return;
      const key = `${signIn.person} ${signIn.app}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    });
    const at = { day: iso(start).slice(0, 10), ...(isByHour && { hour: new Date(start).getUTCHours() }) };
    for (const [key, count] of counts) {
      const [person, app] = key.split(' ');
      yield { person, app, ...at, count };
    }
  }
}

/** The counts of everything: people by status, assignments, sign-ins, and those that cannot be counted for anybody. */
export function summaryOf(simulation: Simulation, query: URLSearchParams): object {
  const { org, log } = simulation;
  const { since, until, now } = windowOf(simulation, query);
  const byStatus: Record<string, number> = {};
  let total = 0;
  for (let n = 0; n < org.directory.population; n += 1) {
    const status = org.directory.status(n);
    if (!status) continue;
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    total += 1;
  }
  const signIns = { toOkta: 0, toApps: 0, unattributed: 0, unknownActor: 0 };
  const count = (signIn: SignIn | 'unknownActor') => {
    if (signIn === 'unknownActor') signIns.unknownActor += 1;
    else if (signIn.app === 'okta') signIns.toOkta += 1;
    else if (signIn.app === null) signIns.unattributed += 1;
    else signIns.toApps += 1;
  };
  log.signIns(since, until, now, count);
  return {
    org: org.id,
    now: iso(now),
    since: iso(since),
    until: iso(until),
    people: { total, byStatus },
    groups: org.allGroups().length,
    memberships: sizeOf(memberships(simulation)),
    apps: org.allApps().length,
    assignments: sizeOf(assignments(simulation)),
    groupAssignments: sizeOf(groupAssignments(simulation)),
    signIns,
  };
}

function sizeOf(items: Iterable<unknown>): number {
  const iterator = items[Symbol.iterator]();
  let size = 0;
  while (!iterator.next().done) size += 1;
  return size;
}
