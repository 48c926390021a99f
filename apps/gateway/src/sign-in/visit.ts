import type { Request } from 'express';
import type { SessionCookies } from './cookies.js';
import type { Visit } from './sessions.service.js';

export const visitOf = (request: Request, cookies: SessionCookies): Visit => ({
  address: request.ip ?? 'unknown',
  browser: (request.headers['user-agent'] ?? '').slice(0, 300),
  cookie: cookies.sessionIn(request),
});
