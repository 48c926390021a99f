import { HttpException } from '@nestjs/common';
import { Refusal, type ProblemCode } from '@seatwise/contracts';
import { isTransient } from '@seatwise/messaging';

/** What the HTTP layer below throws: a status, and body-parser's word for the reason. */
interface HttpFault {
  status: number;
  type?: string;
}

const wordings: Partial<Record<number, [ProblemCode, string]>> = {
  400: ['invalid_request', 'The request is not well-formed: its body must be valid JSON and its path valid UTF-8.'],
  404: ['not_found', 'There is nothing at this address. The API is described at /api/v1/openapi.json.'],
  413: ['payload_too_large', 'A request may have a body of at most 100 kB.'],
  415: ['unsupported_media_type', 'Send the body as plain JSON in UTF-8: Content-Type: application/json.'],
};

/**
 * The one translation of whatever was thrown into a refusal; undefined for what nobody foresaw. The words are ours
 * throughout: those of a parser quote the body, and a body may hold a token.
 */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (isAway(error))
    return new Refusal('service_unavailable', 'The database is not reachable at the moment. Try again shortly.');
  const fault = faultOf(error);
  if (fault?.status === 503) return new Refusal('service_unavailable', notReady(error));
  if (!fault || fault.status < 400 || fault.status >= 500) return undefined;
  const [code, detail] = wordings[fault.status] ?? wordings[400]!;
  return new Refusal(code, detail);
}

/** Whether a server is away that comes back, so that what failed can be tried again. */
export const isAway = (error: unknown): boolean => isTransient(error) || isDatabaseAway(error);

/** mongoose's own words for a server that is away, and the driver's for one that is frozen. */
const isDatabaseAway = (error: unknown): boolean =>
  error instanceof Error && /^(Mongoose(ServerSelection)?Error|MongoOperationTimeoutError)$/.test(error.name);

/** What `/readyz` says by its 503: the names of the checks that failed. */
function notReady(error: unknown): string {
  const body = error instanceof HttpException ? error.getResponse() : undefined;
  const failed = (body as { failed?: string[] } | undefined)?.failed;
  return failed ? `Not ready: ${failed.join(', ')}.` : 'Not ready at the moment. Try again shortly.';
}

function faultOf(error: unknown): HttpFault | undefined {
  if (error instanceof HttpException) return { status: error.getStatus() };
  if (error instanceof URIError) return { status: 400 };
  const status = (error as Partial<HttpFault> | null)?.status;
  return typeof status === 'number' ? { status } : undefined;
}
