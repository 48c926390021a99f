import 'reflect-metadata';
import type { IncomingHttpHeaders } from 'node:http';
import { Body, createParamDecorator, Param, Query, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import { check, fieldsOf, InvalidRequest, Refusal, type FieldFacts, type Shape } from '@seatwise/contracts';
import { httpOf } from './caller.js';
import { mustBeWellFormed } from './well-formed.js';

/** Where in a request a contract is read from. */
export const places = ['body', 'query', 'path', 'header'] as const;
export type Place = (typeof places)[number];

const keyOf = (place: Place) => `seatwise:reads:${place}`;

/** The contract that a controller's method reads from `place`, for the OpenAPI document. */
export const readsFrom = (prototype: object, method: string, place: Place): Shape<object> | undefined =>
  Reflect.getMetadata(keyOf(place), prototype, method) as Shape<object> | undefined;

const reading =
  (
    place: Place,
    decorate: (pipe: PipeTransform) => ParameterDecorator,
    read: (plain: unknown) => object,
    Type: object,
  ) =>
  (target: object, property: string | symbol | undefined, index: number): void => {
    Reflect.defineMetadata(keyOf(place), Type, target, property!);
    decorate({ transform: read })(target, property, index);
  };

/** The JSON body, checked strictly: an unknown field is a typing mistake and is refused by name. */
export const FromBody = <T extends object>(Type: Shape<T>): ParameterDecorator =>
  reading(
    'body',
    (pipe) => Body(pipe),
    (plain) => readBody(Type, plain),
    Type,
  );

/** The query, checked strictly. A list is written `a,b` or repeated; anything else may be given once. */
export const FromQuery = <T extends object>(Type: Shape<T>): ParameterDecorator =>
  reading(
    'query',
    (pipe) => Query(pipe),
    (plain) => readQuery(Type, plain),
    Type,
  );

/** The variables of the path. */
export const FromPath = <T extends object>(Type: Shape<T>): ParameterDecorator =>
  reading(
    'path',
    (pipe) => Param(pipe),
    (plain) => readBody(Type, plain),
    Type,
  );

/** Nest's own decorator of headers takes no pipe. */
const AllHeaders = createParamDecorator((_data: unknown, context: ExecutionContext) => httpOf(context).request.headers);

/** The headers that the contract names; others are none of its business. */
export const FromHeaders = <T extends object>(Type: Shape<T>): ParameterDecorator =>
  reading(
    'header',
    (pipe) => AllHeaders(pipe),
    (plain) => readHeaders(Type, plain as IncomingHttpHeaders),
    Type,
  );

export function readBody<T extends object>(Type: Shape<T>, plain: unknown): T {
  mustBeWellFormed(plain);
  if (typeof plain === 'object' && plain !== null) mustNotBeNull(Type, plain);
  return check(Type, plain, { strict: true });
}

export function readQuery<T extends object>(Type: Shape<T>, plain: unknown): T {
  mustBeWellFormed(plain);
  const fields = fieldsOf(Type);
  const entries = Object.entries(plain as Record<string, string | string[]>).map(([name, given]) => {
    const field = fields.find((candidate) => candidate.name === name);
    return [name, field ? queryValue(field, given) : given];
  });
  return check(Type, Object.fromEntries(entries), { strict: true });
}

export function readHeaders<T extends object>(Type: Shape<T>, headers: IncomingHttpHeaders): T {
  const fields = fieldsOf(Type).map(({ name, optional }) => ({ name, optional, value: headers[name.toLowerCase()] }));
  // The key of something that is to be done once is the only header that must be there.
  const missing = fields.find(({ optional, value }) => !optional && value === undefined);
  if (missing)
    throw new Refusal('idempotency_key_required', `Send the header ${missing.name} with a key of your own choice.`);
  const given = fields.filter(({ value }) => value !== undefined).map(({ name, value }) => [name, value] as const);
  return check(Type, Object.fromEntries(given), { strict: true });
}

function queryValue(field: FieldFacts, given: string | string[]): unknown {
  if (field.list) return [given].flat().flatMap((part) => part.split(','));
  if (Array.isArray(given)) throw new InvalidRequest([{ path: `$.${field.name}`, detail: 'may be given only once' }]);
  // class-transformer would take "", " 7 " and "0x7" for numbers too.
  if (field.number && !/^-?\d{1,15}(\.\d{1,15})?$/.test(given))
    throw new InvalidRequest([{ path: `$.${field.name}`, detail: 'must be a number' }]);
  return given;
}

/** `@IsOptional` lets null pass as absent; at the door a field is either absent or has a value that it may have. */
function mustNotBeNull(Type: Shape<object>, plain: object): void {
  const errors = fieldsOf(Type)
    .filter(({ name, nullable }) => !nullable && Object.hasOwn(plain, name))
    .filter(({ name }) => (plain as Record<string, unknown>)[name] === null)
    .map(({ name }) => ({ path: `$.${name}`, detail: 'must not be null' }));
  if (errors.length > 0) throw new InvalidRequest(errors);
}
