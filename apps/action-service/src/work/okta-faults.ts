import {
  actionCatalogue,
  scopeOf,
  type ActionCapability,
  type ActionFaultDto,
  type ProblemCode,
} from '@seatwise/contracts';
import { PermissionDeniedError, type OktaError } from '@seatwise/okta';
import type { Order } from '../acts/act.js';

/** Codes of Okta's that say the same whatever was asked for (Okta: Error codes). */
const codes: Record<string, [ProblemCode, string]> = {
  E0000007: ['person_not_found', 'Okta says that there is no such thing any more.'],
  E0000014: ['old_password_wrong', 'The old password is not the right one.'],
  E0000016: ['person_status', 'The person is active already.'],
  E0000017: ['person_status', 'Okta does not reset the password of this person.'],
  E0000023: ['managed_elsewhere', 'Another system is the master of this person.'],
  E0000032: ['person_status', 'The person is not locked out.'],
  E0000035: ['person_status', 'Okta does not let the password of this person be changed.'],
  E0000038: ['person_status', "Okta does not allow this in the person's status."],
  E0000046: ['assignment_from_group', 'The app comes from a group: take the person out of it.'],
  E0000060: ['group_not_manual', 'Nobody can be put into this group or taken out by hand.'],
  E0000062: ['okta_refused', 'The person is assigned already.'],
  E0000075: ['managed_elsewhere', 'The attribute is mapped from the profile of the person.'],
  E0000076: ['managed_elsewhere', 'The app is the master of its people.'],
  E0000077: ['attribute_read_only', 'The attribute cannot be changed.'],
  E0000080: ['password_policy', 'The password does not fit the policy of the org.'],
  E0000112: ['person_status', 'The person is still being activated. Try again in a minute.'],
  E0000117: ['person_status', 'Apps cannot be assigned to somebody who is not active.'],
};

/** What must be read to act so. */
const readScopes: Record<ActionCapability, string> = {
  act_on_users: 'okta.users.read and okta.schemas.read',
  act_on_groups: 'okta.users.read and okta.groups.read',
  act_on_apps: 'okta.users.read, okta.apps.read and okta.groups.read',
};

/** Okta's refusal in our words, with its own beside. `looking`: nothing was to be changed by the request. */
export function faultOf(
  error: OktaError,
  { action, parameters, secrets }: Order,
  { looking = false } = {},
): ActionFaultDto {
  const { status, code, causes, summary } = error.fault;
  const said = [code, ...(causes.length > 0 ? causes : [summary])].filter(Boolean).join(' ');
  // An answer may repeat what it was asked.
  const own = Object.values(secrets).reduce((text, secret) => text.replaceAll(secret, '…'), said);
  const made = (problem: ProblemCode, detail: string): ActionFaultDto => ({
    code: problem,
    detail: `${detail} Okta: ${own || `HTTP ${status}`}`.slice(0, 1_000),
    possible: [],
  });
  if (error instanceof PermissionDeniedError && (code === '' || code === 'E0000006')) {
    const { capability } = actionCatalogue[action];
    const scope = error.scope || (looking ? readScopes[capability] : scopeOf[capability]);
    return made(
      'capability_missing',
      looking
        ? `The token may not read what must be seen first: it needs ${scope}, or a role that holds it.`
        : `The token may not do this: it needs the scope ${scope} or a role that holds it.`,
    );
  }
  if (code === 'E0000001') return invalid(causes, made);
  if (code === 'E0000007' && 'app' in parameters)
    return made('app_not_found', 'Okta does not find the app, or it is inactive.');
  if (code === 'E0000007' && 'groups' in parameters)
    return made('group_not_found', 'Okta does not find one of the groups.');
  const known = codes[code];
  return known ? made(...known) : made('okta_refused', 'Okta refused this.');
}

/** Okta's validation has one code for all; the causes tell what it is about. */
function invalid(causes: string[], made: (code: ProblemCode, detail: string) => ActionFaultDto): ActionFaultDto {
  const all = causes.join(' ');
  if (/already exists/.test(all)) return made('login_taken', 'Somebody has this login already.');
  if (/^password/i.test(all)) return made('password_policy', 'The password does not fit the policy of the org.');
  if (/not defined in profile|not found/.test(all)) return made('attribute_unknown', 'There is no such attribute.');
  return made('okta_refused', 'Okta refused this.');
}
