import { Refusal } from '@seatwise/contracts';
import type { RequestHandler } from 'express';

/** Lets at most `most` requests be in work at once and sheds the rest at once, so that those accepted stay quick. */
export function inFlight(most: number): RequestHandler {
  let now = 0;
  return (request, response, next) => {
    // Open streams are no work in hand; they have a cap of their own.
    if (request.path.endsWith('/progress')) return next();
    if (now >= most) {
      response.setHeader('Retry-After', '1');
      return next(new Refusal('service_unavailable', 'Too many requests are in work. Try again in a second.'));
    }
    now++;
    response.once('close', () => now--);
    next();
  };
}
