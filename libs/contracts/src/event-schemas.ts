import { eventSchemaId, eventSchemaName } from './cloud-event.js';
import { eventExamples, saysOfEvents } from './event-says.js';
import { jsonSchemaDialect, Schemas, type JsonSchema } from './json-schema.js';
import type { EventType } from './message.js';
import { publicEvents } from './webhooks.js';

/** The JSON Schema of what an event carries, from the class that it is checked by. */
export function eventSchemaOf(type: EventType<object>): JsonSchema {
  const schemas = new Schemas({ under: '#/$defs', forReaders: true });
  const { type: kind, ...fields } = schemas.objectOf(type.Payload, false);
  const { title, description } = saysOfEvents[eventSchemaName(type)]!;
  return {
    $schema: jsonSchemaDialect,
    $id: eventSchemaId(type),
    title,
    description,
    ...(kind !== undefined && { type: kind }),
    ...fields,
    examples: [eventExamples[eventSchemaName(type)]],
    ...(Object.keys(schemas.components).length > 0 && { $defs: schemas.components }),
  };
}

/** The schemas of all that may leave Seatwise, by their names. */
export const eventSchemas = (): Record<string, JsonSchema> =>
  Object.fromEntries(publicEvents.map((type) => [eventSchemaName(type), eventSchemaOf(type)]));
