import { cloudEventHeaders, cloudEventType, eventSchemaName, eventSchemaUri } from './cloud-event.js';
import { eventExamples, saysOfEvents } from './event-says.js';
import { exampleIds } from './examples.js';
import { Schemas, type JsonSchema } from './json-schema.js';
import { eventsOf, eventSubject, type EventType } from './message.js';
import { consumersDomain, consumerUser } from './nats-accounts.js';
import { inboxPrefixOf } from './nats-permissions.js';
import { publicEvents } from './webhooks.js';

interface Reference {
  $ref: string;
}

export interface AsyncApiChannel {
  address: string;
  title: string;
  description: string;
  servers: Reference[];
  parameters: Record<string, Reference>;
  messages: Record<string, Reference>;
}

export interface AsyncApiMessage {
  name: string;
  title: string;
  summary: string;
  description: string;
  contentType: string;
  tags: { name: string }[];
  headers: { allOf: [Reference, JsonSchema] };
  payload: Reference;
  externalDocs: { url: string; description: string };
  examples: { name: string; headers: Record<string, string>; payload: object }[];
}

/** How JetStream is asked for messages: the binding of NATS for AsyncAPI (0.1.0) has no words for it. */
export interface JetStreamFacts {
  stream: string;
  domain: string;
  durable: string;
  filter: string;
  inboxPrefix: string;
  deliverPolicy: 'all';
  ackPolicy: 'explicit';
  ackWaitSeconds: number;
  maxAckPending: number;
  keptDays: number;
}

/** An AsyncAPI 3.0 document, as far as Seatwise has one. */
export interface AsyncApiDocument {
  asyncapi: '3.0.0';
  info: { title: string; version: string; description: string; license: { name: string }; externalDocs?: object };
  defaultContentType: string;
  servers: Record<
    string,
    {
      host: string;
      protocol: 'nats';
      title: string;
      description: string;
      security: Reference[];
      bindings: { nats: object };
      'x-jetstream': JetStreamFacts;
    }
  >;
  channels: Record<string, AsyncApiChannel>;
  operations: Record<
    string,
    {
      action: 'send';
      channel: Reference;
      title: string;
      summary: string;
      messages: Reference[];
      bindings: { nats: object };
    }
  >;
  components: {
    messages: Record<string, AsyncApiMessage>;
    schemas: Record<string, JsonSchema>;
    parameters: Record<string, { description: string; examples: string[] }>;
    securitySchemes: Record<string, object>;
  };
}

/** How long an outside consumer's message waits to be acknowledged, how many do at most, and how long events are kept. */
export const outsideReading = { ackWaitSeconds: 30, maxAckPending: 1_000, keptDays: 30 } as const;

/** `person.changed` is `personChanged`, and its second version `personChangedV2`: generators make names of it. */
const keyOf = ({ name, version }: EventType<object>): string =>
  name.replaceAll(/[-._]+(\w)/g, (_all, letter: string) => letter.toUpperCase()) + (version > 1 ? `V${version}` : '');

const server = 'nats';
const ref = (...path: string[]): Reference => ({ $ref: `#/${path.join('/')}` });
const aConsumer = consumerUser({ name: '{name}' });

const howToStart = `Everything that happens in Seatwise is published on the JetStream stream \`EVENTS\`, and kept there for ${outsideReading.keptDays} days. Each
message is a CloudEvent 1.0 in NATS' binary mode: its attributes are headers, its data is the message, JSON.

1. The operator makes a reader for the workspace: \`npm run nats -- consumers --consumer {name}={workspace}\`, and a user \`${aConsumer}\` for
   it. Where to connect, and its password, come from there.
2. Connect as \`${aConsumer}\`, with inboxes that begin with \`${inboxPrefixOf(aConsumer)}\`, and pull from the durable consumer \`${aConsumer}\` of the stream
   \`EVENTS\` in the JetStream domain \`${consumersDomain}\`. It gets every event of the workspace, in the order of the stream, from the oldest that is kept on.
3. To have what there is already, take the snapshot once that place is open, \`GET /api/v1/snapshot\`, and apply over it what comes: of two
   states of a thing the one with the higher \`v\` or \`version\` is the newer.
4. Take each event down, and then acknowledge it. What is not acknowledged within ${outsideReading.ackWaitSeconds} s comes again: at least once, under the same
   \`ce-id\`. Pass over a \`ce-type\` that you do not know, and fields as well: there will be more of both.`;

/** The document of all events that may leave Seatwise, from the classes that they are checked by. */
export function asyncApiOf({ publicUrl }: { publicUrl?: string | undefined } = {}): AsyncApiDocument {
  const schemas = new Schemas({ forReaders: true, draft07: true });
  const messages = publicEvents.map((type) => [keyOf(type), messageOf(type, schemas, publicUrl)] as const);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Seatwise events',
      version: '1',
      description: howToStart,
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: { [server]: natsServer() },
    channels: Object.fromEntries(publicEvents.map((type) => [keyOf(type), channelOf(type)])),
    operations: Object.fromEntries(publicEvents.map((type) => [`send${upperFirst(keyOf(type))}`, sendingOf(type)])),
    components: {
      messages: Object.fromEntries(messages),
      schemas: { CloudEventHeaders: headersSchema, ...schemas.components },
      parameters: {
        workspace: { description: 'Id of the workspace, `ws_…`.', examples: [exampleIds.workspace] },
      },
      securitySchemes: {
        password: {
          type: 'userPassword',
          description: `The user \`${aConsumer}\` and the password that the operator gave it.`,
        },
      },
    },
  };
}

const natsServer = (): AsyncApiDocument['servers'][string] => ({
  // AsyncAPI wants a host. The operator of each installation names its own.
  host: 'nats.example.com:4222',
  protocol: 'nats',
  title: 'NATS with JetStream',
  description: 'Where the operator of this installation says.',
  security: [ref('components', 'securitySchemes', 'password')],
  bindings: { nats: {} },
  'x-jetstream': {
    stream: 'EVENTS',
    domain: consumersDomain,
    durable: aConsumer,
    filter: eventsOf('{workspace}'),
    inboxPrefix: inboxPrefixOf(aConsumer),
    deliverPolicy: 'all',
    ackPolicy: 'explicit',
    ...outsideReading,
  },
});

function channelOf(type: EventType<object>): AsyncApiChannel {
  const key = keyOf(type);
  return {
    address: eventSubject(type, '{workspace}'),
    ...saysOfEvents[eventSchemaName(type)]!,
    servers: [ref('servers', server)],
    parameters: { workspace: ref('components', 'parameters', 'workspace') },
    messages: { [key]: ref('components', 'messages', key) },
  };
}

function sendingOf(type: EventType<object>): AsyncApiDocument['operations'][string] {
  const key = keyOf(type);
  const { title, description } = saysOfEvents[eventSchemaName(type)]!;
  return {
    action: 'send',
    channel: ref('channels', key),
    title,
    summary: description,
    messages: [ref('channels', key, 'messages', key)],
    bindings: { nats: {} },
  };
}

function messageOf(type: EventType<object>, schemas: Schemas, publicUrl: string | undefined): AsyncApiMessage {
  const { title, description } = saysOfEvents[eventSchemaName(type)]!;
  const dataschema = eventSchemaUri(type, publicUrl);
  const { workspace, event: id, at } = exampleIds;
  const ceType = cloudEventType(type);
  return {
    name: ceType,
    title,
    summary: title,
    description,
    contentType: 'application/json',
    tags: [{ name: type.name.slice(0, type.name.indexOf('.')) }],
    headers: {
      allOf: [ref('components', 'schemas', 'CloudEventHeaders'), { properties: { 'ce-type': { enum: [ceType] } } }],
    },
    payload: schemas.refer(type.Payload) as Reference,
    externalDocs: { url: dataschema, description: 'The same schema by itself, in JSON Schema 2020-12.' },
    examples: [
      {
        name: type.name,
        headers: cloudEventHeaders({
          id,
          type: type.name,
          version: type.version,
          workspace,
          time: new Date(at),
          dataschema,
        }),
        payload: eventExamples[eventSchemaName(type)]!,
      },
    ],
  };
}

/** The attributes of a CloudEvent as NATS carries them. */
const headersSchema: JsonSchema = {
  type: 'object',
  description: "The attributes of the CloudEvent, in NATS' binary content mode.",
  properties: {
    'ce-specversion': { type: 'string', enum: ['1.0'], description: 'The version of CloudEvents.' },
    'ce-id': {
      type: 'string',
      description: '`evt_…`, the same at every delivery, and the `Nats-Msg-Id`: take one that you had for done.',
    },
    'ce-source': { type: 'string', format: 'uri', description: '`urn:seatwise:workspace:{workspace}`' },
    'ce-type': { type: 'string', description: '`seatwise.v{version}.{entity}.{event}`' },
    'ce-time': {
      type: 'string',
      format: 'date-time',
      description: 'When it was written down, in the transaction of what it tells.',
    },
    'ce-dataschema': {
      type: 'string',
      format: 'uri',
      description: 'The JSON Schema of the data: its address, or its `$id` where the operator has named no address.',
    },
    'ce-workspace': { type: 'string', description: 'Id of the workspace, `ws_…`.' },
    'content-type': { type: 'string', enum: ['application/json'], description: 'Of the message.' },
    traceparent: { type: 'string', description: 'The trace in which it was published (W3C), where Seatwise traces.' },
    tracestate: { type: 'string', description: 'More of that trace (W3C).' },
  },
  required: ['ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'ce-time', 'ce-workspace', 'content-type'],
};

const upperFirst = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
