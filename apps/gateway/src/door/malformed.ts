import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Refusal } from '@seatwise/contracts';
import { problemMediaType, problemOf } from './problem.js';

const lingerMs = 1_000;

/**
 * What Node cannot read as HTTP reaches no route and no filter: it is answered here, by a problem too, and the connection
 * is closed, for nobody knows where the next request would begin.
 */
export const malformed =
  (publicUrl: string) =>
  (error: Error & { code?: string }, socket: Duplex): void => {
    if (!socket.writable || hasBegunToAnswer(socket)) return void socket.destroy();
    const refusal = refusalFor(error.code);
    const body = JSON.stringify(problemOf(refusal, { publicUrl, path: '/' }));
    socket.end(
      [
        `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
        `Content-Type: ${problemMediaType}; charset=utf-8`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Cache-Control: no-store',
        'X-Content-Type-Options: nosniff',
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
    // Closed at once, the answer could be lost to whoever is still sending.
    setTimeout(() => socket.destroy(), lingerMs).unref();
  };

/** Node's own word for the answer of this socket; within one that is on its way another would only garble it. */
const hasBegunToAnswer = (socket: Duplex): boolean =>
  (Reflect.get(socket, '_httpMessage') as ServerResponse | null | undefined)?.headersSent === true;

/** By the codes of Node's parser and of its time limits. */
function refusalFor(code: string | undefined): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Refusal(
        'request_header_fields_too_large',
        'The URL and the headers may have 16 kB together. Send less of them.',
      );
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Refusal('payload_too_large', 'The chunks of the body carry too many extensions.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Refusal('request_timeout', 'The request did not arrive in time.');
    default:
      return new Refusal('invalid_request', 'The request is not well-formed HTTP.');
  }
}
