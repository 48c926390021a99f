import { randomUUID } from 'node:crypto';
import type { OpenApiDocument, OperationObject } from '../src/reference/document.js';
import type { Question } from './ask.js';
import { pathOf } from './requests.js';

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Already percent-encoded: what may stand in a URL where a value is expected. */
const inUrls = [
  '%00', '%0A', '%7F', '%zz', '%', '%ED%A0%80', '%FF%FE', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '..%5c..', '%20', '-1', '0',
  '1e309', 'NaN', 'Infinity', '9'.repeat(400), 'null', 'undefined', '[object%20Object]', '$ne', '%7B%22$gt%22%3A%22%22%7D',
  '__proto__', 'constructor', '%3Cscript%3Ealert(1)%3C%2Fscript%3E', "'%20OR%201%3D1--", '%F0%9F%92%A3', 'a'.repeat(9_000),
  '*', '>', 'seatwise.v1.%3E', '%E2%80%AE', '1,2', ',,,', '1.5', '0x10', '+7', 'con_%00',
]; // prettier-ignore

/** What may stand in a header where a value is expected, as far as it can be sent at all. */
const inHeaders = [
  '', ' ', 'a b', 'a'.repeat(256), 'a'.repeat(9_000), '\u00e9', '\u00ff\u00fe', '{"$ne":""}', 'wait=1e9', 'wait=-1', 'wait=;;,,=',
  '"', "';--", '${7*7}', '../..', '__proto__', 'a,b', '>', '*',
]; // prettier-ignore

const inBodies: unknown[] = [
  null, true, 0, -1, 1.5, 1e308, '', ' ', '\u0000', 'a\u0000b', '\ud800', '\u202e', 'a'.repeat(5_000), 'a'.repeat(90_000), [], [[]],
  [null], {}, { $gt: '' }, { $where: 'sleep(1000)' }, ['ACTIVE', 'ACTIVE', {}], '2026-13-45', "'; DROP TABLE keys; --", '${7*7}',
  'http://169.254.169.254/', 'javascript:alert(1)', '💣'.repeat(400), JSON.parse('{"__proto__":{"admin":true}}'),
  { constructor: { prototype: { admin: true } } },
]; // prettier-ignore

const texts: string[] = [
  '',
  'null',
  '[]',
  '"text"',
  '7',
  '{',
  '{"a":}',
  '{"a":1}}',
  '{"a":1,}',
  '\u0000',
  '\ufeff{}',
  'a=b',
  '{"__proto__":{"role":"admin"}}',
  '{"constructor":{"prototype":{"role":"admin"}}}',
  '{"unknownField":1}',
  `${'['.repeat(40_000)}${']'.repeat(40_000)}`,
  `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`,
  `{"name":"${'a'.repeat(200_000)}"}`,
];
const wholeBodies: { body: string | Buffer; headers?: Record<string, string> }[] = [
  ...texts.map((body) => ({ body })),
  { body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]) },
  { body: '{}', headers: { 'content-type': 'text/plain' } },
  { body: '{}', headers: { 'content-type': 'application/xml' } },
  { body: '{}', headers: { 'content-type': 'application/json; charset=utf-7' } },
  { body: '{}', headers: { 'content-type': '' } },
  { body: '{}', headers: { 'content-encoding': 'gzip' } },
  { body: '{}', headers: { 'content-encoding': 'br' } },
];

export interface Hostile extends Question {
  /** What is wrong with it. */
  name: string;
}

/** A documented request as it should be: its example, with ids that are really there. */
export function goodRequest(
  path: string,
  method: string,
  operation: OperationObject,
  ids: Record<string, string>,
): Question & { query: Record<string, string>; headers: Record<string, string>; body?: Record<string, unknown> } {
  const query: Record<string, string> = {};
  for (const { in: place, name, example, required, schema } of operation.parameters ?? [])
    if (place === 'query' && (required || name === 'limit' || name === 'window'))
      query[name] = String(example ?? schema.default);
  const example = operation.requestBody?.content['application/json']?.example;
  return {
    method: method.toUpperCase(),
    path: pathOf(path, ids),
    query,
    headers: keysFor(operation),
    ...(example !== undefined && { body: bodyOf(example, ids) }),
  };
}

/** The example, in a workspace that is really there. */
function bodyOf(example: unknown, { workspace }: Record<string, string>): Record<string, unknown> {
  const body = structuredClone(example) as Record<string, unknown>;
  return 'workspace' in body ? { ...body, workspace } : body;
}

/** A new idempotency key, where one is needed: each is another request. */
const keysFor = ({ parameters = [] }: OperationObject): Record<string, string> =>
  Object.fromEntries(
    parameters.filter((one) => one.in === 'header' && one.required).map(({ name }) => [name, randomUUID()]),
  );

export const withQuery = (path: string, query: Record<string, string>): string => {
  const text = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return text.length > 0 ? `${path}?${text.join('&')}` : path;
};

/** Every documented request, made wrong in each of its parts. `share` of the values are taken, the same in every run. */
export function* hostileRequests(
  document: OpenApiDocument,
  ids: Record<string, string>,
  random: () => number,
  share: number,
): Generator<Hostile & { operation: OperationObject }> {
  const some = <T>(values: T[]): T[] => values.filter(() => random() < share);
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const { query, body, ...good } = goodRequest(path, method, operation, ids);
      const sendBody = body && { body };
      const made = (name: string, question: Partial<Question>) => ({
        operation,
        name: `${operation.operationId}: ${name}`,
        ...good,
        headers: keysFor(operation),
        path: withQuery(good.path, query),
        ...sendBody,
        ...question,
      });
      yield made('unknown query parameter', { path: withQuery(good.path, { ...query, nonsense: '1' }) });
      yield made('prototype in the query', {
        path: withQuery(good.path, { ...query, __proto__x: '1', constructor: '1' }),
      });
      for (const { in: place, name, required } of operation.parameters ?? []) {
        for (const value of place === 'header' ? [] : some(inUrls)) {
          const at = place === 'path' ? pathOf(path, { ...ids, [name]: value }) : good.path;
          const asked = place === 'query' ? { ...query, [name]: value } : query;
          yield made(`${place} ${name}=${value.slice(0, 40)}`, { path: withQuery(at, asked) });
        }
        if (place === 'header') {
          const { [name]: _key, ...others } = good.headers;
          if (required) yield made(`without ${name}`, { headers: others });
          for (const value of some(inHeaders))
            yield made(`${name}: ${value.slice(0, 40)}`, { headers: { ...good.headers, [name]: value } });
        }
        if (place !== 'query') continue;
        const { [name]: _left, ...rest } = query;
        if (required) yield made(`without ${name}`, { path: withQuery(good.path, rest) });
        const twice = `${withQuery(good.path, { ...rest, [name]: '1' })}&${name}=2`;
        yield made(`${name} twice`, { path: twice });
        yield made(`${name} as an object`, { path: withQuery(good.path, { ...rest, [`${name}[$ne]`]: '1' }) });
      }
      if (!body) continue;
      for (const { body: whole, headers } of wholeBodies)
        yield made(`body ${whole.toString().slice(0, 30)}`, {
          body: whole,
          headers: { ...good.headers, ...headers },
        });
      for (const name of Object.keys(body)) {
        const { [name]: _left, ...rest } = body as Record<string, unknown>;
        yield made(`without ${name}`, { body: rest });
        for (const value of some(inBodies))
          yield made(`${name}=${JSON.stringify(value).slice(0, 40)}`, { body: { ...rest, [name]: value } });
      }
    }
}
