import { notFound } from '../http/refusals.js';
import { iso } from '../iso.js';
import type { Group } from '../org/catalogue.js';
import type { Person, Profile } from '../org/people.js';
import { meets, type Rule } from '../org/rules.js';
import type { ApiRequest, Handler, Simulation } from '../simulation.js';
import { actorOf } from './acting.js';
import { limitOf, linksOf, listed, pageOf, startOf } from './paging.js';

function bodyOf({ org }: Simulation, rule: Rule): string {
  const group = org.groups[rule.group];
  return JSON.stringify({
    type: 'group_rule',
    id: rule.id,
    // A rule whose group is gone can do nothing.
    status: group ? 'ACTIVE' : 'INVALID',
    name: `${rule.department} → ${group?.name ?? 'deleted'}`.slice(0, 50),
    created: iso(rule.created),
    lastUpdated: iso(rule.lastUpdated),
    conditions: {
      people: { users: { exclude: [...rule.excluded] }, groups: { exclude: [] } },
      expression: { value: `user.department=="${rule.department}"`, type: 'urn:okta:expression:1.0' },
    },
    actions: { assignUserToGroups: { groupIds: [org.groupIds.of(rule.group)] } },
  });
}

export const listGroupRules: Handler = (simulation, request) => {
  const { org } = simulation;
  const from = startOf(request, /^(?=0pr)/, (id) => org.ruleIds.numberOf(id));
  const { items, isLast } = pageOf(org.rules.slice(from), limitOf(request, 50, 200));
  const next = isLast ? undefined : items.at(-1)!.id;
  return {
    status: 200,
    body: listed(items.map((rule) => bodyOf(simulation, rule))),
    links: linksOf(simulation, request, next, ['limit']),
  };
};

export const getGroupRule: Handler = (simulation, _request, id = '') => {
  const rule = simulation.org.rules[simulation.org.ruleIds.numberOf(id)];
  if (!rule) throw notFound(id, 'GroupRule');
  return { status: 200, body: bodyOf(simulation, rule) };
};

/** Somebody whom a rule put into a group and who is taken out by hand is kept out of it by the rule from then on. */
export function excludeFromRules({ org, clock }: Simulation, group: Group, person: Person): void {
  for (const rule of org.rules)
    if (rule.group === group.n && meets(rule, person.profile)) {
      rule.excluded.add(org.people.ids.of(person.n));
      rule.lastUpdated = clock.now();
    }
}

/** Lets the rules put a person into groups and take them out, after a change of their profile or an activation. */
export function applyRules(simulation: Simulation, request: ApiRequest, person: Person, before: Profile): void {
  const { org } = simulation;
  for (const rule of org.rules) {
    const group = org.groups[rule.group];
    if (!group || rule.excluded.has(org.people.ids.of(person.n))) continue;
    const isIn = org.memberships.isMember(group.n, person.n);
    const belongs = meets(rule, person.profile);
    // Somebody put there by hand stays, whatever the rule says.
    if (belongs ? !isIn : isIn && meets(rule, before)) setMembership(simulation, request, group, person, belongs, true);
  }
}

/** Puts a person into a group or takes them out, and gives or takes the apps that it alone grants. */
export function setMembership(
  { org, changes, clock }: Simulation,
  request: ApiRequest,
  group: Group,
  person: Person,
  isMember: boolean,
  bySystem = false,
): void {
  const apps = org.assignments.grantedBy(group.n);
  const held = apps.map((app) => org.assignments.find(app, person.n) !== undefined);
  org.memberships.set(group.n, person.n, isMember, clock.now());
  org.assignments.noteAccess(person.n, apps, clock.now());
  changes.record(actorOf(request), {
    eventType: `group.user_membership.${isMember ? 'add' : 'remove'}`,
    message: isMember ? 'Add user to group membership' : 'Remove user from group membership',
    targets: [changes.user(person), changes.group(group)],
    bySystem,
  });
  for (const [at, n] of apps.entries()) {
    const app = org.apps[n];
    const holds = org.assignments.find(n, person.n) !== undefined;
    if (app && holds !== held[at]) changes.assignment(actorOf(request), app, person, holds ? 'add' : 'remove', true);
  }
}
