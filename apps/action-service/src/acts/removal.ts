import type { DeleteParameters } from '@seatwise/contracts';
import { ActRefused, mustBeThere, onPerson, userPath, withQuery, type Act, type SeenUser } from './act.js';

/**
 * Okta deletes in two calls that answer alike: the first deactivates, the second deletes. So each is a step, and what
 * came of it is seen by asking for the person.
 */
export const deleteUser: Act<DeleteParameters, SeenUser> = {
  ...onPerson,
  looksAfterEach: true,
  check: (order, { user }) => {
    const { profile } = mustBeThere(order, user);
    if (order.parameters.confirmLogin !== profile.login)
      throw new ActRefused(
        'confirmation_mismatch',
        'confirmLogin is not the login of this person. Nobody was deleted.',
      );
  },
  plan: ({ person, parameters: { sendEmail = false } }, { user }) => {
    const call = { method: 'DELETE' as const, path: withQuery(userPath(person), { sendEmail }) };
    return user?.status === 'DEPROVISIONED' ? [call] : [call, call];
  },
  did: (_order, before, { user }, step) => {
    if (user === null) return true;
    if (step > 0 || before.user?.status === 'DEPROVISIONED') return false;
    // Until it is so, a second call would deactivate again.
    return user.status === 'DEPROVISIONED' || (user.transitioningTo === 'DEPROVISIONED' ? undefined : false);
  },
};
