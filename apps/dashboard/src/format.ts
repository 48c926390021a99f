import { parseDate } from '@internationalized/date';

/** Numbers and moments in the words of a person. */
const locale = 'en';
const dayMs = 86_400_000;
const whole = new Intl.NumberFormat(locale);
const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
const dayOfYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const monthOfYear = new Intl.DateTimeFormat(locale, { month: 'short', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'long' });

/** What tells moments in one time zone. */
function zoned(timeZone: string | undefined) {
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { ...options, timeZone });
  return {
    exact: format({ dateStyle: 'medium', timeStyle: 'long' }),
    day: format({ day: 'numeric', month: 'short', year: 'numeric' }),
    minute: format({ dateStyle: 'medium', timeStyle: 'short' }),
    clock: format({ hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }),
  };
}
let here = zoned(undefined);

/** From now on moments are told in this zone; empty: in the browser's own. */
export const tellTimesIn = (timeZone: string): void => void (here = zoned(timeZone || undefined));

/** The zone in which moments are told. */
export const zoneHere = (): string => here.exact.resolvedOptions().timeZone;
/** All zones that the browser knows, these and UTC first. */
export const zonesWith = (...first: string[]): string[] => [
  ...new Set([...first, 'UTC', ...Intl.supportedValuesOf('timeZone')]),
];

export const number = (value: number): string => whole.format(value);
/** An average: of small ones a tenth matters. */
export const roughly = (value: number): string =>
  value < 10 ? decimal.format(value) : whole.format(Math.round(value));
export const compact = (value: number): string => (value < 10_000 ? whole.format(value) : short.format(value));
export const percentage = (value: number): string => percent.format(value);
export const share = (part: number, all: number): string => (all === 0 ? '–' : percent.format(part / all));
export const exactly = (moment: string): string => here.exact.format(new Date(moment));
export const date = (moment: string): string => here.day.format(new Date(moment));
/** A day; with the time where it is so near that the day alone does not say whether it is past. */
export const deadline = (moment: string, now = Date.now()): string =>
  Math.abs(new Date(moment).getTime() - now) < dayMs ? here.minute.format(new Date(moment)) : date(moment);
export const time = (moment: string): string => here.clock.format(new Date(moment));
/** When a day (`2026-11-27`) began in the zone in which moments are told, or one that is so many days after it. */
export const startOf = (day: string, later = 0): string =>
  parseDate(day).add({ days: later }).toDate(zoneHere()).toISOString();
/** A day as the API counts them, in UTC. */
export const dayName = (utcDay: string): string => dayOfYear.format(new Date(`${utcDay}T00:00:00Z`));
/** The month of such a day. */
export const monthName = (utcDay: string): string => monthOfYear.format(new Date(`${utcDay}T00:00:00Z`));

const steps: [limit: number, seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [90, 1, 'second'],
  [90 * 60, 60, 'minute'],
  [36 * 3600, 3600, 'hour'],
  [30 * 86_400, 86_400, 'day'],
  [365 * 86_400, 30.44 * 86_400, 'month'],
  [Infinity, 365.25 * 86_400, 'year'],
];

/** `3 minutes ago`; within some seconds `just now`. */
export function ago(moment: string, now = Date.now()): string {
  const seconds = (new Date(moment).getTime() - now) / 1000;
  if (Math.abs(seconds) < 10) return 'just now';
  const [, size, unit] = steps.find(([limit]) => Math.abs(seconds) < limit)!;
  return relative.format(Math.round(seconds / size), unit);
}

/** `1 min 20 s` */
export function lasting(ms: number): string {
  if (ms === 0) return '0 s';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
