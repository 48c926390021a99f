import { createHash } from 'node:crypto';
import type { Person } from '../org/people.js';
import { invalid, refusal } from '../http/refusals.js';
import { letters } from '../random.js';
import type { ApiRequest, Handler, Simulation } from '../simulation.js';
import { flagOf, nothing } from './acting.js';
import { move, wrongStatus } from './lifecycle.js';
import { objectOf, personOf } from './users.js';

/** The password that everybody with one begins with. */
export const firstPassword = 'Simulated-1';

/** Fingerprints of the passwords that were set since; by person, for each org. */
const fingerprints = new WeakMap<Simulation, Map<number, string>>();
const fingerprint = (password: string): string => createHash('sha256').update(password).digest('hex');

function fingerprintsOf(simulation: Simulation): Map<number, string> {
  let known = fingerprints.get(simulation);
  if (!known) fingerprints.set(simulation, (known = new Map()));
  return known;
}

/** The text in `{ value }`. */
export function passwordIn(value: unknown, name: string): string {
  const password = (value as { value?: unknown } | undefined)?.value;
  if (typeof password !== 'string') throw invalid(name, `${name}: The field cannot be left blank`);
  return password;
}

const rule =
  'Passwords must have at least 8 characters, a lowercase letter, an uppercase letter, a number, no parts of your username.';

/** Refuses what the org's policy does not take; `strict` asks for its history too, which remembers the last one. */
export function checkPolicy(simulation: Simulation, password: string, login: string, strict?: Person): void {
  const isFine =
    password.length >= 8 &&
    password.length <= 72 &&
    /[a-z]/.test(password) &&
    /[A-Z]/.test(password) &&
    /\d/.test(password) &&
    !password.toLowerCase().includes(login.split('@')[0]!.toLowerCase());
  if (!isFine) throw againstPolicy(simulation, rule);
  if (strict?.hasPassword && isPassword(simulation, strict, password))
    throw againstPolicy(simulation, 'Password has been used too recently');
}

const againstPolicy = ({ options }: Simulation, cause: string) =>
  options.unknowns.passwordPolicy === 'E0000080'
    ? refusal('E0000080', [cause])
    : invalid('password', `password: ${cause}`);

export function checkNotDelegated({ provider }: Person): void {
  if (provider !== 'OKTA' && provider !== 'IMPORT') throw refusal('E0000023');
}

export function keepPassword(simulation: Simulation, { n }: Person, password: string): void {
  fingerprintsOf(simulation).set(n, fingerprint(password));
}

const isPassword = (simulation: Simulation, { n }: Person, password: string): boolean =>
  (fingerprintsOf(simulation).get(n) ?? fingerprint(firstPassword)) === fingerprint(password);

export const changePassword: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  const body = objectOf(request.body, 'changePassword');
  const old = passwordIn(body.oldPassword, 'oldPassword');
  const next = passwordIn(body.newPassword, 'newPassword');
  checkNotDelegated(person);
  if (!['STAGED', 'ACTIVE', 'PASSWORD_EXPIRED', 'RECOVERY'].includes(person.status) || !person.hasPassword)
    throw refusal('E0000035');
  if (!isPassword(simulation, person, old)) throw refusal('E0000014', ['Old Password is not correct']);
  checkPolicy(simulation, next, String(person.profile.login), flagOf(request, 'strict', false) ? person : undefined);
  keepPassword(simulation, person, next);
  const change = {
    passwordChanged: simulation.clock.now(),
    ...(person.status !== 'STAGED' && { status: 'ACTIVE' as const }),
  };
  move(simulation, request, person, change, 'user.account.update_password', 'User update password for Okta');
  return {
    status: 200,
    body: JSON.stringify({ password: {}, provider: { type: person.provider, name: person.provider } }),
  };
};

function expire(simulation: Simulation, request: ApiRequest, key: string): Person {
  const person = personOf(simulation, key);
  if (!['ACTIVE', 'PASSWORD_EXPIRED'].includes(person.status) || !person.hasPassword)
    throw wrongStatus(
      simulation,
      'expire_password',
      person,
      refusal(simulation.options.unknowns.expirePasswordRefusal),
    );
  return move(
    simulation,
    request,
    person,
    { status: 'PASSWORD_EXPIRED' },
    'user.account.expire_password',
    "User's Okta password is expired",
  );
}

export const expirePassword: Handler = (simulation, request, key = '') => ({
  status: 200,
  body: simulation.bodies.user(expire(simulation, request, key), true),
});

export const expirePasswordWithTemporary: Handler = (simulation, request, key = '') => {
  const person = expire(simulation, request, key);
  const tempPassword = `Aa1${letters(simulation.org.seed, 62_000, request.number, 9)}`;
  keepPassword(simulation, person, tempPassword);
  return { status: 200, body: JSON.stringify({ tempPassword }) };
};

export const resetPassword: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  const { unknowns } = simulation.options;
  if (!person.hasPassword) throw refusal(unknowns.resetWithoutPassword);
  if (!unknowns.resettableStatuses.includes(person.status)) throw wrongStatus(simulation, 'reset_password', person);
  move(simulation, request, person, { status: 'RECOVERY' }, 'user.account.reset_password', "Reset user's password");
  if (flagOf(request, 'sendEmail', true)) return nothing;
  const resetPasswordUrl = `${simulation.bodies.origin}/reset_password/${letters(simulation.org.seed, 63_000, request.number, 20)}`;
  return { status: 200, body: JSON.stringify({ resetPasswordUrl }) };
};
