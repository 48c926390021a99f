import { randomUUID } from 'node:crypto';
import {
  actionCatalogue,
  actionNames,
  userStatuses,
  type ActionName,
  type ActionState,
  type ProblemCode,
  type UserStatus,
} from '@seatwise/contracts';
import { peopleKeptElsewhere, truthOf, type TruePerson, type Wish } from './acting.js';
import type { Asker, Stage } from './stage.js';

/** What is documented of one case. */
export interface Expected {
  state: ActionState;
  /** Nothing is sent where it is so already. */
  effect: 'changed' | 'none' | null;
  code?: ProblemCode;
  /** How far it came: to a key that is not valid, to a role that does not allow it, to a request, or to be an action. */
  reached: 'key' | 'role' | 'request' | 'action';
}

export interface Case {
  action: ActionName;
  from: string;
  wish: Omit<Wish, 'action'>;
  expected: Expected;
  by: Asker;
  /** What makes it so. */
  first?: () => Promise<unknown>;
}

interface TrueGroup {
  id: string;
  type: string;
}
interface TrueApp {
  id: string;
  status: string;
}
interface TrueAssignment {
  app: string;
  person: string;
  scope: 'USER' | 'GROUP';
}

const done: Expected = { state: 'done', effect: 'changed', reached: 'action' };
const already: Expected = { state: 'done', effect: 'none', reached: 'action' };
const ended = (state: ActionState, code: ProblemCode): Expected => ({ state, effect: 'none', code, reached: 'action' });
const refused = (code: ProblemCode): Expected => ended('refused', code);
/** Refused before it was an action, and before Okta was asked anything. */
const turnedAway = (code: ProblemCode, reached: Expected['reached'] = 'request'): Expected => ({
  ...refused(code),
  reached,
});

/** Every action from every status, and every refusal that is documented. */
export async function casesOf(stage: Stage): Promise<Case[]> {
  const org = stage.operator.org;
  const elsewhere = await peopleKeptElsewhere(org);
  const everybody = (await truthOf<TruePerson>(org, 'people')).slice(1);
  const people = everybody.filter(({ id }) => !elsewhere.has(id));
  const groups = await truthOf<TrueGroup>(org, 'groups');
  const apps = await truthOf<TrueApp>(org, 'apps');
  const assignments = await truthOf<TrueAssignment>(org, 'assignments');
  const byGroup = new Set((await truthOf<{ app: string }>(org, 'group-assignments')).map(({ app }) => app));
  const members = new Set(
    (await truthOf<{ group: string; person: string }>(org, 'memberships')).map(
      ({ group, person }) => `${group}|${person}`,
    ),
  );
  const held = new Set(assignments.map(({ app, person }) => `${app}|${person}`));
  const ruled = new Set((await truthOf<{ group: string }>(org, 'rules')).map(({ group }) => group));
  const group = groups.find(({ id, type }) => type === 'OKTA_GROUP' && !ruled.has(id))!.id;
  const app = apps.find(({ id, status }) => status === 'ACTIVE' && !byGroup.has(id))!.id;

  const used = new Set<string>();
  /** Somebody whom no other case has. */
  const someone = (status: UserStatus, fits: (person: TruePerson) => boolean = () => true): TruePerson => {
    const found = people.find((person) => person.status === status && !used.has(person.id) && fits(person));
    if (!found) throw new Error(`the org has not enough people who are ${status}`);
    used.add(found.id);
    return found;
  };
  const outside = ({ id }: TruePerson) => !members.has(`${group}|${id}`);
  const without = ({ id }: TruePerson) => !held.has(`${app}|${id}`);
  const active = (fits?: (person: TruePerson) => boolean) => someone('ACTIVE', fits);

  const cases: Case[] = [];
  const add = (
    action: ActionName,
    from: string,
    wish: Omit<Wish, 'action'>,
    expected: Expected,
    { by = stage.operator, first }: { by?: Asker; first?: () => Promise<unknown> } = {},
  ) => void cases.push({ action, from, wish, expected, by, ...(first && { first }) });

  for (const action of actionNames)
    for (const status of actionCatalogue[action].statuses.length === 0 ? [] : userStatuses) {
      const person = someone(status, action.endsWith('_group') ? outside : without);
      const wish = { person: person.id, parameters: usualParameters(action, person, { group, app }) };
      const may = actionCatalogue[action].statuses.includes(status);
      add(action, status, wish, may ? fromStatus(action, status) : refused('person_status'));
    }

  const nobody = '00uNobodyAtAll00000';
  add('suspend_user', 'nobody', { person: nobody }, refused('person_not_found'));
  add(
    'add_user_to_group',
    'a member',
    { person: someoneIn(people, members, group, used), parameters: { group } },
    already,
  );
  add(
    'add_user_to_group',
    'a group of an app',
    { person: active().id, parameters: { group: groups.find(({ type }) => type === 'APP_GROUP')!.id } },
    refused('group_not_manual'),
  );
  add(
    'add_user_to_group',
    'Everyone',
    { person: active().id, parameters: { group: groups.find(({ type }) => type === 'BUILT_IN')!.id } },
    refused('group_not_manual'),
  );
  add(
    'add_user_to_group',
    'no group',
    { person: active().id, parameters: { group: '00gNone' } },
    refused('group_not_found'),
  );
  for (const [from, parameters, code] of [
    ['no group', { group: '00gNone' }, 'group_not_found'],
    ['Everyone', { group: groups.find(({ type }) => type === 'BUILT_IN')!.id }, 'group_not_manual'],
  ] as const)
    add('remove_user_from_group', from, { person: active().id, parameters }, refused(code));
  add(
    'remove_user_from_group',
    'a member',
    { person: someoneIn(people, members, group, used), parameters: { group } },
    done,
  );

  const [directs, grants] = (['USER', 'GROUP'] as const).map((scope) =>
    assignments.filter(
      ({ app: id, person, scope: own }) =>
        own === scope &&
        (scope === 'GROUP' || !byGroup.has(id)) &&
        apps.some((one) => one.id === id && one.status === 'ACTIVE') &&
        people.some((one) => one.id === person && one.status === 'ACTIVE' && !used.has(person)),
    ),
  );
  const [direct] = directs!;
  const others = directs!.filter(({ person }) => person !== direct?.person);
  const another = others[0];
  const third = others.find(({ person }) => person !== another?.person);
  const granted = grants!.find(({ person }) => ![direct, another, third].some((one) => one?.person === person));
  for (const one of [direct, another, third, granted]) if (one) used.add(one.person);
  const inactive = apps.find(({ status }) => status === 'INACTIVE');
  add(
    'assign_user_to_app',
    'no app',
    { person: active().id, parameters: { app: '0oaNone' } },
    refused('app_not_found'),
  );
  if (inactive)
    add(
      'assign_user_to_app',
      'an inactive app',
      { person: active().id, parameters: { app: inactive.id } },
      refused('app_inactive'),
    );
  add(
    'assign_user_to_app',
    'an attribute unknown',
    { person: active(without).id, parameters: { app, profile: { nonesuch: 1 } } },
    refused('attribute_unknown'),
  );
  add(
    'unassign_user_from_app',
    'no app',
    { person: active().id, parameters: { app: '0oaNone' } },
    refused('app_not_found'),
  );
  if (granted) {
    add(
      'unassign_user_from_app',
      'held by a group',
      { person: granted.person, parameters: { app: granted.app } },
      refused('assignment_from_group'),
    );
  }
  const at = ({ person, app: of }: TrueAssignment) => ({ person, parameters: { app: of } });
  add('assign_user_to_app', 'assigned', at(third!), already);
  add('unassign_user_from_app', 'assigned', at(direct!), done);

  const taken = active();
  add('create_user', 'nobody', { parameters: { profile: newProfile() } }, done);
  add('create_user', 'nobody, not activated', { parameters: { profile: newProfile(), activate: false } }, done);
  add(
    'create_user',
    'nobody, with a password',
    { parameters: { profile: newProfile(), password: 'Fitting-1-enough' } },
    done,
  );
  add(
    'create_user',
    'the login taken',
    { parameters: { profile: { ...newProfile(), login: taken.profile.login } } },
    refused('login_taken'),
  );
  add(
    'create_user',
    'an attribute unknown',
    { parameters: { profile: { ...newProfile(), nonesuch: 1 } } },
    refused('attribute_unknown'),
  );
  add(
    'create_user',
    'a wrong type',
    { parameters: { profile: { ...newProfile(), remote: 'yes' } } },
    refused('attribute_type'),
  );
  add(
    'create_user',
    'a weak password',
    { parameters: { profile: newProfile(), password: 'weak' } },
    refused('password_policy'),
  );
  add(
    'create_user',
    'a group unknown',
    { parameters: { profile: newProfile(), groups: ['00gNone'] } },
    refused('group_not_found'),
  );
  add(
    'create_user',
    'a group of an app',
    { parameters: { profile: newProfile(), groups: [groups.find(({ type }) => type === 'APP_GROUP')!.id] } },
    refused('group_not_manual'),
  );
  add(
    'create_user',
    'no last name',
    { parameters: { profile: { ...newProfile(), lastName: '' } } },
    turnedAway('invalid_request'),
  );

  add(
    'delete_user',
    'another login',
    { person: active().id, parameters: { confirmLogin: 'somebody@example.com' } },
    refused('confirmation_mismatch'),
  );
  add(
    'change_user_password',
    'a weak password',
    { person: active().id, parameters: { password: 'weak' } },
    refused('password_policy'),
  );
  add(
    'change_user_password',
    'a wrong old one',
    { person: active().id, parameters: { password: 'Fitting-1-enough', oldPassword: 'Wrong-1-wrong' } },
    refused('old_password_wrong'),
  );
  add(
    'change_user_password',
    'the right old one',
    { person: active().id, parameters: { password: 'Fitting-1-enough', oldPassword: 'Simulated-1' } },
    done,
  );
  add(
    'change_user_profile',
    'an attribute unknown',
    { person: active().id, parameters: { profile: { nonesuch: 1 } } },
    refused('attribute_unknown'),
  );
  add(
    'change_user_profile',
    'a wrong type',
    { person: active().id, parameters: { profile: { deskNumber: 'seven' } } },
    refused('attribute_type'),
  );
  add(
    'change_user_profile',
    'the login taken',
    { person: active().id, parameters: { profile: { login: taken.profile.login } } },
    refused('login_taken'),
  );
  add(
    'change_user_profile',
    'nothing to change',
    { person: active().id, parameters: { profile: {} } },
    turnedAway('invalid_request'),
  );
  add(
    'suspend_user',
    'a parameter unknown',
    { person: active().id, parameters: { nonesuch: 1 } },
    turnedAway('invalid_request'),
  );
  add(
    'create_user',
    'a person named',
    { person: active().id, parameters: { profile: newProfile() } },
    turnedAway('invalid_request'),
  );

  const anyone = (): [string, string] => [active(without).id, app];
  for (const [action, from, says, code, parameters, [person, of]] of [
    ['assign_user_to_app', 'mastered by the app', 'E0000076', 'managed_elsewhere', {}, anyone()],
    [
      'unassign_user_from_app',
      'mastered by the app',
      'E0000076',
      'managed_elsewhere',
      {},
      [another!.person, another!.app],
    ],
    ['create_user', 'a read-only attribute', 'E0000077', 'attribute_read_only', { profile: newProfile() }, ['', app]],
    [
      'change_user_profile',
      'a read-only attribute',
      'E0000077',
      'attribute_read_only',
      { profile: { title: 'X' } },
      anyone(),
    ],
    [
      'change_user_profile',
      'mastered elsewhere',
      'E0000023',
      'managed_elsewhere',
      { profile: { title: 'X' } },
      anyone(),
    ],
    ['suspend_user', 'what Okta will not', 'E0000062', 'okta_refused', {}, anyone()],
  ] as const) {
    const method = action === 'unassign_user_from_app' ? 'DELETE' : 'POST';
    const asked = action.endsWith('_app') ? { app: of } : parameters;
    // An org that is set up so is had by its answer alone.
    add(action, from, { ...(person && { person }), parameters: asked }, refused(code), {
      first: () => org.control('PUT', 'faults', [{ kind: 'refusal', code: says, method, path: '/api/v1/', times: 1 }]),
    });
  }
  const [kept] = everybody.filter(({ id, status }) => status === 'ACTIVE' && elsewhere.has(id));
  for (const action of ['change_user_password', 'reset_user_password'] as const) {
    const parameters = action === 'change_user_password' ? { password: 'Fitting-1-enough' } : {};
    add(action, 'a password kept elsewhere', { person: kept!.id, parameters }, refused('managed_elsewhere'));
  }

  const person = () => ({ person: active().id });
  const suspending = (from: string, expected: Expected, by: Asker) =>
    add('suspend_user', from, person(), expected, { by });
  suspending('an expired key', turnedAway('unauthenticated', 'key'), stage.expired);
  suspending('a revoked key', turnedAway('unauthenticated', 'key'), stage.revoked);
  suspending("a viewer's key", turnedAway('forbidden', 'role'), stage.viewer);
  const { other } = stage;
  suspending("another's connection", turnedAway('connection_not_found'), {
    ...other,
    connection: stage.operator.connection,
  });
  return [...cases, ...(await casesOfConnection(stage))];
}

/** What the other workspace's connection may be like, one after the other. */
async function casesOfConnection({ other, operator }: Stage): Promise<Case[]> {
  const { org, admin, connection } = other;
  const ownPeople = (await truthOf<TruePerson>(org, 'people')).slice(1).filter(({ status }) => status === 'ACTIVE');
  const [, theirs] = await truthOf<TruePerson>(operator.org, 'people');
  const at = `/connections/${connection}`;
  const change = (body: object) => () => admin.call('PATCH', at, body);
  const faults = (...list: object[]) => org.control('PUT', 'faults', list);
  /** Gives the token something else to be allowed, and has it found out or not. */
  const token = (may: object, isTested: boolean) => async () => {
    await org.control('PUT', 'tokens', { label: 'super-admin', ...may });
    if (isTested) await admin.call('POST', `${at}/test`);
  };
  const reading = ['users', 'groups', 'apps', 'logs', 'schemas', 'roles'].map((what) => `okta.${what}.read`);
  const acting = [...reading, ...['users', 'groups', 'apps'].map((what) => `okta.${what}.manage`)];
  const cases: Case[] = [];
  const add = (
    from: string,
    expected: Expected,
    first?: () => Promise<unknown>,
    action: ActionName = 'suspend_user',
  ) => {
    const person = from.includes("another's person") ? theirs!.id : ownPeople.shift()!.id;
    cases.push({ action, from, wish: { person, parameters: {} }, expected, by: other, ...(first && { first }) });
  };
  add('a read connection', turnedAway('permission_level_required'));
  add("another's person", refused('person_not_found'), change({ level: 'read_and_act' }));
  add('a paused connection', turnedAway('connection_paused'), change({ paused: true }));
  add('a token that lost its scope', ended('failed', 'capability_missing'), async () => {
    await change({ paused: false })();
    await token({ permissions: reading, roles: ['CUSTOM'] }, false)();
  });
  add('a token known to lack it', turnedAway('capability_missing'), token({ roles: ['READ_ONLY_ADMIN'] }, true));
  add('an Okta that is down', ended('failed', 'okta_unavailable'), async () => {
    await token({ permissions: acting, roles: ['SUPER_ADMIN'] }, true)();
    await faults({ kind: 'error500', method: 'POST', path: 'lifecycle/suspend' });
  });
  // Nothing that Okta shows tells whether the factors were reset, and nothing is in the log.
  add(
    'an Okta that hung up',
    { state: 'unknown', effect: null, code: 'outcome_unknown', reached: 'action' },
    () => faults({ kind: 'reset', method: 'POST', path: 'reset_factors' }),
    'reset_user_mfa',
  );
  // As it is looked at for this action, so that nobody else finds it out before.
  add('a token revoked since', ended('failed', 'credential_rejected'), () =>
    faults({ kind: 'revokeToken', path: '/api/v1/users/00u', times: 1 }),
  );
  add('a token known to be revoked', turnedAway('credential_rejected'), () => admin.call('POST', `${at}/test`));
  add('a removed connection', turnedAway('connection_removed'), () => admin.call('DELETE', `${at}?history=keep`));
  return cases;
}

/** Where the catalogue allows it, it is done, but for these. */
function fromStatus(action: ActionName, status: UserStatus): Expected {
  if (action === 'remove_user_from_group') return already;
  if (action === 'unassign_user_from_app') return refused('not_assigned');
  if (action === 'expire_user_password' && status === 'PASSWORD_EXPIRED') return already;
  // Whoever was invited has no password yet.
  if (action === 'reset_user_password' && status === 'PROVISIONED') return refused('person_status');
  return done;
}

function usualParameters(
  action: ActionName,
  { profile }: TruePerson,
  at: { group: string; app: string },
): Record<string, unknown> {
  switch (action) {
    case 'add_user_to_group':
    case 'remove_user_from_group':
      return { group: at.group };
    case 'assign_user_to_app':
    case 'unassign_user_from_app':
      return { app: at.app };
    case 'delete_user':
      return { confirmLogin: profile.login };
    case 'change_user_password':
      return { password: `Aa1-${randomUUID()}` };
    case 'change_user_profile':
      return { profile: { title: `Title ${randomUUID()}` } };
    default:
      return {};
  }
}

function someoneIn(people: TruePerson[], members: Set<string>, group: string, used: Set<string>): string {
  const found = people.find(({ id, status }) => status === 'ACTIVE' && !used.has(id) && members.has(`${group}|${id}`))!;
  used.add(found.id);
  return found.id;
}

function newProfile(): Record<string, string> {
  const login = `${randomUUID().slice(0, 8)}@example.com`;
  return { login, email: login, firstName: 'New', lastName: 'Person' };
}
