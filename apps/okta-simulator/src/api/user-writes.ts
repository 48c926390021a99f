import type { Person, Profile, Provider, Status } from '../org/people.js';
import { invalid, notFound, refusal } from '../http/refusals.js';
import type { ApiRequest, Handler, Simulation } from '../simulation.js';
import { actorOf, flagOf } from './acting.js';
import { activatePerson, move } from './lifecycle.js';
import { checkNotDelegated, checkPolicy, keepPassword, passwordIn } from './passwords.js';
import { checkProfile, merged } from './profiles.js';
import { applyRules } from './rules.js';
import { etagOf, objectOf, personOf } from './users.js';

const mostGroups = 20;

interface NewCredentials {
  password?: { value?: unknown; hash?: unknown };
  provider?: { type?: Provider };
}

export const createUser: Handler = (simulation, request) => {
  const { org, bodies, changes, clock } = simulation;
  const body = objectOf(request.body, 'newUser');
  const given = objectOf(body.profile, 'newUser') as Profile;
  const profile = merged({}, given, false);
  checkProfile(simulation, { ...given, ...profile }, 'newUser');
  const credentials = (body.credentials ?? {}) as NewCredentials;
  const isHashed = credentials.password?.hash !== undefined;
  const password =
    credentials.password === undefined || isHashed ? undefined : passwordIn(credentials.password, 'password');
  const isToActivate = flagOf(request, 'activate', true);
  const expires = request.query.get('nextLogin') === 'changePassword';
  if (expires && !isToActivate) throw refusal('E0000125');
  if (expires && password === undefined) throw refusal('E0000124');
  if (password !== undefined) checkPolicy(simulation, password, String(profile.login));
  const groups = groupsIn(simulation, body.groupIds);
  const now = clock.now();
  const person = org.directory.add({
    status: 'STAGED',
    created: now,
    activated: null,
    statusChanged: null,
    lastLogin: null,
    lastUpdated: now,
    passwordChanged: password === undefined && !isHashed ? null : now,
    hasPassword: password !== undefined || isHashed,
    provider: isHashed ? 'IMPORT' : providerIn(credentials),
    transitioningToStatus: null,
    profile,
    lostDirectAssignments: false,
  });
  if (password !== undefined) keepPassword(simulation, person, password);
  changes.record(actorOf(request), {
    eventType: 'user.lifecycle.create',
    message: 'Create Okta user',
    targets: [changes.user(person)],
  });
  for (const group of groups) org.memberships.set(group, person.n, true, now);
  let after = isToActivate ? activatePerson(simulation, request, person) : person;
  if (expires) after = org.directory.change(person.n, { status: 'PASSWORD_EXPIRED' });
  return { status: 200, body: bodies.user(after, true) };
};

function providerIn({ provider }: NewCredentials): Provider {
  const elsewhere: Provider[] = ['FEDERATION', 'SOCIAL', 'ACTIVE_DIRECTORY'];
  return elsewhere.find((type) => type === provider?.type) ?? 'OKTA';
}

function groupsIn({ org }: Simulation, ids: unknown): number[] {
  if (ids === undefined || ids === null) return [];
  if (!Array.isArray(ids)) throw invalid('groupIds', 'groupIds: must be a list');
  if (ids.length > mostGroups) throw refusal('E0000093');
  return ids.map((id) => {
    const group = org.group(String(id));
    if (!group) throw notFound(String(id), 'UserGroup');
    if (group.type !== 'OKTA_GROUP') throw refusal('E0000006');
    return group.n;
  });
}

/** `POST` changes what is given; `PUT` clears the rest. Either can set a password. */
export const updateUser: Handler = (simulation, request, key = '') => {
  const { bodies, options, clock } = simulation;
  const person = personOf(simulation, key);
  checkMatch(simulation, request, person);
  if (person.status === 'DEPROVISIONED' && !options.unknowns.editDeprovisioned)
    throw notFound(simulation.org.people.ids.of(person.n), 'User');
  if (person.transitioningToStatus) throw refusal('E0000112');
  const body = objectOf(request.body, 'user');
  const { password } = (body.credentials ?? {}) as NewCredentials;
  let after = person;
  if (body.profile !== undefined) {
    if (person.provider === 'ACTIVE_DIRECTORY') checkNotDelegated(person);
    const given = objectOf(body.profile, 'user') as Profile;
    const profile = merged(person.profile, given, request.method === 'POST');
    checkProfile(simulation, { ...given, ...profile }, 'user', person.n);
    after = move(
      simulation,
      request,
      person,
      { profile },
      'user.account.update_profile',
      'Update user profile for Okta',
    );
    applyRules(simulation, request, after, person.profile);
  } else if (password === undefined) throw invalid('user', 'profile: The field cannot be left blank');
  if (password !== undefined) {
    checkNotDelegated(person);
    const next = passwordIn(password, 'password');
    checkPolicy(simulation, next, String(after.profile.login), flagOf(request, 'strict', false) ? person : undefined);
    keepPassword(simulation, person, next);
    const becomesActive: Status[] = ['PROVISIONED', 'PASSWORD_EXPIRED', 'RECOVERY'];
    const status = becomesActive.includes(person.status) ? 'ACTIVE' : person.status;
    const change = { hasPassword: true, passwordChanged: clock.now(), status };
    after = move(simulation, request, after, change, 'user.account.update_password', 'User update password for Okta');
  }
  return { status: 200, body: bodies.user(after, true), headers: { etag: etagOf(simulation, after) } };
};

function checkMatch(simulation: Simulation, { headers }: ApiRequest, person: Person): void {
  const match = headers['if-match'];
  if (match === undefined) return;
  if (typeof match !== 'string' || !/^(W\/)?"[0-9a-f]+"$/.test(match)) throw refusal('E0000242');
  if (match !== etagOf(simulation, person)) throw refusal('E0000231');
}
