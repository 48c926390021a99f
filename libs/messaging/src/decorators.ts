import 'reflect-metadata';
import type { EventType, RequestPair } from '@seatwise/contracts';
import type { ConsumerOptions, EventHead, MessageContext } from './consumer.js';

type Method<A extends unknown[], R> = TypedPropertyDescriptor<(...args: A) => Promise<R>>;

const handlesKey = Symbol('seatwise:handles');
const consumesKey = Symbol('seatwise:consumes');

export interface Consumption {
  options: Omit<ConsumerOptions, 'subjects'> & { subjects?: string[] };
  types: EventType<object>[];
}

/** A method that is marked with `@Handles` or `@Consumes`. */
export interface Marked {
  method: (...args: never[]) => unknown;
  pair?: RequestPair<object, object>;
  consumption?: Consumption;
}

/** Whether, and how, this method is marked. */
export function marksOf(method: unknown): Marked | undefined {
  if (typeof method !== 'function') return undefined;
  const pair = Reflect.getMetadata(handlesKey, method) as RequestPair<object, object> | undefined;
  const consumption = Reflect.getMetadata(consumesKey, method) as Consumption | undefined;
  if (!pair && !consumption) return undefined;
  return { method: method as Marked['method'], ...(pair && { pair }), ...(consumption && { consumption }) };
}

/** The method answers this request: `@Handles(getRun) run(dto: RunRequest): Promise<RunDto>`. Checked by the compiler. */
export const Handles =
  <Req extends object, Res extends object>(pair: RequestPair<Req, Res>) =>
  (_target: object, _property: string | symbol, descriptor: Method<[Req], Res>): void => {
    Reflect.defineMetadata(handlesKey, pair, descriptor.value!);
  };

/**
 * The method takes events of this kind, or of any of these, from the stream. Methods with the same durable name share one consumer. Events of it come
 * in the order of their publishing while there is one replica, a concurrency of 1 and no failure; a handler must be right
 * in any order.
 */
export const Consumes =
  <P extends object>(type: EventType<P> | EventType<P>[], options: Consumption['options']) =>
  (
    _target: object,
    _property: string | symbol,
    descriptor: Method<[P, MessageContext], void> | Method<[P], void>,
  ): void => {
    const consumption: Consumption = { options, types: [type].flat() };
    Reflect.defineMetadata(consumesKey, consumption, descriptor.value!);
  };

/**
 * The method is shown the heads of events of these kinds, in any order, and reads those that it wants: for whoever passes
 * events on, and most of them not. The durable name is its own.
 */
export const ConsumesHeads =
  (types: EventType<object>[], options: Omit<Consumption['options'], 'subjects' | 'headersOnly'>) =>
  (_target: object, _property: string | symbol, descriptor: Method<[EventHead], void>): void => {
    const consumption: Consumption = { options: { ...options, headersOnly: true }, types };
    Reflect.defineMetadata(consumesKey, consumption, descriptor.value!);
  };
