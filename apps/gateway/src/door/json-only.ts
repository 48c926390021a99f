import { Refusal } from '@seatwise/contracts';
import type { RequestHandler } from 'express';

/** A body is JSON or it is refused; without this one of another type would pass for an absent one. */
export const jsonOnly: RequestHandler = (request, _response, next) => {
  const { 'content-length': length, 'transfer-encoding': encoding, 'content-type': type = '' } = request.headers;
  const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
  if (!hasBody || /^application\/json\s*(;|$)/i.test(type)) return next();
  next(new Refusal('unsupported_media_type', 'Send the body as JSON: Content-Type: application/json.'));
};
