import type { ServerResponse } from 'node:http';
import { drained } from './drained.js';
import type { Fault, FaultKind } from './faults.js';

interface Whole {
  status: number;
  headers: Record<string, string | string[]>;
  body: string | Buffer | undefined;
}

/** Sends an answer, spoilt by the faults that struck it. */
export async function spoil(
  response: ServerResponse,
  whole: Whole,
  struck: Map<FaultKind, Fault>,
  draw: number,
): Promise<void> {
  const { status, headers } = whole;
  const body =
    struck.size === 0 || status >= 300 ? whole.body : spoiltBody(headers, whole.body?.toString(), struck, draw);
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (bytes) headers['content-length'] = String(bytes.length);
  response.writeHead(status, headers);
  if (struck.has('huge') && status < 300) return sendHuge(response, struck.get('huge')!.amount ?? 67_108_864);
  const isCut = bytes && (struck.has('truncated') || struck.has('resetMidBody'));
  if (!isCut) return void response.end(bytes);
  response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => {
    if (struck.has('resetMidBody')) response.socket?.resetAndDestroy();
    else response.socket?.end();
  });
}

function spoiltBody(
  headers: Whole['headers'],
  body: string | undefined,
  struck: Map<FaultKind, Fault>,
  draw: number,
): string | undefined {
  spoilLinks(headers, struck);
  if (struck.has('html')) {
    headers['content-type'] = 'text/html;charset=utf-8';
    return '<!DOCTYPE html><html><head><title>Okta is under maintenance</title></head><body>Back soon.</body></html>';
  }
  if (body === undefined) return undefined;
  if (struck.has('huge')) {
    delete headers['content-length'];
    return undefined;
  }
  if (struck.has('malformed'))
    return `${body.slice(0, Math.floor(body.length / 2))}}]"${body.slice(Math.floor(body.length / 2) + 3)}`;
  if (struck.has('wrongTyped')) return body.startsWith('[') ? '{"items":null,"total":"many"}' : '["not","an","object"]';
  const items = body.startsWith('[') ? (JSON.parse(body) as Record<string, unknown>[]) : undefined;
  if (!items || items.length === 0) return body;
  if (struck.has('emptyList')) return '[]';
  if (struck.has('wrongTypedItem'))
    items[draw % items.length] = { id: 42, uuid: 42, status: ['ACTIVE'], profile: 'none', target: 'none' };
  if (struck.has('duplicateItems')) items.push(...items.slice(0, Math.ceil(items.length / 3)));
  if (struck.has('shuffledItems')) items.sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
  return ['wrongTypedItem', 'duplicateItems', 'shuffledItems'].some((kind) => struck.has(kind as FaultKind))
    ? JSON.stringify(items)
    : body;
}

/** The last letters of an id: in no order that means anything. */
const keyOf = (item: Record<string, unknown>): string =>
  Array.from(String(item.uuid ?? item.id).slice(0, 9))
    .toReversed()
    .join('');

function spoilLinks(headers: Record<string, string | string[]>, struck: Map<FaultKind, Fault>): void {
  if (struck.has('lostLinks')) delete headers.link;
  const lines = headers.link as string[] | undefined;
  const next = lines?.find((line) => line.endsWith('rel="next"'));
  const self = lines?.find((line) => line.endsWith('rel="self"'));
  if (!next || !self) return;
  if (struck.has('missingLink') || struck.has('emptyList')) headers.link = [self];
  if (struck.has('foreignLink')) headers.link = [self, next.replace(/<https?:\/\/[^/]+/, '<https://elsewhere.example')];
  if (struck.has('loopingLink')) headers.link = [self, self.replace('rel="self"', 'rel="next"')];
}

/** A body that never seems to end. */
async function sendHuge(response: ServerResponse, size: number): Promise<void> {
  const chunk = Buffer.alloc(65_536, ' ');
  response.write('[');
  for (let sent = 0; sent < size && !response.destroyed; sent += chunk.length)
    if (!response.write(chunk)) await drained(response);
  response.end(']');
}
