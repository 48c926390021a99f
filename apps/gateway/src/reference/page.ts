import { SwaggerModule } from '@nestjs/swagger';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { asyncApiOf } from '@seatwise/contracts';
import type { Express, RequestHandler } from 'express';
import { describe } from './document.js';
import { eventsPage, eventsStyle } from './events-page.js';
import { Operations } from './operations.js';

const path = 'api/v1/reference';

/**
 * What the reference page may load: its own files, no others, from nowhere else. Swagger UI sets styles in its markup,
 * so styles, and only they, may be inline.
 */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const pageHeaders: RequestHandler = (_request, response, next) => {
  response.setHeader('Content-Security-Policy', pagePolicy);
  next();
};

/** The page of the events has a style of its own, and no script. */
const eventsPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves the reference page at `/api/v1/reference`, with the Swagger UI that is installed here, and that of the events at
 * `/api/v1/reference/events`.
 */
export function serveReference(app: NestExpressApplication, publicUrl: string | undefined): void {
  serveEvents(app, publicUrl);
  app.use(`/${path}`, pageHeaders);
  const document = () =>
    describe(app.get(Operations).all(), publicUrl) as unknown as Parameters<typeof SwaggerModule.setup>[2];
  SwaggerModule.setup(path, app, document as Parameters<typeof SwaggerModule.setup>[2], {
    raw: false,
    customSiteTitle: 'Seatwise API',
    swaggerOptions: { persistAuthorization: false, validatorUrl: null, tryItOutEnabled: true },
  });
}

function serveEvents(app: NestExpressApplication, publicUrl: string | undefined): void {
  const express: Express = app.getHttpAdapter().getInstance();
  express.get(`/${path}/events`, answering('html', eventsPage(asyncApiOf({ publicUrl }))));
  express.get(`/${path}/events.css`, answering('css', eventsStyle));
}

const answering =
  (type: string, content: string): RequestHandler =>
  (_request, response) => {
    response.setHeader('Content-Security-Policy', eventsPolicy);
    response.type(type).send(content);
  };
