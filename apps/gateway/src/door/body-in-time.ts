import { Refusal } from '@seatwise/contracts';
import type { RequestHandler } from 'express';
import { problemMediaType, problemOf } from './problem.js';

/** Lets go of whoever announces a body and does not send it: nobody holds the door open. */
export const bodyInTime =
  (milliseconds: number, publicUrl: string): RequestHandler =>
  (request, response, next) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (encoding === undefined && (length === undefined || length === '0')) return next();
    const timer = setTimeout(() => {
      if (request.complete || response.headersSent) return;
      const refusal = new Refusal('request_timeout', `The body did not arrive within ${milliseconds / 1_000} seconds.`);
      const problem = problemOf(refusal, { publicUrl, path: request.path });
      response.setHeader('Connection', 'close');
      response.status(refusal.status).type(problemMediaType).send(JSON.stringify(problem));
      response.once('finish', () => request.destroy());
    }, milliseconds);
    request.once('close', () => clearTimeout(timer));
    request.once('end', () => clearTimeout(timer));
    next();
  };
