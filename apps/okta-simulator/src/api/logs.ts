import { badCursor, invalid, OktaRefusal, refusal } from '../http/refusals.js';
import { fromLetters } from '../log/utf8-letters.js';
import { keptMs, SystemLog, type LogEntry, type LogPosition } from '../log/system-log.js';
import type { ApiAnswer, ApiRequest, Handler, Simulation } from '../simulation.js';
import { limitOf, linksOf, listed } from './paging.js';
import { attributesOf, logFilter, parseFilter, type Attributes } from './scim-filter.js';

const day = 86_400_000;
/** Entries that a query looks at before its time of 30 seconds is up. */
const patience = 5_000_000;

const logError = (cause: string) => new OktaRefusal(400, 'E0000053', `Invalid log query: ${cause}`);

export const readLogs: Handler = (simulation, request) => {
  const { query } = request;
  const now = simulation.clock.now() - request.logLag;
  const limit = logLimit(request);
  const until = momentOf(query, 'until');
  const since = momentOf(query, 'since') ?? (until ?? now) - 7 * day;
  if (simulation.clock.now() - since > 180 * day) throw logError('since is more than 180 days ago');
  const fits = fitting(query);
  const window = { since: Math.max(since, now - keptMs), now, limit, fits };
  if (limit === 0) return { status: 200, body: '[]', links: linksOf(simulation, request, undefined, []) };
  const isDescending = query.get('sortOrder')?.toUpperCase() === 'DESCENDING';
  return until !== undefined || isDescending
    ? bounded(simulation, request, { ...window, until: until ?? now + 1, isDescending })
    : polled(simulation, request, window);
};

interface Window {
  since: number;
  now: number;
  limit: number;
  fits: (entry: LogEntry) => boolean;
}

/** In the order of storing, without an end: the next link is always there and goes on from here. */
function polled(simulation: Simulation, request: ApiRequest, { since, now, limit, fits }: Window): ApiAnswer {
  const events: string[] = [];
  const start = positionIn(request.query) ?? SystemLog.positionOf(since);
  const end = simulation.log.read(start, now, (entry) => {
    if (entry.published >= since && fits(entry)) events.push(entry.letters());
    return events.length < limit;
  });
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
  { since, until, now, limit, fits, isDescending }: Window & { until: number; isDescending: boolean },
): ApiAnswer {
  const events: string[] = [];
  let looked = 0;
  const skip = positionIn(request.query);
  const end = simulation.log.between(
    { since, until, now, descending: isDescending, ...(skip && { skip }) },
    (entry) => {
      if (++looked > patience) throw refusal('E0000009');
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
function fitting(query: URLSearchParams): (entry: LogEntry) => boolean {
  const filter = query.get('filter');
  const matches = filter ? parseFilter(filter, logFilter) : undefined;
  const words = (query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length > 10 || words.some((word) => word.length > 40))
    throw invalid('q', 'q: at most ten words of at most 40 characters');
  return (entry) =>
    (!matches || matches(attributesOfEntry(entry))) &&
    words.every((word) => fromLetters(entry.letters()).toLowerCase().includes(word));
}

function attributesOfEntry(entry: LogEntry): Attributes {
  let whole: Attributes | undefined;
  return (attribute) => {
    if (attribute === 'eventType') return [entry.eventType];
    if (attribute === 'outcome.result') return [entry.result];
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
