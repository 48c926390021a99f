import type { ExpireParameters, PasswordParameters, ResetParameters } from '@seatwise/contracts';
import { ActRefused, mustBeThere, onPerson, shows, userPath, withQuery, type Act, type SeenUser } from './act.js';
import { textsIn } from './texts.js';

/** From these Okta takes the change of a password by who knows the old one. */
const changeable = ['STAGED', 'ACTIVE', 'PASSWORD_EXPIRED', 'RECOVERY'];
/** Where Okta is the master of the password. */
const own = ['OKTA', 'IMPORT'];

export const changePassword: Act<PasswordParameters, SeenUser> = {
  ...onPerson,
  check: (order, { user }) => {
    const { status, provider, hasPassword } = mustBeThere(order, user);
    if (!own.includes(provider))
      throw new ActRefused('managed_elsewhere', `The password of this person is kept by ${provider}, not by Okta.`);
    if ('oldPassword' in order.secrets && !(hasPassword && changeable.includes(status)))
      throw new ActRefused('person_status', `Nobody can change a password knowing the old one while ${status}.`, [
        'reset_user_password',
      ]);
  },
  plan: ({ person, parameters: { revokeSessions }, secrets: { password, oldPassword } }) => [
    oldPassword === undefined
      ? {
          method: 'POST',
          path: userPath(person),
          body: { credentials: { password: {} } },
          secretBody: { credentials: { password: { value: password } } },
        }
      : {
          method: 'POST',
          path: `${userPath(person)}/credentials/change_password`,
          body: { oldPassword: {}, newPassword: {}, revokeSessions: revokeSessions ?? false },
          secretBody: {
            oldPassword: { value: oldPassword },
            newPassword: { value: password },
            revokeSessions: revokeSessions ?? false,
          },
        },
  ],
  did: (_order, before, now) => shows(now.user?.passwordChanged !== before.user?.passwordChanged, before, now),
  traceOf: ({ person }) => ({ eventType: 'user.account.update_password', target: person }),
  show: (_order, { user }) => ({ status: user?.status ?? 'deleted', passwordChanged: user?.passwordChanged ?? null }),
};

export const expirePassword: Act<ExpireParameters, SeenUser> = {
  ...onPerson,
  plan: ({ person, parameters: { temporaryPassword = false, revokeSessions } }, { user }) => {
    const call = `${userPath(person)}/lifecycle/expire_password`;
    if (temporaryPassword)
      return [{ method: 'POST', path: withQuery(`${call}_with_temp_password`, { revokeSessions }) }];
    return user?.status === 'PASSWORD_EXPIRED' ? [] : [{ method: 'POST', path: call }];
  },
  // A password that had expired before looks no different afterwards.
  did: (_order, before, now) =>
    before.user?.status === 'PASSWORD_EXPIRED'
      ? undefined
      : shows(now.user?.status === 'PASSWORD_EXPIRED', before, now),
  traceOf: ({ person }) => ({ eventType: 'user.account.expire_password', target: person }),
  secretIn: (answer) => textsIn(answer, 'tempPassword'),
};

export const resetPassword: Act<ResetParameters, SeenUser> = {
  ...onPerson,
  check: (order, { user }) => {
    const { hasPassword, provider } = mustBeThere(order, user);
    if (!own.includes(provider))
      throw new ActRefused('managed_elsewhere', `The password of this person is kept by ${provider}, not by Okta.`);
    if (!hasPassword)
      throw new ActRefused('person_status', 'This person has no password that could be reset.', [
        'change_user_password',
      ]);
  },
  plan: ({ person, parameters: { sendEmail = true, revokeSessions } }) => [
    {
      method: 'POST',
      path: withQuery(`${userPath(person)}/lifecycle/reset_password`, { sendEmail, revokeSessions }),
    },
  ],
  did: (_order, before, now) =>
    before.user?.status === 'RECOVERY' ? undefined : shows(now.user?.status === 'RECOVERY', before, now),
  traceOf: ({ person }) => ({ eventType: 'user.account.reset_password', target: person }),
  secretIn: (answer) => textsIn(answer, 'resetPasswordUrl'),
};

export const resetMfa: Act<object, SeenUser> = {
  ...onPerson,
  plan: ({ person }) => [{ method: 'POST', path: `${userPath(person)}/lifecycle/reset_factors` }],
  did: () => undefined,
  traceOf: ({ person }) => ({ eventType: 'user.mfa.factor.reset_all', target: person }),
};
