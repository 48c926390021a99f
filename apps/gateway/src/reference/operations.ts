import { Injectable, RequestMethod } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { Shape } from '@seatwise/contracts';
import { factsOf, type OperationFacts } from '../door/operation.js';
import { readsFrom } from '../door/reading.js';

/** An operation of the API as the document needs it. */
export interface Documented {
  /** The method's name in its controller. */
  id: string;
  /** What it is about, in one word: the name of its controller. */
  tag: string;
  method: string;
  /** `/api/v1/runs/{run}` */
  path: string;
  facts: OperationFacts;
  body: Shape<object> | undefined;
  query: Shape<object> | undefined;
  variables: Shape<object> | undefined;
  headers: Shape<object> | undefined;
}

/** Finds the operations in the controllers themselves, so that the document can't name one that isn't there. */
@Injectable()
export class Operations {
  constructor(private readonly discovery: DiscoveryService) {}

  all(): Documented[] {
    return operationsOf(this.discovery.getControllers().flatMap(({ metatype }) => (metatype ? [metatype] : [])));
  }
}

interface ControllerType {
  name: string;
  prototype: object;
}

/** The operations of these controllers, of which none need be there: what they are is told by their decorators. */
export const operationsOf = (controllers: ControllerType[]): Documented[] => controllers.flatMap(operationsOfOne);

function operationsOfOne(Controller: ControllerType): Documented[] {
  const { prototype } = Controller;
  const base = Reflect.getMetadata('path', Controller) as string;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((id) => {
    const handler = (prototype as Record<string, object>)[id]!;
    const facts = factsOf(handler);
    if (!facts) return [];
    const own = Reflect.getMetadata('path', handler) as string;
    const segments = [...base.split('/'), ...own.split('/')].filter(Boolean);
    return {
      id,
      tag: Controller.name.replace(/Controller$/, ''),
      method: RequestMethod[Reflect.getMetadata('method', handler) as RequestMethod].toLowerCase(),
      path: `/${segments.map((segment) => segment.replace(/^:(.*)$/, '{$1}')).join('/')}`,
      facts,
      body: readsFrom(prototype, id, 'body'),
      query: readsFrom(prototype, id, 'query'),
      variables: readsFrom(prototype, id, 'path'),
      headers: readsFrom(prototype, id, 'header'),
    };
  });
}
