import { isDeepStrictEqual } from 'node:util';
import type { AssignParameters, UnassignParameters } from '@seatwise/contracts';
import { getApp, getAppUser, groupsGranting, type OktaApp, type OktaGroup } from '@seatwise/okta';
import { fits } from './attributes.js';
import { ActRefused, mustBeThere, onPerson, withQuery, type Act, type Order, type SeenUser } from './act.js';

interface SeenAssignment extends SeenUser {
  app: OktaApp | null;
  assignment: Awaited<ReturnType<typeof getAppUser>>;
  /** The groups of the person that give the app as well; looked for where it is to be taken away. */
  granting: Pick<OktaGroup, 'id' | 'name'>[];
}

type WithApp = { app: string };

const onAssignment = {
  ...onPerson,
  show: (_order: Order<WithApp>, { app, assignment }: SeenAssignment) => ({
    app: app?.label ?? null,
    assigned: assignment !== null,
    ...(assignment && {
      scope: assignment.scope,
      status: assignment.status,
      userName: assignment.userName,
      profile: assignment.profile,
    }),
  }),
  tell: ({ person, parameters: { app } }: Order<WithApp>, { assignment }: SeenAssignment) => {
    if (!assignment) return [{ assignment: { app, person, assigned: false } }];
    const { scope, status, group, created } = assignment;
    return [{ assignment: { app, person, assigned: true, scope, status, group, created } }];
  },
};

const lookAt =
  (withGroups: boolean): Act<WithApp, SeenAssignment>['look'] =>
  async (okta, order, reading) => {
    const { app: id } = order.parameters;
    const [{ user }, app, assignment] = await Promise.all([
      onPerson.look(okta, order, reading),
      getApp(okta, id, reading),
      getAppUser(okta, id, order.person, reading),
    ]);
    const granting = withGroups && assignment ? await groupsGranting(okta, id, order.person, reading) : [];
    return { user, app, assignment, granting };
  };

function mustBeAnApp(id: string, app: OktaApp | null): OktaApp {
  if (!app) throw new ActRefused('app_not_found', `Okta has no app ${id}.`);
  return app;
}

export const assign: Act<AssignParameters, SeenAssignment> = {
  ...onAssignment,
  look: lookAt(false),
  check: (order, { user, app }) => {
    mustBeThere(order, user);
    const { label, status } = mustBeAnApp(order.parameters.app, app);
    if (status !== 'ACTIVE') throw new ActRefused('app_inactive', `${label} is ${status}: activate it in Okta first.`);
  },
  plan: ({ person, parameters }, { assignment }) => {
    // What is there already and is as it shall be stays as it is.
    if (isAs(parameters, assignment)) return [];
    const { app, userName, profile } = parameters;
    const body = {
      id: person,
      scope: 'USER',
      ...(userName && { credentials: { userName } }),
      ...(profile && { profile }),
    };
    return [{ method: 'POST', path: `/api/v1/apps/${app}/users`, body }];
  },
  // What an app makes of a user name or an attribute may be spelled otherwise: then it was done, perhaps, by us.
  did: ({ parameters }, before, { assignment }) =>
    isAs(parameters, assignment) ||
    (assignment?.scope === 'USER' && !isDeepStrictEqual(assignment, before.assignment) ? undefined : false),
};

const isAs = ({ userName, profile = {} }: AssignParameters, assignment: SeenAssignment['assignment']): boolean =>
  assignment?.scope === 'USER' &&
  (userName === undefined || assignment.userName === userName) &&
  fits(profile, assignment.profile);

export const unassign: Act<UnassignParameters, SeenAssignment> = {
  ...onAssignment,
  look: lookAt(true),
  check: (order, { user, app, assignment, granting }) => {
    mustBeThere(order, user);
    const { label } = mustBeAnApp(order.parameters.app, app);
    if (!assignment) throw new ActRefused('not_assigned', `This person is not assigned to ${label}.`);
    if (granting.length > 0 || assignment.scope === 'GROUP') {
      const names = granting.map(({ name, id }) => `${name} (${id})`).join(', ') || (assignment.group ?? 'a group');
      throw new ActRefused(
        'assignment_from_group',
        `${label} comes from ${names.slice(0, 500)}: take the person out of it, or the app away from it.`,
        ['remove_user_from_group'],
      );
    }
  },
  plan: ({ person, parameters: { app, sendEmail } }) => [
    { method: 'DELETE', path: withQuery(`/api/v1/apps/${app}/users/${person}`, { sendEmail }) },
  ],
  did: (_order, _before, { assignment }) => assignment === null,
};
