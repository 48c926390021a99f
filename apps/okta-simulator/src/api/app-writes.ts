import { invalid, notFound, refusal } from '../http/refusals.js';
import type { App } from '../org/catalogue.js';
import type { Assignment } from '../org/assignments.js';
import type { Handler } from '../simulation.js';
import { actorOf, noContent, nothing } from './acting.js';
import { appOf } from './apps.js';
import { groupOf } from './groups.js';
import { objectOf, personOf } from './users.js';

const ssoOnly = ['SAML_2_0', 'OPENID_CONNECT', 'WS_FEDERATION', 'BOOKMARK'];
/** Mapped from the person's own profile. */
const pushed = ['email', 'given_name', 'family_name', 'name'];
const assignable = ['email', 'name', 'given_name', 'family_name', 'preferred_username', 'role', 'locale', 'zoneinfo'];

export const assignUser: Handler = (simulation, request, id = '') => {
  const { org, bodies, clock, options } = simulation;
  const app = appOf(simulation, id);
  const body = objectOf(request.body, 'assignment');
  if (typeof body.id !== 'string') throw invalid('assignment', 'id: The field cannot be left blank');
  if (app.status === 'INACTIVE') throw notFound(id, 'AppInstance');
  const person = personOf(simulation, body.id);
  if (['DEPROVISIONED', 'SUSPENDED'].includes(person.status)) throw refusal('E0000117');
  const given = checkedAssignment(app, body);
  const before = org.assignments.find(app.n, person.n);
  if (before?.scope === 'USER' && options.unknowns.repeatedAssignment === 409) throw refusal('E0000062');
  if (before?.scope === 'USER' && Object.keys(given).length === 0)
    return { status: 200, body: bodies.appUser(app, before, person) };
  const status = app.features.length > 0 ? 'PROVISIONED' : 'ACTIVE';
  const assignment: Assignment = {
    person: person.n,
    scope: 'USER',
    status,
    group: null,
    created: clock.now(),
    ...given,
  };
  org.assignments.assign(app.n, assignment);
  const isRenamed = before !== undefined && given.userName !== undefined && given.profile === undefined;
  simulation.changes.assignment(
    actorOf(request),
    app,
    person,
    before ? (isRenamed ? 'change_username' : 'update') : 'add',
  );
  return { status: 200, body: bodies.appUser(app, assignment, person) };
};

/** What of an assignment's body the app takes. */
function checkedAssignment(app: App, body: Record<string, unknown>): Pick<Assignment, 'userName' | 'profile'> {
  const profile = body.profile === undefined ? undefined : objectOf(body.profile, 'assignment');
  const unknown = Object.keys(profile ?? {}).filter((name) => !assignable.includes(name));
  if (unknown.length > 0) throw invalid('assignment', ...unknown.map((name) => `Property '${name}' not found`));
  const mapped = Object.keys(profile ?? {}).find((name) => pushed.includes(name));
  if (mapped && app.features.includes('PUSH_PROFILE_UPDATES')) throw refusal('E0000075', [], mapped);
  const credentials = (body.credentials ?? {}) as { userName?: unknown; password?: unknown };
  if (credentials.password !== undefined && ssoOnly.includes(app.signOnMode)) throw refusal('E0000041');
  if (body.credentials !== undefined && typeof credentials.userName !== 'string')
    throw invalid('credentials.userName', 'credentials.userName: The field cannot be left blank');
  return {
    ...(typeof credentials.userName === 'string' && { userName: credentials.userName }),
    ...(profile && { profile }),
  };
}

export const unassignUser: Handler = (simulation, request, id = '', key = '') => {
  const { org, clock } = simulation;
  const app = appOf(simulation, id);
  const person = personOf(simulation, key);
  if (!org.assignments.find(app.n, person.n)) throw notFound(key, 'AppUser');
  if (app.features.includes('PROFILE_MASTERING')) throw refusal('E0000076');
  if (org.assignments.grantingGroup(app.n, person.n) !== undefined)
    throw refusal('E0000046', [
      'The application cannot be unassigned from the user while their group memberships grant them access.',
    ]);
  org.assignments.unassign(app.n, person.n, clock.now());
  simulation.changes.assignment(actorOf(request), app, person, 'remove');
  return noContent;
};

const setGroup =
  (isAssigned: boolean): Handler =>
  (simulation, request, id = '', key = '') => {
    const { org, changes, bodies } = simulation;
    const app = appOf(simulation, id);
    const group = groupOf(simulation, key);
    const had = org.assignments.groupsOf(app.n).includes(group.n);
    if (isAssigned && app.status === 'INACTIVE') throw notFound(id, 'AppInstance');
    if (!isAssigned && !had) throw notFound(key, 'ApplicationGroupAssignment');
    if (had !== isAssigned) {
      org.assignments.setGroup(app.n, group.n, isAssigned);
      changes.record(actorOf(request), {
        eventType: `group.application_assignment.${isAssigned ? 'add' : 'remove'}`,
        message: isAssigned ? 'Assign application to group' : 'Remove application from group',
        targets: [changes.group(group), changes.appInstance(app)],
      });
    }
    if (!isAssigned) return noContent;
    return { status: 200, body: bodies.appGroup(app, group, org.assignments.groupsOf(app.n).indexOf(group.n)) };
  };

export const assignGroup = setGroup(true);
export const unassignGroup = setGroup(false);

const switchApp =
  (status: App['status']): Handler =>
  (simulation, request, id = '') => {
    const { org, changes, clock } = simulation;
    const app = appOf(simulation, id);
    if (app.isOktas) throw refusal('E0000024');
    if (app.status === status) return nothing;
    org.putApp(app.n, { ...app, status, lastUpdated: clock.now() }, clock.now());
    if (status === 'ACTIVE') org.assignments.reopen(app.n, clock.now());
    else org.assignments.close(app.n, clock.now());
    changes.record(actorOf(request), {
      eventType: `application.lifecycle.${status === 'ACTIVE' ? 'activate' : 'deactivate'}`,
      message: status === 'ACTIVE' ? 'Activate application' : 'Deactivate application',
      targets: [changes.appInstance(app)],
    });
    return nothing;
  };

export const activateApp = switchApp('ACTIVE');
export const deactivateApp = switchApp('INACTIVE');

export const deleteApp: Handler = (simulation, request, id = '') => {
  const { org, changes, clock } = simulation;
  const app = appOf(simulation, id);
  if (app.status === 'ACTIVE') throw refusal('E0000056', ['The application must be deactivated before deletion.']);
  org.putApp(app.n, undefined, clock.now());
  org.assignments.close(app.n, clock.now());
  changes.record(actorOf(request), {
    eventType: 'application.lifecycle.delete',
    message: 'Delete application',
    targets: [changes.appInstance(app)],
  });
  return noContent;
};

export const createApp: Handler = (simulation, request) => {
  const { org, changes, clock, bodies } = simulation;
  const { label, name, signOnMode } = objectOf(request.body, 'app');
  if (typeof label !== 'string' || label === '') throw invalid('label', 'label: The field cannot be left blank');
  const now = clock.now();
  const n = org.apps.length;
  const app: App = {
    n,
    id: org.appIds.of(n),
    name: typeof name === 'string' ? name : `acme_custom_${n}`,
    label,
    displayName: typeof name === 'string' ? name : 'Custom app',
    status: 'ACTIVE',
    signOnMode: typeof signOnMode === 'string' ? signOnMode : 'BOOKMARK',
    features: [],
    created: now,
    lastUpdated: now,
    isOktas: false,
    isHardlyUsed: false,
  };
  org.putApp(n, app, now);
  org.assignments.addApp();
  changes.record(actorOf(request), {
    eventType: 'application.lifecycle.create',
    message: 'Create application',
    targets: [changes.appInstance(app)],
  });
  return { status: 200, body: bodies.app(app) };
};
