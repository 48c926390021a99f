import type { ActivateParameters, UserStatus } from '@seatwise/contracts';
import { onPerson, userPath, withQuery, type Act, type Order, type SeenUser } from './act.js';
import { textsIn } from './texts.js';

interface Move {
  /** Of Okta's lifecycle path. */
  call: string;
  /** Any of them shows that it was done. */
  to: readonly UserStatus[];
  query?: (parameters: { sendEmail?: boolean }) => Record<string, boolean | undefined>;
}

/** An act that moves a person from one status to another. */
const move = ({ call, to, query = () => ({}) }: Move): Act<object, SeenUser> => ({
  ...onPerson,
  plan: ({ person, parameters }: Order) => [
    { method: 'POST', path: withQuery(`${userPath(person)}/lifecycle/${call}`, query(parameters)) },
  ],
  did: (_order, _before, { user }) =>
    user !== null && (to.includes(user.status) || (user.transitioningTo !== null && to.includes(user.transitioningTo))),
});

export const activate: Act<ActivateParameters, SeenUser> = {
  ...move({ call: 'activate', to: ['PROVISIONED', 'ACTIVE'], query: ({ sendEmail = true }) => ({ sendEmail }) }),
  secretIn: (answer) => textsIn(answer, 'activationUrl', 'activationToken'),
};
export const deactivate = move({
  call: 'deactivate',
  to: ['DEPROVISIONED'],
  query: ({ sendEmail = false }) => ({ sendEmail }),
});
export const suspend = move({ call: 'suspend', to: ['SUSPENDED'] });
export const unsuspend = move({ call: 'unsuspend', to: ['ACTIVE', 'PASSWORD_EXPIRED', 'PROVISIONED'] });
export const unlock = move({ call: 'unlock', to: ['ACTIVE', 'PASSWORD_EXPIRED'] });
