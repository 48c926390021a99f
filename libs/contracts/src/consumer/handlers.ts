import { cloudEventType } from '../cloud-event.js';
import type { EventType } from '../message.js';

/** What comes with an event beside its data. */
export interface EventHead {
  /** `evt_…`, the same at every delivery. */
  id: string;
  /** `seatwise.v1.{entity}.{event}` */
  type: string;
  workspace: string;
  /** When what it tells was written down. */
  time: Date;
  /** Its place in the stream. */
  sequence: number;
  /** 1 when it comes for the first time. */
  delivery: number;
}

/** Takes an event. It has been taken when this resolves; what is thrown brings it again. `head`: null in a snapshot. */
export type Handle<P extends object> = (data: P, head: EventHead | null) => void | Promise<void>;

/** Who takes which event. */
export interface Handler {
  type: string;
  handle: Handle<object>;
}

/** Has `handle` called with each event of this type, with the data that the type has. */
export const on = <P extends object>(type: EventType<P>, handle: Handle<P>): Handler => ({
  type: cloudEventType(type),
  handle: handle as Handle<object>,
});

/** Hands something to all who take its type, one after the other. */
export async function handOver(
  handlers: Handler[],
  { type, data }: { type: string; data: object },
  head: EventHead | null = null,
): Promise<void> {
  for (const handler of handlers) if (handler.type === type) await handler.handle(data, head);
}

/** Those of some changes that are newer than what somebody has, by their versions. */
export const newerThan = <C extends { id: string; v: number }>(
  changes: C[],
  versionOf: (id: string) => number | undefined,
): C[] => changes.filter(({ id, v }) => v > (versionOf(id) ?? 0));
