import { invalid, refusal } from '../http/refusals.js';
import type { Group } from '../org/catalogue.js';
import type { Person } from '../org/people.js';
import type { ApiRequest, Handler, Simulation } from '../simulation.js';
import { actorOf, noContent } from './acting.js';
import { groupOf } from './groups.js';
import { objectOf, personOf } from './users.js';

/** Groups of an app belong to the app, and Everyone to nobody. */
function manageable(simulation: Simulation, id: string): Group {
  const group = groupOf(simulation, id);
  if (group.type === 'APP_GROUP') throw refusal('E0000006');
  if (group.type === 'BUILT_IN') throw refusal('E0000060');
  return group;
}

/** Puts a person into a group or takes them out, and gives or takes the apps that it alone grants. */
function setMembership(
  { org, changes, clock }: Simulation,
  request: ApiRequest,
  group: Group,
  person: Person,
  isMember: boolean,
): void {
  const apps = org.assignments.grantedBy(group.n);
  const held = apps.map((app) => org.assignments.find(app, person.n) !== undefined);
  org.memberships.set(group.n, person.n, isMember, clock.now());
  org.assignments.noteAccess(person.n, apps, clock.now());
  for (const [at, n] of apps.entries()) {
    const app = org.apps[n];
    const holds = org.assignments.find(n, person.n) !== undefined;
    if (app && holds !== held[at]) changes.assignment(actorOf(request), app, person, holds ? 'add' : 'remove', true);
  }
}

const setMember =
  (isMember: boolean): Handler =>
  (simulation, request, id = '', key = '') => {
    const { org, changes } = simulation;
    const group = manageable(simulation, id);
    const person = personOf(simulation, key);
    if (org.memberships.isMember(group.n, person.n) === isMember) return noContent;
    changes.record(actorOf(request), {
      eventType: `group.user_membership.${isMember ? 'add' : 'remove'}`,
      message: isMember ? 'Add user to group membership' : 'Remove user from group membership',
      targets: [changes.user(person), changes.group(group)],
    });
    setMembership(simulation, request, group, person, isMember);
    return noContent;
  };

export const addMember = setMember(true);
export const removeMember = setMember(false);

function profileIn(request: ApiRequest): { name: string; description: string | null } {
  const { name, description } = objectOf(objectOf(request.body, 'group').profile, 'group');
  if (typeof name !== 'string' || name === '' || name.length > 255)
    throw invalid('name', 'name: The field cannot be left blank');
  return { name, description: typeof description === 'string' ? description : null };
}

export const createGroup: Handler = (simulation, request) => {
  const { org, changes, clock, bodies } = simulation;
  const profile = profileIn(request);
  if (org.allGroups().some(({ name }) => name === profile.name))
    throw invalid('name', 'name: An object with this field already exists in the current organization');
  const now = clock.now();
  const n = org.groups.length;
  const group: Group = {
    n,
    id: org.groupIds.of(n),
    type: 'OKTA_GROUP',
    ...profile,
    created: now,
    lastUpdated: now,
    lastMembershipUpdated: now,
    source: null,
  };
  org.putGroup(n, group, now);
  org.memberships.addGroup();
  changes.record(actorOf(request), {
    eventType: 'group.lifecycle.create',
    message: 'Create Okta group',
    targets: [changes.group(group)],
  });
  return { status: 200, body: bodies.group(group) };
};

export const updateGroup: Handler = (simulation, request, id = '') => {
  const { org, changes, clock, bodies } = simulation;
  const group = { ...manageable(simulation, id), ...profileIn(request), lastUpdated: clock.now() };
  org.putGroup(group.n, group, clock.now());
  changes.record(actorOf(request), {
    eventType: 'group.profile.update',
    message: 'Update group profile',
    targets: [changes.group(group)],
  });
  return { status: 200, body: bodies.group(group) };
};

export const deleteGroup: Handler = (simulation, request, id = '') => {
  const { org, changes, clock } = simulation;
  const group = manageable(simulation, id);
  for (const app of org.allApps()) org.assignments.setGroup(app.n, group.n, false);
  org.putGroup(group.n, undefined, clock.now());
  changes.record(actorOf(request), {
    eventType: 'group.lifecycle.delete',
    message: 'Delete Okta group',
    targets: [changes.group(group)],
  });
  return noContent;
};
