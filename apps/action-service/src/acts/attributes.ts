import { isDeepStrictEqual } from 'node:util';

/** Okta leaves out what is not set, says null, or keeps an empty text: all three say the same. */
const valueOf = (value: unknown): unknown => (value === undefined || value === '' ? null : value);

/** What a profile has of the attributes that `wanted` names. */
export const concerned = (wanted: object, profile: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(Object.keys(wanted).map((name) => [name, valueOf(profile[name])]));

/** Whether a profile has all that is wanted. */
export const fits = (wanted: object, profile?: Record<string, unknown>): boolean =>
  isDeepStrictEqual(
    concerned(wanted, profile),
    Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name, valueOf(value)])),
  );
