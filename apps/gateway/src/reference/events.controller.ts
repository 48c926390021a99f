import { Controller, Get, Header } from '@nestjs/common';
import { asyncApiOf, eventSchemas, Refusal, type AsyncApiDocument, type JsonSchema } from '@seatwise/contracts';
import { GatewayConfig } from '../config.js';
import { Operation } from '../door/operation.js';
import { FromPath } from '../door/reading.js';
import { SchemaPath } from './events.dto.js';

/** The events, for whoever builds on them: how they are read, and what is in them. */
@Controller('api/v1')
export class EventsReferenceController {
  private document: AsyncApiDocument | undefined;
  private schemas: Record<string, JsonSchema> | undefined;

  constructor(private readonly config: GatewayConfig) {}

  @Get('asyncapi.json')
  @Operation({
    allows: 'anyone',
    summary: 'The document of the events',
    description:
      'AsyncAPI 3.0: what is published on NATS, and how to read it. A page for people is at /api/v1/reference/events.',
    answer: { status: 200, description: 'The document.', contentType: 'application/json' },
  })
  getEventsDocument(): AsyncApiDocument {
    this.document ??= asyncApiOf(this.config);
    return this.document;
  }

  @Get('schemas/:schema')
  @Header('Content-Type', 'application/schema+json')
  @Operation({
    allows: 'anyone',
    summary: 'The schema of an event',
    description: 'Where the `dataschema` of an event leads: a JSON Schema (2020-12) of its data.',
    answer: { status: 200, description: 'The schema.', contentType: 'application/schema+json' },
    refuses: ['not_found'],
  })
  getEventSchema(@FromPath(SchemaPath) { schema: file }: SchemaPath): JsonSchema {
    this.schemas ??= eventSchemas();
    const schema = this.schemas[file.slice(0, -'.json'.length)];
    if (!schema) throw new Refusal('not_found', 'There is no event of this name and version.');
    return schema;
  }
}
