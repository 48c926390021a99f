import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/**
 * Sends these records as they come, as fast as their reader takes them and no faster, in the way that `written` writes them. A
 * failure before the first byte is thrown; after it the connection is cut, so that nobody takes a part for the whole.
 */
export async function sendStreamed<T>(
  headers: Record<string, string>,
  records: AsyncIterable<T>,
  written: Transform,
  response: Response,
): Promise<void> {
  const all = records[Symbol.asyncIterator]();
  const first = await all.next();
  response.status(200).set(headers);
  response.flushHeaders();
  // HEAD asks for the headers alone.
  if (response.req.method === 'HEAD') {
    await all.return?.();
    return void response.end();
  }
  await pipeline(resumed(first, all), written, response);
}

async function* resumed<T>(first: IteratorResult<T, unknown>, all: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    for (let next = first; !next.done; next = await all.next()) yield next.value;
  } finally {
    await all.return?.();
  }
}
