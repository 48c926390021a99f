import type { CreateParameters, ProfileParameters } from '@seatwise/contracts';
import { getGroup, getUser, getUserSchema, type OktaGroup, type ProfileAttribute } from '@seatwise/okta';
import {
  ActRefused,
  mustBeThere,
  onPerson,
  shows,
  toldOf,
  userPath,
  withQuery,
  type Act,
  type SeenUser,
} from './act.js';
import { concerned, fits } from './attributes.js';
import { mustBeManual } from './membership.js';
import { textsIn } from './texts.js';

/** The schema as it is kept with an action: of the attributes that are concerned, null for those that there are not. */
type Schema = Record<string, ProfileAttribute | null>;

interface SeenProfile extends SeenUser {
  schema: Schema;
}

const schemaFor = (attributes: Map<string, ProfileAttribute>, profile: object): Schema =>
  Object.fromEntries(Object.keys(profile).map((name) => [name, attributes.get(name) ?? null]));

/** Refuses what the org's schema does not have, does not let be changed, or has of another type. */
function mustFit(profile: Record<string, unknown>, schema: Schema): void {
  for (const [name, value] of Object.entries(profile)) {
    const attribute = schema[name];
    if (!attribute)
      throw new ActRefused('attribute_unknown', `The org's profile has no attribute ${name.slice(0, 100)}.`);
    if (attribute.readOnly) throw new ActRefused('attribute_read_only', `${name} cannot be changed by the API.`);
    if (value !== null && !isOfType(value, attribute.type))
      throw new ActRefused('attribute_type', `${name} must be of the type ${attribute.type}.`);
    if ((value === null || value === '') && attribute.required)
      throw new ActRefused('attribute_type', `${name} cannot be left blank.`);
  }
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

export const changeProfile: Act<ProfileParameters, SeenProfile> = {
  ...onPerson,
  look: async (okta, order, reading) => {
    const [{ user }, attributes] = await Promise.all([
      onPerson.look(okta, order, reading),
      getUserSchema(okta, reading),
    ]);
    return { user, schema: schemaFor(attributes, order.parameters.profile) };
  },
  check: (order, { user, schema }) => {
    const there = mustBeThere(order, user);
    mustFit(order.parameters.profile, schema);
    const { left } = order;
    if (left !== null && !fits(left as object, there.profile))
      throw new ActRefused(
        'changed_since',
        'The attributes are not as the action had left them. Change what is wanted by an action of its own.',
      );
  },
  plan: ({ person, parameters: { profile } }, { user }) =>
    fits(profile, user?.profile) ? [] : [{ method: 'POST', path: userPath(person), body: { profile } }],
  did: ({ parameters: { profile } }, before, now) => shows(fits(profile, now.user?.profile), before, now),
  traceOf: ({ person }) => ({ eventType: 'user.account.update_profile', target: person }),
  show: ({ parameters: { profile } }, { user }) => ({ profile: concerned(profile, user?.profile) }),
};

interface SeenLogin extends SeenUser {
  schema: Schema;
  /** Those that the person shall be put into, null for one that there is not. */
  groups: Record<string, OktaGroup | null>;
  /** Okta's clock, epoch milliseconds. */
  at: number;
}

/** Somebody who is not there yet is known by the login. */
export const createUser: Act<CreateParameters, SeenLogin> = {
  ...onPerson,
  look: async (okta, { parameters: { profile, groups = [] } }, reading) => {
    const [user, attributes, ...found] = await Promise.all([
      getUser(okta, String(profile.login), reading),
      getUserSchema(okta, reading),
      ...groups.map(async (id) => [id, await getGroup(okta, id, reading)] as const),
    ]);
    // Okta takes the part before the @ for a login too.
    const isSame = String(user?.profile.login).toLowerCase() === String(profile.login).toLowerCase();
    const at = Date.now() + okta.executor.clockAheadMs;
    return {
      user: isSame ? user : null,
      schema: schemaFor(attributes, profile),
      groups: Object.fromEntries(found),
      at,
    };
  },
  check: ({ parameters: { profile } }, { user, schema, groups }) => {
    mustFit(profile, schema);
    for (const [id, group] of Object.entries(groups)) mustBeManual(id, group);
    if (user) throw new ActRefused('login_taken', `${String(profile.login).slice(0, 200)} is ${user.id} already.`);
  },
  plan: ({ parameters, secrets: { password } }) => {
    const { profile, activate = true, changePasswordAtSignIn = false, groups } = parameters;
    const path = withQuery('/api/v1/users', {
      activate,
      nextLogin: changePasswordAtSignIn ? 'changePassword' : undefined,
    });
    const body = { profile, ...(groups && { groupIds: groups }) };
    if (password === undefined) return [{ method: 'POST', path, body }];
    const secretBody = { ...body, credentials: { password: { value: password } } };
    return [{ method: 'POST', path, body: { ...body, credentials: { password: {} } }, secretBody }];
  },
  madeIn: (answer) => textsIn(answer, 'id')?.id,
  // Somebody else may have made a person of this login meanwhile.
  did: ({ parameters: { profile } }, { at }, { user }) =>
    user !== null && ((Date.parse(user.created ?? '') >= at - 2_000 && fits(profile, user.profile)) || undefined),
  show: (_order, { user }) => (user ? { id: user.id, status: user.status } : { id: null }),
  tell: (_order, { user }) => (user ? [toldOf(user.id, user)] : []),
};
