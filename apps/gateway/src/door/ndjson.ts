import { Transform } from 'node:stream';
import type { Response } from 'express';
import { sendStreamed } from './streamed.js';

export const ndjson = 'application/x-ndjson';

/** Sends these records as a JSON text a line. */
export async function sendLines(records: AsyncIterable<object>, response: Response): Promise<void> {
  const written = new Transform({
    writableObjectMode: true,
    // A record may be a page of a thousand things: one is enough to wait here.
    writableHighWaterMark: 1,
    transform: (record: object, _encoding, done) => done(null, lineOf(record)),
  });
  await sendStreamed({ 'Content-Type': ndjson }, records, written, response);
}

export const lineOf = (record: object): string => `${JSON.stringify(record)}\n`;
