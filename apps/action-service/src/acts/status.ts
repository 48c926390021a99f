import type { ActivateParameters, UserStatus } from '@seatwise/contracts';
import { onPerson, shows, userPath, withQuery, type Act, type Order, type SeenUser } from './act.js';
import { textsIn } from './texts.js';

interface Move {
  /** Of Okta's lifecycle path. */
  call: string;
  /** As the System Log calls it. */
  eventType: string;
  /** Any of them shows that it was done. */
  to: readonly UserStatus[];
  query?: (parameters: { sendEmail?: boolean }) => Record<string, boolean | undefined>;
}

/** An act that moves a person from one status to another. */
const move = ({ call, eventType, to, query = () => ({}) }: Move): Act<object, SeenUser> => ({
  ...onPerson,
  plan: ({ person, parameters }: Order) => [
    { method: 'POST', path: withQuery(`${userPath(person)}/lifecycle/${call}`, query(parameters)) },
  ],
  did: (_order, before, now) => {
    const { status, transitioningTo } = now.user ?? {};
    return shows(
      [status, transitioningTo].some((one) => one && to.includes(one)),
      before,
      now,
    );
  },
  traceOf: ({ person }) => ({ eventType, target: person }),
});

export const activate: Act<ActivateParameters, SeenUser> = {
  ...move({
    call: 'activate',
    eventType: 'user.lifecycle.activate',
    to: ['PROVISIONED', 'ACTIVE'],
    query: ({ sendEmail = true }) => ({ sendEmail }),
  }),
  secretIn: (answer) => textsIn(answer, 'activationUrl', 'activationToken'),
};
export const deactivate = move({
  call: 'deactivate',
  eventType: 'user.lifecycle.deactivate',
  to: ['DEPROVISIONED'],
  query: ({ sendEmail = false }) => ({ sendEmail }),
});
export const suspend = move({ call: 'suspend', eventType: 'user.lifecycle.suspend', to: ['SUSPENDED'] });
export const unsuspend = move({
  call: 'unsuspend',
  eventType: 'user.lifecycle.unsuspend',
  to: ['ACTIVE', 'PASSWORD_EXPIRED', 'PROVISIONED'],
});
export const unlock = move({
  call: 'unlock',
  eventType: 'user.account.unlock_by_admin',
  to: ['ACTIVE', 'PASSWORD_EXPIRED'],
});
