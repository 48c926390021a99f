import type { Org } from '../org/org.js';
import { mix, uuidOf } from '../random.js';
import { Calendar } from './calendar.js';
import { actorIdOf, EventJson } from './event-json.js';
import type { LogEvent } from './event-shape.js';
import { toLetters } from './utf8-letters.js';
import { signInShare, SignInEvents, type Occurrence } from './sign-in-events.js';

const minuteMs = 60_000;
/** Okta keeps the log for 90 days (Okta: System Log query). */
export const keptMs = 90 * 86_400_000;
/** One event in a hundred is stored late, by so many minutes. */
const lags = [1, 7, 45];

/** A sign-in that the product must count; `app` is "okta" for Okta itself, null when the log does not say. */
export interface SignIn {
  person: string;
  app: string | null;
  published: number;
}

/** An event of a change, or a sign-in that was asked for. */
export interface Happened {
  persisted: number;
  published: number;
  event: LogEvent;
  signIn?: SignIn;
}

/** Where a reader of the log is: a minute, and how many events of it were read. */
export interface LogPosition {
  minute: number;
  at: number;
}

/** An event in the log, written only when it is asked for. */
export interface LogEntry {
  persisted: number;
  published: number;
  eventType: string;
  result: string;
  actorId: string;
  /** Its JSON, as `toLetters` has it. */
  letters(): string;
}

type Slot = { persisted: number; published: number; minute: number; k: number; happened?: Happened };

/** The System Log: computed from the seed minute by minute, so that it holds nothing but changes, however long it is. */
export class SystemLog {
  private readonly calendar: Calendar;
  private readonly events: SignInEvents;
  private readonly writer: EventJson;
  /** Changes, by the minute in which they were stored and by the one in which they were published. */
  private readonly stored = new Map<number, Happened[]>();
  private readonly published = new Map<number, Happened[]>();

  constructor(
    private readonly org: Org,
    signInsPerPerson30d: number,
    isClassic: boolean,
  ) {
    this.calendar = new Calendar(org.seed, (org.people.count * signInsPerPerson30d) / signInShare);
    this.events = new SignInEvents(org);
    this.writer = new EventJson(org, isClassic);
  }

  /** Writes down what was done. */
  happen(entry: Happened): void {
    add(this.stored, Math.floor(entry.persisted / minuteMs), entry);
    add(this.published, Math.floor(entry.published / minuteMs), entry);
    const oldest = Math.floor((entry.persisted - keptMs) / minuteMs);
    for (const minute of this.stored.keys()) {
      if (minute >= oldest) break;
      this.stored.delete(minute);
      this.published.delete(minute);
    }
  }

  static positionOf(moment: number): LogPosition {
    return { minute: Math.floor(moment / minuteMs), at: 0 };
  }

  /**
   * Walks the events in the order in which they were stored, from a position to `now`; `visit` says whether to go on.
   * `writtenDown` leaves out what is computed. Returns the position after the last one visited.
   */
  read(from: LogPosition, now: number, visit: (entry: LogEntry) => boolean, writtenDown = false): LogPosition {
    const last = Math.floor(now / minuteMs);
    let at = from.at;
    for (let minute = from.minute; minute <= last; minute += 1) {
      const slots = writtenDown && !this.stored.has(minute) ? [] : this.storedIn(minute);
      for (; at < slots.length; at += 1) {
        const slot = slots[at]!;
        if (slot.persisted > now) return { minute, at };
        if (writtenDown && !slot.happened) continue;
        if (!visit(this.entry(slot))) return { minute, at: at + 1 };
      }
      if (minute < last) at = 0;
    }
    return { minute: Math.max(last, from.minute), at };
  }

  /** Walks what was published from `since` to before `until`, by the time of publishing, and stored by `now`. */
  between(
    {
      since,
      until,
      now,
      descending,
      skip,
      writtenDown,
    }: { since: number; until: number; now: number; descending: boolean; skip?: LogPosition; writtenDown?: boolean },
    visit: (entry: LogEntry) => boolean,
  ): LogPosition | undefined {
    const first = Math.floor(since / minuteMs);
    const last = Math.floor((until - 1) / minuteMs);
    const step = descending ? -1 : 1;
    for (let minute = skip?.minute ?? (descending ? last : first); minute >= first && minute <= last; minute += step) {
      const slots = writtenDown && !this.published.has(minute) ? [] : this.publishedIn(minute);
      if (descending) slots.reverse();
      for (let at = minute === skip?.minute ? skip.at : 0; at < slots.length; at += 1) {
        const slot = slots[at]!;
        if (slot.published < since || slot.published >= until || slot.persisted > now) continue;
        if (writtenDown && !slot.happened) continue;
        if (!visit(this.entry(slot))) return { minute, at: at + 1 };
      }
    }
    return undefined;
  }

  /** The sign-ins that were published from `since` to before `until` and stored by `now`; and what is to be counted apart. */
  signIns(since: number, until: number, now: number, visit: (signIn: SignIn | 'unknownActor') => void): void {
    const last = Math.floor((Math.min(until, now + 1) - 1) / minuteMs);
    for (let minute = Math.floor(since / minuteMs); minute <= last; minute += 1)
      for (const slot of this.publishedIn(minute)) {
        if (slot.published < since || slot.published >= until || slot.persisted > now) continue;
        const signIn = slot.happened ? slot.happened.signIn : this.signIn(slot);
        if (signIn) visit(signIn);
      }
  }

  private signIn({ minute, k, published }: Slot): SignIn | 'unknownActor' | undefined {
    const { eventType, result, actor, app, named } = this.events.at(minute, k, published);
    if (result !== 'SUCCESS') return undefined;
    const isSession = eventType === 'user.session.start';
    if (!isSession && eventType !== 'user.authentication.sso') return undefined;
    if (actor < 0) return 'unknownActor';
    return {
      person: this.org.people.ids.of(actor),
      app: isSession ? 'okta' : named ? this.org.appIds.of(app) : null,
      published,
    };
  }

  private entry({ minute, k, persisted, published, happened }: Slot): LogEntry {
    if (happened) return entryOf(happened);
    return new ComputedEntry(
      this.org,
      this.writer,
      minute,
      k,
      persisted,
      published,
      this.events.at(minute, k, published),
    );
  }

  /** The late ones of a minute are every hundredth, and all late by as much. */
  private lateness(minute: number): { rest: number; lag: number } {
    return { rest: mix(this.org.seed, 82, minute) % 100, lag: lags[mix(this.org.seed, 81, minute) % lags.length]! };
  }

  private publishedAt(minute: number, k: number, count: number): number {
    const part = mix(this.org.seed ^ 0x7133, k, minute) / 0x100000000;
    return minute * minuteMs + Math.floor(((k + part) * minuteMs) / count);
  }

  private storedIn(minute: number): Slot[] {
    const slots: Slot[] = [];
    const count = this.calendar.count(minute);
    const { rest } = this.lateness(minute);
    for (let k = 0; k < count; k += 1) {
      if (k % 100 === rest) continue;
      const published = this.publishedAt(minute, k, count);
      slots.push({ persisted: published, published, minute, k });
    }
    const own = slots.length;
    for (const lag of lags) {
      const source = minute - lag;
      const { rest: late, lag: actual } = this.lateness(source);
      if (actual !== lag) continue;
      const sourceCount = this.calendar.count(source);
      for (let k = late; k < sourceCount; k += 100) {
        const published = this.publishedAt(source, k, sourceCount);
        slots.push({ persisted: published + lag * minuteMs, published, minute: source, k });
      }
    }
    for (const happened of this.stored.get(minute) ?? [])
      slots.push({ persisted: happened.persisted, published: happened.published, minute, k: -1, happened });
    return slots.length > own ? slots.sort((a, b) => a.persisted - b.persisted) : slots;
  }

  private publishedIn(minute: number): Slot[] {
    const slots: Slot[] = [];
    const count = this.calendar.count(minute);
    const { rest, lag } = this.lateness(minute);
    for (let k = 0; k < count; k += 1) {
      const published = this.publishedAt(minute, k, count);
      slots.push({ persisted: k % 100 === rest ? published + lag * minuteMs : published, published, minute, k });
    }
    const changes = this.published.get(minute);
    if (!changes) return slots;
    for (const happened of changes)
      slots.push({ persisted: happened.persisted, published: happened.published, minute, k: -1, happened });
    return slots.sort((a, b) => a.published - b.published);
  }
}

class ComputedEntry implements LogEntry {
  private written: string | undefined;

  constructor(
    private readonly org: Org,
    private readonly writer: EventJson,
    private readonly minute: number,
    private readonly k: number,
    readonly persisted: number,
    readonly published: number,
    private readonly occurrence: Occurrence,
  ) {}

  get eventType(): string {
    return this.occurrence.eventType;
  }

  get result(): string {
    return this.occurrence.result;
  }

  get actorId(): string {
    return actorIdOf(this.org, this.occurrence);
  }

  letters(): string {
    this.written ??= this.writer.write(this.occurrence, uuidOf(this.org.seed, this.minute, this.k), this.published);
    return this.written;
  }
}

function entryOf({ persisted, published, event }: Happened): LogEntry {
  const { result } = event.outcome as { result: string };
  const { id: actorId } = event.actor as { id: string };
  const letters = () => toLetters(JSON.stringify(event));
  return { persisted, published, eventType: event.eventType, result, actorId, letters };
}

function add(map: Map<number, Happened[]>, minute: number, entry: Happened): void {
  const list = map.get(minute);
  if (list) list.push(entry);
  else map.set(minute, [entry]);
}
