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
import type { TestOrg } from '../harness/seatwise.js';
import type { Api } from '../start/api.js';
import { changesAfter, ended, eventsOf, subjectOf, truthOf, type TruePerson, type Wish } from './acting.js';

/** What is documented of one case. */
interface Expected {
  state: ActionState;
  /** Nothing is sent where it is so already. */
  effect: 'changed' | 'none';
  code?: ProblemCode;
}

interface Case {
  action: ActionName;
  from: string;
  wish: Omit<Wish, 'action'>;
  expected: Expected;
}

/** What came of a case, beside what is documented. */
export interface Row {
  action: ActionName;
  from: string;
  outcome: string;
  documented: string;
  /** The effects in the ledger. */
  ledger: string;
  asDocumented: boolean;
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

/** What an org for this is like: its clock runs, for what was done is seen by its moment. */
export const orgForActions = { SIMULATOR_PEOPLE: '3000', SIMULATOR_FROZEN: 'false' };

const done: Expected = { state: 'done', effect: 'changed' };
const already: Expected = { state: 'done', effect: 'none' };
const refused = (code: ProblemCode): Expected => ({ state: 'refused', effect: 'none', code });

/** Every action from every status, and every refusal that is documented, tried through the gateway on a simulated org. */
export async function tableOf(api: Api, connection: string, org: TestOrg): Promise<Row[]> {
  const rows: Row[] = [];
  for (const one of await casesOf(org)) rows.push(await tried(api, connection, org, one));
  return rows;
}

async function tried(api: Api, connection: string, org: TestOrg, { action, from, wish, expected }: Case): Promise<Row> {
  const before = await lastChange(org);
  const { record, code, status } = await ended(api, connection, { action, ...wish });
  const made = await changesAfter(org, before);
  const person = record?.person ?? wish.person ?? '';
  const ours = made.filter(
    ({ what, subject }) => eventsOf[action].includes(what) && subject === subjectOf(what, person),
  );
  const outcome = said(
    record
      ? { state: record.state, effect: record.effect ?? 'none', ...(record.fault && { code: record.fault.code }) }
      : { state: 'refused', effect: 'none', code: code as ProblemCode },
  );
  const documented = said(expected);
  const effects = expected.state === 'done' && expected.effect === 'changed' ? 1 : 0;
  return {
    action,
    from,
    outcome,
    documented,
    ledger: made.map(({ what }) => what).join(' '),
    asDocumented:
      outcome === documented &&
      ours.length === effects &&
      // Where nothing is to be done nothing is, not even something else.
      (effects > 0 || made.length === 0) &&
      (expected.state === 'done' ? status < 300 : status >= 400 && status < 500),
  };
}

const said = ({ state, effect, code }: Expected): string =>
  [state, state === 'done' && effect === 'none' && '(so already)', code].filter(Boolean).join(' ');

async function lastChange(org: TestOrg): Promise<number> {
  const { changes } = await org.control<{ changes: number }>('GET', 'ledger');
  return changes;
}

async function casesOf(org: TestOrg): Promise<Case[]> {
  const people = (await truthOf<TruePerson>(org, 'people')).slice(1);
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
  const add = (action: ActionName, from: string, wish: Omit<Wish, 'action'>, expected: Expected) =>
    void cases.push({ action, from, wish, expected });

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
  add(
    'remove_user_from_group',
    'a member',
    { person: someoneIn(people, members, group, used), parameters: { group } },
    done,
  );

  const [direct, granted] = (['USER', 'GROUP'] as const).map((scope) =>
    assignments.find(
      ({ app: id, person, scope: own }) =>
        own === scope &&
        (scope === 'GROUP' || !byGroup.has(id)) &&
        apps.some((one) => one.id === id && one.status === 'ACTIVE') &&
        people.some((one) => one.id === person && one.status === 'ACTIVE' && !used.has(person)),
    ),
  );
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
  if (granted) {
    used.add(granted.person);
    add(
      'unassign_user_from_app',
      'held by a group',
      { person: granted.person, parameters: { app: granted.app } },
      refused('assignment_from_group'),
    );
  }
  if (direct) {
    used.add(direct.person);
    add('assign_user_to_app', 'assigned', { person: direct.person, parameters: { app: direct.app } }, already);
    add('unassign_user_from_app', 'assigned', { person: direct.person, parameters: { app: direct.app } }, done);
  }

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
    'no last name',
    { parameters: { profile: { ...newProfile(), lastName: '' } } },
    refused('invalid_request'),
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
    refused('invalid_request'),
  );
  add(
    'suspend_user',
    'a parameter unknown',
    { person: active().id, parameters: { nonesuch: 1 } },
    refused('invalid_request'),
  );
  add(
    'create_user',
    'a person named',
    { person: active().id, parameters: { profile: newProfile() } },
    refused('invalid_request'),
  );
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
