import 'reflect-metadata';
import { applyDecorators, HttpCode } from '@nestjs/common';
import type { ProblemCode, Shape } from '@seatwise/contracts';
import type { Role } from './roles.js';

export interface AnswerFacts {
  status: number;
  description: string;
  Type?: Shape<object>;
  contentType?: string;
  headers?: string[];
  /** What the events of a stream are called. */
  event?: string;
  /** What an answer that is text looks like. */
  example?: string;
}

/** What one operation of the REST API is: read by the guards, by the deadline and by the OpenAPI document. */
export interface OperationFacts {
  /** `anyone`: no key; `bootstrap`: the operator's bootstrap token; otherwise the least role of the caller. */
  allows: 'anyone' | 'bootstrap' | Role;
  /** For a person who is signed in, and no key: it is about them. */
  personal?: boolean;
  /** It sets a cookie, so it must come from the page itself, whoever asks. */
  samePage?: boolean;
  summary: string;
  description?: string;
  /** `Type` is absent for an answer without a body. */
  answer: AnswerFacts;
  /** Other answers that are no refusals. */
  otherwise?: AnswerFacts[];
  /** The refusals of its own, beside those that every operation shares. */
  refuses?: ProblemCode[];
  /** Its query is not ours to know: it is read as it comes. */
  anyQuery?: boolean;
  /** Milliseconds after which the caller is told that no answer came; null: as long as it wants. */
  deadlineMs?: number | null;
  /** It waits to be told of an end, at hardly any cost. */
  waits?: boolean;
  /**
   * What its record in the audit log is called, `{kind of thing}.{what was done to it}`; null: it leaves a record by its
   * events. One that changes something and has no name is recorded under that of its method.
   */
  audited?: `${string}.${string}` | null;
}

const factsKey = Symbol('seatwise:operation');

/** Declares a controller's method an operation of the API. A route below `/api/` without it is refused. */
export const Operation = (facts: OperationFacts): MethodDecorator =>
  applyDecorators(HttpCode(facts.answer.status), (_target, _property, descriptor: PropertyDescriptor) => {
    Reflect.defineMetadata(factsKey, facts, descriptor.value as object);
  });

export const factsOf = (method: object): OperationFacts | undefined =>
  Reflect.getMetadata(factsKey, method) as OperationFacts | undefined;
