import { badCursor, invalid, OktaRefusal, refusal } from '../http/refusals.js';
import { computedTypes } from '../log/event-json.js';
import { fromLetters } from '../log/utf8-letters.js';
import { keptMs, SystemLog, type LogEntry, type LogPosition } from '../log/system-log.js';
import type { ApiAnswer, ApiRequest, Handler, Simulation } from '../simulation.js';
import { limitOf, linksOf, listed } from './paging.js';
import { attributesOf, logFilter, parseFilter, type Attributes } from './scim-filter.js';

const day = 86_400_000;
/** Entries that a query looks at before its time of 30 seconds is up. */
const patience = 2_000_000;

const logError = (cause: string) => new OktaRefusal(400, 'E0000053', `Invalid log query: ${cause}`);

export const readLogs: Handler = (simulation, request) => {
  const { query } = request;
  const now = simulation.clock.now() - request.logLag;
  const limit = logLimit(request);
  const until = momentOf(query, 'until');
  const since = momentOf(query, 'since') ?? (until ?? now) - 7 * day;
  if (simulation.clock.now() - since > 180 * day) throw logError('since is more than 180 days ago');
  const window = { since: Math.max(since, now - keptMs), now, limit, ...wanted(query) };
  if (limit === 0) return { status: 200, body: '[]', links: linksOf(simulation, request, undefined, []) };
  const isDescending = query.get('sortOrder')?.toUpperCase() === 'DESCENDING';
  return until !== undefined || isDescending
    ? bounded(simulation, request, { ...window, until: until ?? now + 1, isDescending })
    : polled(simulation, request, window);
};

interface Wanted {
  fits: (entry: LogEntry) => boolean;
  /** Whether nothing that is computed can fit. */
  writtenDown: boolean;
}

interface Window extends Wanted {
  since: number;
  now: number;
  limit: number;
}

/** In the order of storing, without an end: the next link is always there and goes on from here. */
function polled(
  simulation: Simulation,
  request: ApiRequest,
  { since, now, limit, fits, writtenDown }: Window,
): ApiAnswer {
  const events: string[] = [];
  const start = positionIn(request.query) ?? SystemLog.positionOf(since);
  const lookAt = patienceOfOkta();
  const visit = (entry: LogEntry) => {
    lookAt();
    if (entry.published >= since && fits(entry)) events.push(entry.letters());
    return events.length < limit;
  };
  const end = simulation.log.read(start, now, visit, writtenDown);
  return {
    status: 200,
    body: Buffer.from(listed(events), 'latin1'),
    links: linksOf(simulation, request, cursorOf(end), ['since', 'sortOrder', 'filter', 'q', 'limit']),
  };
}

/** Between two moments by the time of publishing; what is not stored yet is missing. */
function bounded(
  simulation: Simulation,
  request: ApiRequest,
  { since, until, now, limit, fits, writtenDown, isDescending }: Window & { until: number; isDescending: boolean },
): ApiAnswer {
  const events: string[] = [];
  const lookAt = patienceOfOkta();
  const skip = positionIn(request.query);
  const end = simulation.log.between(
    { since, until, now, descending: isDescending, writtenDown, ...(skip && { skip }) },
    (entry) => {
      lookAt();
      if (fits(entry)) events.push(entry.letters());
      return events.length < limit;
    },
  );
  const next = end && cursorOf(end);
  return {
    status: 200,
    body: Buffer.from(listed(events), 'latin1'),
    links: linksOf(simulation, request, next, ['since', 'until', 'sortOrder', 'filter', 'q', 'limit']),
  };
}

function logLimit(request: ApiRequest): number {
  const given = request.query.get('limit');
  if (given !== null && !(Number(given) >= 0 && Number(given) <= 1_000)) throw logError('limit must be from 0 to 1000');
  return given === '0' ? 0 : limitOf(request, 100, 1_000);
}

/** What the filter and `q` ask for, as cheaply as it can be told: most ask for the type of event alone. */
function wanted(query: URLSearchParams): Wanted {
  const filter = query.get('filter');
  const expression = filter ? parseFilter(filter, logFilter) : undefined;
  const matches = expression?.matches;
  const words = (query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length > 10 || words.some((word) => word.length > 40))
    throw invalid('q', 'q: at most ten words of at most 40 characters');
  // A word of Latin letters reads the same before the bytes of the event are put together to others.
  const isLatin = words.every((word) => /^[\u0021-\u007e]*$/.test(word));
  const types = expression?.oneOf.get('eventType');
  return {
    fits: (entry) =>
      (!matches || matches(attributesOfEntry(entry))) &&
      (words.length === 0 || hasAll((isLatin ? entry.letters() : fromLetters(entry.letters())).toLowerCase(), words)),
    writtenDown: types !== undefined && [...types].every((type) => !computedTypes.has(type.toLowerCase())),
  };
}

const hasAll = (text: string, words: string[]): boolean => words.every((word) => text.includes(word));

/** To be called for each entry that is looked at. Throws when the time of a query is up. */
function patienceOfOkta(): () => void {
  let looked = 0;
  return () => {
    looked += 1;
    if (looked > patience) throw refusal('E0000009');
  };
}

function attributesOfEntry(entry: LogEntry): Attributes {
  let whole: Attributes | undefined;
  return (attribute) => {
    if (attribute === 'eventType') return entry.eventType;
    if (attribute === 'outcome.result') return entry.result;
    if (attribute === 'actor.id') return entry.actorId;
    whole ??= attributesOf(JSON.parse(fromLetters(entry.letters())));
    return whole(attribute);
  };
}

function momentOf(query: URLSearchParams, name: 'since' | 'until'): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw invalid(name, `${name}: The date format in your query is not recognized`);
  return moment;
}

const cursorOf = ({ minute, at }: LogPosition): string => `${minute * 60_000}_${at}`;

function positionIn(query: URLSearchParams): LogPosition | undefined {
  const cursor = query.get('after');
  if (cursor === null) return undefined;
  const [, moment, at] = /^(\d{1,15})_(\d{1,9})$/.exec(cursor) ?? [];
  if (moment === undefined || Number(moment) % 60_000 !== 0) throw badCursor();
  return { minute: Number(moment) / 60_000, at: Number(at) };
}
