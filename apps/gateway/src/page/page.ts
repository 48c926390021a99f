import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';
import compressed from 'express-static-gzip';

/** Where the dashboard is built to: beside this app in the checkout as in the image. */
const built = join(import.meta.dirname, '../../../dashboard/dist');

/** What the dashboard may load: its own files and this API, nothing from elsewhere, and nothing inline. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What is no page of the dashboard: the API's, the probes', and files, which are there or are not. */
const isPage = (path: string): boolean =>
  !/^\/(api|livez|readyz|metrics|assets)(\/|$)/.test(path) && !/\.\w+$/.test(path);

/**
 * Serves the dashboard: its files, whose names change with what is in them, for ever and compressed as they were built;
 * and its page at every path that is not the API's, so that deep links work. Where it was not built there is no page.
 */
export function servePage(app: NestExpressApplication, folder = built): void {
  if (!existsSync(join(folder, 'index.html'))) return;
  const headers = { 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' };
  const page: RequestHandler = (request, response, next) => {
    const isAsked = (request.method === 'GET' || request.method === 'HEAD') && request.accepts('html');
    if (!isAsked || !isPage(request.path)) return next();
    response.set(headers).sendFile('index.html', { root: folder, cacheControl: false });
  };
  const files = compressed(join(folder, 'assets'), {
    enableBrotli: true,
    orderPreference: ['br'],
    index: false,
    serveStatic: { immutable: true, maxAge: '1y', redirect: false },
  });
  app.use('/assets', lasting, files);
  app.use(page);
}

/** What is said of answers of the API does not hold for files: they may be kept. */
const lasting: RequestHandler = (_request, response, next) => {
  response.removeHeader('Cache-Control');
  next();
};
