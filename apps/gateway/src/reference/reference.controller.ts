import { Controller, Get } from '@nestjs/common';
import { GatewayConfig } from '../config.js';
import { Operation } from '../door/operation.js';
import { describe, type OpenApiDocument } from './document.js';
import { Operations } from './operations.js';

@Controller('api/v1/openapi.json')
export class ReferenceController {
  private document: OpenApiDocument | undefined;

  constructor(
    private readonly operations: Operations,
    private readonly config: GatewayConfig,
  ) {}

  @Get()
  @Operation({
    allows: 'anyone',
    summary: 'This document',
    description: 'OpenAPI 3.1. A page for people is at /api/v1/reference.',
    answer: { status: 200, description: 'The document.', contentType: 'application/json' },
  })
  getDocument(): OpenApiDocument {
    this.document ??= describe(this.operations.all(), this.config.publicUrl);
    return this.document;
  }
}
