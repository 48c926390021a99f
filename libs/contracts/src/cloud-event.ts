import type { EventType } from './message.js';

/** What an event is, beside its payload. */
export interface EventFacts {
  /** `evt_…`, the same however often it is delivered. */
  id: string;
  /** `{entity}.{event}` */
  type: string;
  version: number;
  workspace: string;
  /** When it was written down; now, unless said otherwise. */
  time?: Date | undefined;
}

/** The `type` of an event as a CloudEvent: `seatwise.v1.person.changed`. A breaking change gives it a new version. */
export const cloudEventType = ({ name, version }: Pick<EventType<object>, 'name' | 'version'>): string =>
  `seatwise.v${version}.${name}`;

/** The headers of a CloudEvent 1.0 in NATS' binary content mode: each attribute is a header, the data is the message. */
export function cloudEventHeaders({ id, type, version, workspace, time = new Date() }: EventFacts) {
  return {
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-source': `urn:seatwise:workspace:${workspace}`,
    'ce-type': cloudEventType({ name: type, version }),
    'ce-time': time.toISOString(),
    'ce-workspace': workspace,
    'content-type': 'application/json',
  };
}

/** Whether a header belongs to the CloudEvent, and goes with it when it is published again. */
export const isCloudEventHeader = (name: string): boolean => /^(ce-|content-type$)/i.test(name);

/** The attributes of a CloudEvent as its headers in NATS' binary content mode name them: `ce-type` is `type`. */
export const cloudEventAttributes = (
  headers: Iterable<readonly [name: string, value: string]>,
): Record<string, string> =>
  Object.fromEntries(
    [...headers]
      .filter(([name]) => isCloudEventHeader(name))
      .map(([name, value]) => [name === 'content-type' ? 'datacontenttype' : name.slice('ce-'.length), value]),
  );

/**
 * A CloudEvent in structured JSON mode (CloudEvents, JSON Event Format): the attributes, and the data as the JSON text that
 * it came as, so that nothing of it is lost on the way.
 */
export const structuredCloudEvent = (attributes: Record<string, string>, data: string): string =>
  `${JSON.stringify(attributes).slice(0, -1)},"data":${data}}`;
