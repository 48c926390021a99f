import { badCursor, invalid } from '../http/refusals.js';
import type { ApiRequest, Simulation } from '../simulation.js';

/** The page size that was asked for, within what the call allows. */
export function limitOf({ query, mostItems }: ApiRequest, standard: number, most: number, least = 1): number {
  const given = query.get('limit');
  if (given === null) return Math.min(standard, mostItems);
  const limit = Number(given);
  if (!Number.isInteger(limit) || limit < least)
    throw invalid('limit', `limit: The page size must be a whole number of ${least} or more.`);
  return Math.min(limit, most, mostItems);
}

/** `Link` lines of a page, a line each; parameters that Okta forgets are left out of the next one. */
export function linksOf(
  { bodies }: Simulation,
  { path, query }: ApiRequest,
  next: string | undefined,
  kept: readonly string[],
): string[] {
  const self = query.size > 0 ? `${path}?${query.toString()}` : path;
  const lines = [`<${bodies.origin}${self}>; rel="self"`];
  if (next === undefined) return lines;
  const onward = new URLSearchParams({ after: next });
  for (const name of kept) if (query.has(name)) onward.set(name, query.get(name)!);
  return [...lines, `<${bodies.origin}${path}?${onward.toString()}>; rel="next"`];
}

/** Takes a page of an ordered source and says whether there is more. */
export function pageOf<T>(source: Iterable<T>, limit: number): { items: T[]; isLast: boolean } {
  const items: T[] = [];
  for (const item of source) {
    if (items.length === limit) return { items, isLast: false };
    items.push(item);
  }
  return { items, isLast: true };
}

/** The number to go on from; a cursor is an id of some prefix that stands for the last item of the page before. */
export function startOf({ query }: ApiRequest, prefix: RegExp, numberOf: (id: string) => number): number {
  const cursor = query.get('after');
  if (cursor === null) return 0;
  const n = prefix.test(cursor) ? numberOf(cursor.replace(prefix, '')) : -1;
  if (n < 0) throw badCursor();
  return n + 1;
}

/** What searches, filters and `q` are answered from lags behind what was changed. */
export const indexedAt = ({ clock, options }: Simulation): number => clock.now() - options.indexLagMs;

export const listed = (items: readonly string[]): string => `[${items.join(',')}]`;
