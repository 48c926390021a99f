/** What a class of a message looks like to the bus: it can be made from plain JSON and checked by its decorators. */
export type Shape<T extends object> = new () => T;

/** What a contract is as JSON: its fields, and nothing of a class. */
export type Plain<T> = T extends (infer I)[] ? Plain<I>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;

/** A question that one service asks another, and the shape of its answer. Declared once, typed at both ends. */
export interface RequestPair<Req extends object, Res extends object> {
  readonly subject: string;
  readonly Request: Shape<Req>;
  readonly Response: Shape<Res>;
  /** How long the caller waits, in milliseconds. */
  readonly timeoutMs: number;
}

/** Something that happened, published on the stream for whoever listens. */
export interface EventType<P extends object> {
  /** `{entity}.{event}`, the end of its subject. */
  readonly name: string;
  readonly version: number;
  readonly Payload: Shape<P>;
  /** Services tell it each other alone, on a stream that nobody outside can read. */
  readonly internal?: true;
}

export function request<Req extends object, Res extends object>(
  subject: string,
  Request: Shape<Req>,
  Response: Shape<Res>,
  { timeoutMs = 10_000 } = {},
): RequestPair<Req, Res> {
  return { subject: `seatwise.rpc.${subject}`, Request, Response, timeoutMs };
}

export function event<P extends object>(name: string, version: number, Payload: Shape<P>): EventType<P> {
  return { name, version, Payload };
}

/** An event that no system outside may build on. */
export function internalEvent<P extends object>(name: string, version: number, Payload: Shape<P>): EventType<P> {
  return { name, version, Payload, internal: true };
}

/**
 * `seatwise.v1.{workspace}.{entity}.{event}`, or `seatwise.internal.{workspace}.{entity}.{event}`; `*` for the workspace
 * subscribes to all of them.
 */
export function eventSubject(type: EventType<object>, workspace: string): string {
  return `seatwise.${type.internal ? 'internal' : `v${type.version}`}.${workspace}.${type.name}`;
}

/** The stream that keeps events of this subject. */
export const eventStreamOf = (subject: string): 'EVENTS' | 'INTERNAL' =>
  subject.startsWith('seatwise.internal.') ? 'INTERNAL' : 'EVENTS';

const wasPublic = /^seatwise\.v1\.([^.]+)\.(directory\.seen)$/;
/** The subject under which an event is published now that was written down when it was not internal yet. */
export const subjectNow = (subject: string): string => subject.replace(wasPublic, 'seatwise.internal.$1.$2');

/** All events of one workspace. */
export const eventsOf = (workspace: string): string => `seatwise.v1.${workspace}.>`;

/**
 * The subjects under which a consumer of these events finds them in every workspace: one for all events of an entity when
 * they are of one, for NATS holds a consumer to its subject only while it has a single one. What else comes is passed over.
 */
export function filtersOf(types: EventType<object>[]): string[] {
  const subjects = [...new Set(types.map((type) => eventSubject(type, '*')))];
  const entities = new Set(subjects.map((subject) => subject.slice(0, subject.lastIndexOf('.'))));
  return subjects.length > 1 && entities.size === 1 ? [`${[...entities][0]}.*`] : subjects;
}

/**
 * Where the same is told at once to whoever listens at that moment, and kept by no stream:
 * `seatwise.live.{workspace}.{entity}.{event}`. What is lost on the way is made up for by asking.
 */
export const liveSubject = (type: EventType<object>, workspace: string): string =>
  `seatwise.live.${workspace}.${type.name}`;

/** An event on its way: what the outbox keeps and the relay publishes. */
export interface EventEntry {
  subject: string;
  type: string;
  version: number;
  workspace: string;
  payload: object;
}

/** The outbox entry of an event, typed by its declaration. */
export function eventEntry<P extends object>(type: EventType<P>, workspace: string, payload: P): EventEntry {
  return { subject: eventSubject(type, workspace), type: type.name, version: type.version, workspace, payload };
}
