import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** What a consumer has to be told beside the document: where NATS is, who it is, and whose events it reads. */
export interface Listener {
  servers: string;
  name: string;
  password: string;
  workspace: string;
}

/** What came of one message: the event, or why the document does not know it. */
export interface Heard {
  subject: string;
  headers: Record<string, string>;
  payload: Record<string, unknown>;
  /** The key of its channel; undefined: its subject is that of none. */
  channel: string | undefined;
  faults: string[];
}

interface Reference {
  $ref: string;
}
/** As much of an AsyncAPI 3.0 document as a consumer needs. */
interface Document {
  servers: Record<
    string,
    { 'x-jetstream': { stream: string; domain: string; durable: string; inboxPrefix: string } } | undefined
  >;
  channels: Record<string, { address: string; messages: Record<string, Reference> }>;
  components: { messages: Record<string, { headers: object; payload: object }> };
}

interface Model {
  channel: string;
  subject: RegExp;
  headers: ValidateFunction;
  payload: ValidateFunction;
}

/**
 * Reads all that waits for a consumer outside, knowing nothing of Seatwise but its AsyncAPI document: where to pull, what
 * subjects there are, and models of headers and data that are made of the document's schemas.
 */
export async function hear(document: unknown, { servers, name, password, workspace }: Listener): Promise<Heard[]> {
  const told = document as Document;
  const place = Object.values(told.servers)[0]!['x-jetstream'];
  const filled = (text: string) => text.replaceAll('{name}', name).replaceAll('{workspace}', workspace);
  const models = modelsOf(told, filled);
  const connection = await connect({
    servers,
    user: filled(place.durable),
    pass: password,
    inboxPrefix: filled(place.inboxPrefix),
  });
  const consumer = await jetstream(connection, { domain: place.domain }).consumers.get(
    place.stream,
    filled(place.durable),
  );
  const heard: Heard[] = [];
  for (let left = (await consumer.info()).num_pending; left > 0; left = (await consumer.info()).num_pending)
    for await (const message of await consumer.fetch({ max_messages: Math.min(left, 500), expires: 2_000 })) {
      const keys = message.headers?.keys() ?? [];
      const headers = Object.fromEntries(keys.map((key) => [key, message.headers!.get(key)]));
      const payload = message.json<Record<string, unknown>>();
      const model = models.find(({ subject }) => subject.test(message.subject));
      const faults = model
        ? [...faultsOf(model.headers, headers), ...faultsOf(model.payload, payload)]
        : ['no channel'];
      heard.push({ subject: message.subject, headers, payload, channel: model?.channel, faults });
      message.ack();
    }
  await connection.drain();
  return heard;
}

function modelsOf(document: Document, filled: (text: string) => string): Model[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'asyncapi');
  const modelOf = (pointer: string) => ajv.compile({ $ref: `asyncapi${pointer}` });
  return Object.entries(document.channels).map(([channel, { address, messages }]) => {
    const [{ $ref }] = Object.values(messages) as [Reference];
    const subject = new RegExp(`^${filled(address).replaceAll('.', String.raw`\.`)}$`);
    return { channel, subject, headers: modelOf(`${$ref}/headers`), payload: modelOf(`${$ref}/payload`) };
  });
}

const faultsOf = (model: ValidateFunction, value: unknown): string[] =>
  model(value) ? [] : (model.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
