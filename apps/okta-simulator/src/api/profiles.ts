import type { Profile } from '../org/people.js';
import { invalid } from '../http/refusals.js';
import type { Simulation } from '../simulation.js';
import { baseAttributes, customAttributes, longestOf, shownAttributes } from './schema.js';

const required = ['login', 'email', 'firstName', 'lastName'];

/** Refuses a profile that the org's schema does not have; `object` is what Okta names in the refusal. */
export function checkProfile(simulation: Simulation, profile: Profile, object: string, self?: number): void {
  const causes = Object.entries(profile).flatMap(([name, value]) => faultOf(name, value));
  for (const name of required)
    if (profile[name] === undefined || profile[name] === null || profile[name] === '')
      causes.push(`${name}: The field cannot be left blank`);
  if (causes.length > 0) throw invalid(object, ...causes);
  const holder = simulation.org.directory.find(String(profile.login));
  const holderLogin = holder < 0 ? undefined : simulation.org.directory.person(holder)?.profile.login;
  const isTaken = holder !== self && String(holderLogin).toLowerCase() === String(profile.login).toLowerCase();
  if (isTaken) throw invalid('login', 'login: An object with this field already exists in the current organization');
}

function faultOf(name: string, value: unknown): string[] {
  const custom = customAttributes[name];
  if (!custom && !baseAttributes.includes(name)) return [`Property name '${name}' is not defined in profile`];
  if (value === null || value === undefined) return [];
  const type = (custom?.type ?? 'string') as string;
  const isFitting =
    type === 'array' ? Array.isArray(value) : type === 'integer' ? Number.isInteger(value) : typeof value === type;
  if (!isFitting) return [`${name}: The value must be of type ${type}`];
  if (typeof value !== 'string') return [];
  if (value.length > ((custom?.maxLength as number | undefined) ?? longestOf(name)))
    return [`${name}: The field is too long`];
  // What needs four bytes is not taken.
  if (/[\u{10000}-\u{10FFFF}]/u.test(value)) return [`${name}: Contains characters that are not supported`];
  if ((name === 'login' || name === 'email') && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value))
    return [
      name === 'login'
        ? 'login: Username must be in the form of an email address'
        : 'email: Does not match required pattern',
    ];
  return [];
}

/** What becomes of a profile: a null clears; without `partial` what is absent is cleared as well. */
export function merged(before: Profile, given: Profile, partial: boolean): Profile {
  const shown = Object.fromEntries(shownAttributes.map((name) => [name, partial ? (before[name] ?? null) : null]));
  const all = { ...shown, ...(partial && before), ...given };
  return Object.fromEntries(
    Object.entries(all).filter(([name, value]) => value !== null || shownAttributes.includes(name)),
  );
}
