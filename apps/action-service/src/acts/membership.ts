import type { GroupParameters } from '@seatwise/contracts';
import { getGroup, isMember, type OktaGroup } from '@seatwise/okta';
import { ActRefused, mustBeThere, onPerson, type Act, type SeenUser } from './act.js';

interface SeenMembership extends SeenUser {
  group: OktaGroup | null;
  member: boolean;
}

/** Refuses a group that there is not, and one whose people are not decided by hand. */
export function mustBeManual(id: string, group: OktaGroup | null): void {
  if (!group) throw new ActRefused('group_not_found', `Okta has no group ${id}.`);
  if (group.type !== 'OKTA_GROUP')
    throw new ActRefused(
      'group_not_manual',
      group.type === 'APP_GROUP'
        ? `${group.name} is a group of an app: who is in it is decided there.`
        : `Everybody is in ${group.name}, and nobody can be put into it or taken out.`,
    );
}

const membership = (wanted: boolean): Act<GroupParameters, SeenMembership> => ({
  ...onPerson,
  look: async (okta, order, reading) => {
    const [{ user }, group] = await Promise.all([
      onPerson.look(okta, order, reading),
      getGroup(okta, order.parameters.group, reading),
    ]);
    return { user, group, member: user !== null && (await isMember(okta, user.id, order.parameters.group, reading)) };
  },
  check: (order, { user, group }) => {
    mustBeThere(order, user);
    mustBeManual(order.parameters.group, group);
  },
  plan: ({ person, parameters: { group } }, { member }) =>
    member === wanted ? [] : [{ method: wanted ? 'PUT' : 'DELETE', path: `/api/v1/groups/${group}/users/${person}` }],
  did: (_order, _before, { member }) => member === wanted,
  show: (_order, { group, member }) => ({ group: group?.name ?? null, member }),
  tell: ({ person, parameters: { group } }, { member }) => [{ membership: { group, person, member } }],
});

export const addToGroup = membership(true);
export const removeFromGroup = membership(false);
