/** Reads search parameters: what is not as it should be is as if it were not there, for anybody may type an address. */
type Raw = Record<string, unknown>;

export const text = (raw: Raw, name: string): string | undefined => {
  const value = raw[name];
  const asText = typeof value === 'number' ? String(value) : value;
  return typeof asText === 'string' && asText !== '' ? asText.slice(0, 300) : undefined;
};

export const oneOf = <T extends string>(raw: Raw, name: string, values: readonly T[]): T | undefined =>
  values.find((value) => value === raw[name]);

export const someOf = <T extends string>(raw: Raw, name: string, values: readonly T[]): T[] | undefined => {
  const given = [raw[name]].flat();
  const found = values.filter((value) => given.includes(value));
  return found.length > 0 ? found : undefined;
};

export const someTexts = (raw: Raw, name: string): string[] | undefined => {
  const found = [raw[name]].flat().filter((value): value is string => typeof value === 'string');
  return found.length > 0 ? found.slice(0, 200) : undefined;
};

export const days = (raw: Raw, name: string): number | undefined => {
  const value = Number(raw[name]);
  return Number.isInteger(value) && value >= 1 && value <= 3650 ? value : undefined;
};

/** A day, such as `2026-11-27`. */
export const day = (raw: Raw, name: string): string | undefined => {
  const value = text(raw, name);
  const isDay = value && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
  return isDay && new Date(value).toISOString().startsWith(value) ? value : undefined;
};

/** A time zone that the browser knows. */
export const zone = (raw: Raw, name: string): string | undefined => {
  const value = text(raw, name);
  try {
    return value && new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
};

/**
 * What an address may say; each may be left out of a link. Those that it does not say are named all the same: under a name
 * that is not here the router hands on what was typed.
 */
export const readable = <T extends object>(search: T): Partial<T> => search;

/** `?status=ACTIVE&status=SUSPENDED`: an address that a person can read and change. */
export function writeSearch(search: Raw): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(search))
    for (const one of [value].flat() as (string | number | undefined)[])
      if (one !== undefined) written.append(name, String(one));
  const all = written.toString();
  return all === '' ? '' : `?${all}`;
}

export function readSearch(written: string): Raw {
  const given = new URLSearchParams(written);
  return Object.fromEntries(
    [...new Set(given.keys())].map((name) => {
      const values = given.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}
