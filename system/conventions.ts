import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spanKind, type SinkSpan } from '@seatwise/testing';

const folder = dirname(fileURLToPath(import.meta.resolve('@opentelemetry/semantic-conventions')));

/** The names of attributes, or of metrics, that OpenTelemetry's semantic conventions have now, without deprecated ones. */
export function conventional(what: 'attributes' | 'metrics'): Set<string> {
  const declared = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*declare const (?:ATTR|METRIC)_\w+: "([^"]+)"/g;
  return new Set(
    ['stable', 'experimental']
      .map((file) => readFileSync(join(folder, `${file}_${what}.d.mts`), 'utf8'))
      .flatMap((text) => [...text.matchAll(declared)])
      .flatMap(([, note = '', name = '']) => (note.includes('@deprecated') ? [] : [name])),
  );
}

const kindsOf: Record<string, readonly number[]> = {
  request: [spanKind.client],
  publish: [spanKind.producer],
  process: [spanKind.server, spanKind.consumer],
};

/** What a span lacks, or has otherwise than OpenTelemetry's semantic conventions say; nothing for one that is right. */
export function faultsOf({ name, kind, attributes }: SinkSpan): string[] {
  const has = (attribute: string) => attributes[attribute] !== undefined && attributes[attribute] !== '';
  const lacking = (...wanted: string[]) => wanted.filter((each) => !has(each)).map((each) => `lacks ${each}`);
  const named = (...parts: unknown[]) => (name === parts.filter(Boolean).join(' ') ? [] : [`is called "${name}"`]);
  const of = (attribute: string) => attributes[attribute];
  if (has('messaging.system.name')) {
    const operation = String(of('messaging.operation.name'));
    const isRequest = String(of('messaging.destination.name')).startsWith('seatwise.rpc.');
    return [
      ...named(operation, of('messaging.destination.template') ?? of('messaging.destination.name')),
      ...lacking('messaging.operation.name', 'messaging.operation.type', 'messaging.destination.name'),
      ...lacking('server.address', 'server.port'),
      ...(isRequest ? [] : lacking('messaging.destination.template', 'messaging.message.id')),
      ...(operation === 'process' ? lacking('messaging.consumer.group.name') : []),
      ...(kindsOf[operation]?.includes(kind) ? [] : [`is of kind ${kind}`]),
    ];
  }
  if (has('db.system.name'))
    return [
      ...named(of('db.operation.name'), of('db.collection.name')),
      ...lacking('db.operation.name', 'db.namespace', 'server.address', 'server.port'),
      ...(kind === spanKind.client ? [] : [`is of kind ${kind}`]),
    ];
  if (has('http.request.method') && kind === spanKind.client)
    return [
      ...named(of('http.request.method'), of('url.template')),
      ...lacking('url.full', 'server.address', 'server.port', 'http.response.status_code'),
      ...(String(of('url.full')).includes('?') ? ['has the query in its address'] : []),
    ];
  if (has('http.request.method'))
    return [
      ...named(of('http.request.method'), of('http.route')),
      ...lacking('url.path', 'url.scheme', 'http.route', 'http.response.status_code', 'server.address'),
      ...(kind === spanKind.server ? [] : [`is of kind ${kind}`]),
    ];
  return kind === spanKind.internal ? [] : ['is of no kind that there are conventions for'];
}
