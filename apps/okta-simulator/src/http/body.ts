import type { IncomingMessage } from 'node:http';
import { OktaRefusal, refusal } from './refusals.js';

const largest = 1_048_576;

/** A body was larger than a management call can have. */
export class BodyTooLargeError extends Error {}

/** Reads a request's body, up to a megabyte. Throws a BodyTooLargeError beyond. */
export async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The JSON body of a call; a POST or PUT says how long its body is, even when it has none. */
export async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const { method, headers } = incoming;
  if (method === 'GET' || method === 'DELETE') return undefined;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
    throw new OktaRefusal(411, 'E0000003', 'The request body was not well-formed.');
  const type = headers['content-type'];
  if (type !== undefined && !/^application\/([\w.-]+\+)?json/i.test(type)) throw refusal('E0000019');
  try {
    const text = await readBody(incoming);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof BodyTooLargeError) throw refusal('E0000003');
    throw error;
  }
}
