import { invalid, refusal } from '../http/refusals.js';
import type { Group } from '../org/catalogue.js';
import type { ApiRequest, Handler, Simulation } from '../simulation.js';
import { actorOf, noContent } from './acting.js';
import { groupOf } from './groups.js';
import { excludeFromRules, setMembership } from './rules.js';
import { objectOf, personOf } from './users.js';

/** Groups of an app belong to the app, and Everyone to nobody. */
function manageable(simulation: Simulation, id: string): Group {
  const group = groupOf(simulation, id);
  if (group.type === 'APP_GROUP') throw refusal('E0000006');
  if (group.type === 'BUILT_IN') throw refusal('E0000060');
  return group;
}

const setMember =
  (isMember: boolean): Handler =>
  (simulation, request, id = '', key = '') => {
    const { org } = simulation;
    const group = manageable(simulation, id);
    const person = personOf(simulation, key);
    if (org.memberships.isMember(group.n, person.n) === isMember) return noContent;
    if (!isMember) excludeFromRules(simulation, group, person);
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
