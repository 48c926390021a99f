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
  /** The URI of the schema of its payload, where that has one. */
  dataschema?: string | undefined;
}

/** The `type` of an event as a CloudEvent: `seatwise.v1.person.changed`. A breaking change gives it a new version. */
export const cloudEventType = ({ name, version }: Pick<EventType<object>, 'name' | 'version'>): string =>
  `seatwise.v${version}.${name}`;

type Named = Pick<EventType<object>, 'name' | 'version'>;

/** The schema of an event's data: `person.changed.v1`. */
export const eventSchemaName = ({ name, version }: Named): string => `${name}.v${version}`;

/** What the schema calls itself, whatever the address at which it is served. */
export const eventSchemaId = (type: Named): string => `urn:seatwise:schema:${eventSchemaName(type)}`;

/** Where the gateway serves it, below its own address. */
export const eventSchemaPath = (type: Named): string => `/api/v1/schemas/${eventSchemaName(type)}.json`;

/** The `dataschema` of an event: the address of its schema where that is known, and the schema's own name otherwise. */
export const eventSchemaUri = (type: Named, publicUrl?: string): string =>
  publicUrl === undefined ? eventSchemaId(type) : `${publicUrl}${eventSchemaPath(type)}`;

/** The headers of a CloudEvent 1.0 in NATS' binary content mode: each attribute is a header, the data is the message. */
export function cloudEventHeaders({ id, type, version, workspace, time = new Date(), dataschema }: EventFacts) {
  return {
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-source': `urn:seatwise:workspace:${workspace}`,
    'ce-type': cloudEventType({ name: type, version }),
    'ce-time': time.toISOString(),
    ...(dataschema !== undefined && { 'ce-dataschema': dataschema }),
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
