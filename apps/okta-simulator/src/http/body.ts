import type { IncomingMessage } from 'node:http';

/** A body was larger than a management call can have. */
export class BodyTooLargeError extends Error {}

/** Reads a request's body, up to a megabyte. */
export async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > 1_048_576) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
