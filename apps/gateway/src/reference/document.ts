import { fieldsOf, problems, Schemas, type JsonSchema, type ProblemCode, type Shape } from '@seatwise/contracts';
import type { AnswerFacts, OperationFacts } from '../door/operation.js';
import { ProblemDto, problemMediaType } from '../door/problem.js';
import { exampleOf } from './examples.js';
import type { Documented } from './operations.js';

interface Media {
  schema: JsonSchema;
  example?: unknown;
  examples?: Record<string, { summary: string; value: unknown }>;
}

interface Answer {
  description: string;
  headers?: Record<string, { description: string; schema: JsonSchema }>;
  content?: Record<string, Media>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: JsonSchema;
  description: string;
  example?: unknown;
  style?: 'form';
  explode?: boolean;
}

export interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  security: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required: true; content: Record<string, Media> };
  responses: Record<string, Answer>;
}

/** An OpenAPI 3.1 document, as far as this API has one. */
export interface OpenApiDocument {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } };
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, object> };
}

const headerTexts: Record<string, string> = {
  Location: 'Where the resource is.',
  'Idempotency-Key':
    'A key of your own choice for this one request, such as a UUID. Sent again with the same request, however often, it ' +
    'stands for the same action; with another request it is refused.',
  Prefer:
    '`wait=N`: the seconds to wait for the end (RFC 7240): 10 unless said otherwise, at most 30. What cannot be used is ignored.',
  'Preference-Applied': 'How long was waited at most; absent where nothing usable was preferred.',
};

const listText = 'Separated by commas, or repeated.';

/** Writes the document of these operations. Every schema comes from the contract that the operation really checks. */
export function describe(operations: Documented[], publicUrl = ''): OpenApiDocument {
  const schemas = new Schemas();
  const paths: OpenApiDocument['paths'] = {};
  for (const operation of operations)
    (paths[operation.path] ??= {})[operation.method] = describeOne(operation, schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Seatwise',
      version: '1',
      description:
        'Who is in each of your Okta orgs, who holds a seat in which application, and who really uses it. ' +
        'Everything belongs to the workspace of the API key or session. Errors are problems (RFC 9457) with a stable `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl || '/' }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components,
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `sw_…`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-seatwise-session',
          description:
            'The session of a person who is signed in (over plain http: `seatwise-session`). What changes something must come ' +
            'from the page itself, by `Origin` and `Sec-Fetch-Site`.',
        },
        bootstrapToken: { type: 'http', scheme: 'bearer', description: "The operator's BOOTSTRAP_TOKEN." },
      },
    },
  };
}

function describeOne(operation: Documented, schemas: Schemas): OperationObject {
  const { facts, body } = operation;
  const parameters = [
    ...parametersOf(operation.variables, 'path', schemas),
    ...parametersOf(operation.query, 'query', schemas),
    ...parametersOf(operation.headers, 'header', schemas),
  ];
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: facts.summary,
    description: [facts.description, needs(facts)].filter(Boolean).join('\n\n'),
    security: securityOf(facts),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true as const,
        content: { 'application/json': { schema: schemas.refer(body, { closed: true }), example: exampleOf(body) } },
      },
    }),
    responses: {
      ...Object.fromEntries(
        [facts.answer, ...(facts.otherwise ?? [])].map((answer) => [answer.status, answerOf(answer, schemas)]),
      ),
      ...refusalsOf(operation, schemas),
    },
  };
}

function needs({ allows, personal }: OperationFacts): string {
  if (allows === 'anyone') return 'Needs no key.';
  if (allows === 'bootstrap') return 'Needs the bootstrap token.';
  return personal ? 'Needs a session.' : `Needs a key or session with the role \`${allows}\` or more.`;
}

function securityOf({ allows, personal }: OperationFacts): Record<string, string[]>[] {
  if (allows === 'anyone') return [];
  if (allows === 'bootstrap') return [{ bootstrapToken: [] }];
  return personal ? [{ session: [] }] : [{ apiKey: [] }, { session: [] }];
}

function parametersOf(Type: Shape<object> | undefined, place: Parameter['in'], schemas: Schemas): Parameter[] {
  const example = (Type ? exampleOf(Type) : {}) as Record<string, unknown>;
  return (Type ? fieldsOf(Type) : []).map((field) => ({
    name: field.name,
    in: place,
    required: place === 'path' || !field.optional,
    schema: schemas.fieldOf(field),
    // What is filled in beforehand is sent by whoever tries it out: beside the path only what must be there.
    ...(field.name in example && (place === 'path' || !field.optional) && { example: example[field.name] }),
    description: [place === 'header' ? headerTexts[field.name] : field.says, field.list && listText]
      .filter(Boolean)
      .join(' '),
    ...(field.list && { style: 'form' as const, explode: false }),
  }));
}

function answerOf({ description, Type, contentType, headers, example, event }: AnswerFacts, schemas: Schemas): Answer {
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(
        headers.map((name) => [name, { description: headerTexts[name] ?? '', schema: { type: 'string' } }]),
      ),
    }),
    ...(Type && content(contentType ?? 'application/json', Type, schemas, event)),
    ...(!Type && contentType && { content: { [contentType]: untyped(example) } }),
  };
}

const untyped = (example: string | undefined): Media =>
  example === undefined ? { schema: { type: 'object' } } : { schema: { type: 'string' }, example };

function content(
  mediaType: string,
  Type: Shape<object>,
  schemas: Schemas,
  event = 'run',
): { content: Record<string, Media> } {
  const schema = schemas.refer(Type);
  const example = exampleOf(Type);
  if (mediaType !== 'text/event-stream') return { content: { [mediaType]: { schema, example } } };
  const text = `event: ${event}\nid: 7\ndata: ${JSON.stringify(example)}\n\n`;
  const note = `Events named \`${event}\`, whose data is ${schema.$ref}.`;
  return { content: { [mediaType]: { schema: { type: 'string', description: note }, example: text } } };
}

function refusalsOf({ facts, body, path, variables, method }: Documented, schemas: Schemas): Record<string, Answer> {
  const mayBePersonal = facts.allows !== 'anyone' && facts.allows !== 'bootstrap';
  const codes: ProblemCode[] = [
    'invalid_request',
    ...(facts.allows === 'anyone' ? [] : (['unauthenticated'] as const)),
    ...(mayBePersonal && method !== 'get' ? (['cross_site'] as const) : []),
    ...(facts.personal ? (['session_required'] as const) : []),
    ...(facts.allows === 'operator' || facts.allows === 'admin' ? (['forbidden'] as const) : []),
    ...(body ? (['payload_too_large', 'unsupported_media_type'] as const) : []),
    'too_many_requests',
    'request_header_fields_too_large',
    'internal_error',
    'service_unavailable',
    'deadline_exceeded',
    ...(variables && !facts.refuses ? (['not_found'] as const) : []),
    ...(facts.refuses ?? []),
  ];
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  const schema = schemas.refer(ProblemDto);
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([a], [b]) => a - b)
      .map(([status, own]) => [
        String(status),
        {
          description: own.map((code) => `${problems[code].title} (\`${code}\`)`).join(' · '),
          content: { [problemMediaType]: { schema, examples: problemExamples(own, path) } },
        },
      ]),
  );
}

function problemExamples(codes: ProblemCode[], path: string): NonNullable<Media['examples']> {
  return Object.fromEntries(
    codes.map((code) => [
      code,
      {
        summary: problems[code].title,
        value: {
          ...(exampleOf(ProblemDto) as object),
          type: `/api/v1/problems/${code}`,
          title: problems[code].title,
          status: problems[code].status,
          code,
          remedy: problems[code].remedy,
          detail: `${problems[code].title}.`,
          instance: path,
        },
      },
    ]),
  );
}
