/** Checks by hand, for these run for each of millions of items. Each throws with the name of what is wrong. */
export type Json = Record<string, unknown>;

export function record(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} is not an object`);
  return value as Json;
}

export function id(value: unknown, name: string): string {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(value)) throw new Error(`${name} is not an id`);
  return value;
}

export function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`${name} is not text`);
  return value;
}

export const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

export function moment(value: unknown, name: string): string {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) throw new Error(`${name} is not a moment`);
  return value;
}

export const momentOrNull = (value: unknown, name: string): string | null =>
  value === null || value === undefined ? null : moment(value, name);
