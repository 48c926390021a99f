import type {
  ActionName,
  CreateParameters,
  ExpireParameters,
  FieldProblem,
  PasswordParameters,
  ProfileParameters,
} from '@seatwise/contracts';

const at = (name: string, detail: string): FieldProblem => ({ path: `$.parameters.${name}`, detail });

/** Parameters that are right each for itself and do not go together. */
export function mismatchIn(action: ActionName, parameters: object): FieldProblem | undefined {
  switch (action) {
    case 'create_user': {
      const { profile, activate = true, password, changePasswordAtSignIn } = parameters as CreateParameters;
      for (const name of ['login', 'email', 'firstName', 'lastName'])
        if (typeof profile[name] !== 'string' || profile[name] === '') return at(`profile.${name}`, 'must be a text');
      if (String(profile.login).length > 100) return at('profile.login', 'must be 100 characters at most');
      if (String(profile.login).includes('/'))
        return at('profile.login', 'must have no slash: Okta finds nobody by such a login');
      if (changePasswordAtSignIn && !activate) return at('changePasswordAtSignIn', 'needs activate');
      if (changePasswordAtSignIn && password === undefined) return at('changePasswordAtSignIn', 'needs a password');
      return undefined;
    }
    case 'change_user_profile':
      return Object.keys((parameters as ProfileParameters).profile).length === 0
        ? at('profile', 'must name an attribute at least')
        : undefined;
    case 'change_user_password': {
      const { oldPassword, revokeSessions } = parameters as PasswordParameters;
      return revokeSessions && oldPassword === undefined ? at('revokeSessions', 'needs the old password') : undefined;
    }
    case 'expire_user_password': {
      const { temporaryPassword, revokeSessions } = parameters as ExpireParameters;
      return revokeSessions && !temporaryPassword ? at('revokeSessions', 'goes with temporaryPassword') : undefined;
    }
    default:
      return undefined;
  }
}
