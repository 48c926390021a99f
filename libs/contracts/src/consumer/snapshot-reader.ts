import type { SnapshotEvent, SnapshotLine, SnapshotStart } from '../snapshot.js';

export interface SnapshotOptions {
  /** Of the gateway, such as `https://seatwise.example`. */
  url: string;
  apiKey: string;
  /** One connection alone; all of the workspace when left out. */
  connection?: string;
  signal?: AbortSignal;
}

export interface Snapshot {
  start: SnapshotStart;
  /** To be read once. Throws when the snapshot ends before its end: what was read of it is then not whole. */
  events: AsyncIterable<SnapshotEvent>;
}

/** Thrown when there is no snapshot, or not all of it. */
export class SnapshotError extends Error {}

/** Asks for a snapshot, which is read as it comes: no more of it is in memory than a line or two. */
export async function takeSnapshot({ url, apiKey, connection, signal }: SnapshotOptions): Promise<Snapshot> {
  const address = new URL('/api/v1/snapshot', url);
  if (connection !== undefined) address.searchParams.set('connection', connection);
  const headers = { authorization: `Bearer ${apiKey}` };
  const response = await fetch(address, { headers, ...(signal && { signal }) });
  if (!response.ok || !response.body)
    throw new SnapshotError(`The gateway answered ${response.status}: ${await response.text()}`);
  const lines = linesOf(response.body);
  const { value: first } = await lines.next();
  if (first?.type !== 'snapshot.started') throw new SnapshotError('The answer does not begin like a snapshot.');
  return { start: first.data, events: eventsOf(lines) };
}

async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<SnapshotLine, undefined> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as SnapshotLine;
  }
  return undefined;
}

async function* eventsOf(lines: AsyncIterable<SnapshotLine>): AsyncGenerator<SnapshotEvent> {
  for await (const line of lines) {
    if (line.type === 'snapshot.ended') return;
    if (line.type !== 'snapshot.started') yield line;
  }
  throw new SnapshotError('The snapshot has no end: take another.');
}
