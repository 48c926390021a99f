import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { filtersOf } from '@seatwise/contracts';
import { Bus } from './bus.js';
import { routeOf, StreamConsumer, type EventHead, type MessageContext } from './consumer.js';
import { DeadLetters } from './dead-letters.js';
import { marksOf, type Consumption, type Marked } from './decorators.js';
import { Streams } from './streams.js';

type Handler = (dto: object, context?: MessageContext) => Promise<object | void>;

/** Finds the methods marked with `@Handles` and `@Consumes` and connects them when the service is up. */
@Injectable()
export class Explorer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly consumers: StreamConsumer[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly bus: Bus,
    private readonly streams: Streams,
    private readonly deadLetters: DeadLetters,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const shared = new Map<
      string,
      { consumption: Consumption; handlers: { type: Consumption['types'][number]; handler: Handler }[] }
    >();
    for (const { handler, pair, consumption } of this.marked()) {
      if (pair) await this.bus.handle(pair, handler as (dto: object) => Promise<object>);
      for (const type of consumption?.types ?? []) {
        const { durable } = consumption!.options;
        const entry = shared.get(durable) ?? { consumption: consumption!, handlers: [] };
        entry.handlers.push({ type, handler });
        shared.set(durable, entry);
      }
    }
    for (const { consumption, handlers } of shared.values()) {
      const subjects = consumption.options.subjects ?? filtersOf(handlers.map(({ type }) => type));
      const routes = consumption.options.headersOnly
        ? { handleHead: handlers[0]!.handler as unknown as (head: EventHead) => Promise<void> }
        : handlers.map(({ type, handler }) =>
            routeOf(type, handler as (dto: object, context: MessageContext) => Promise<void>),
          );
      const consumer = new StreamConsumer(this.streams, this.deadLetters, { ...consumption.options, subjects }, routes);
      consumer.start();
      this.consumers.push(consumer);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  private *marked(): Generator<Marked & { handler: Handler }> {
    for (const { instance } of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      if (!instance || typeof instance !== 'object') continue;
      const prototype = Object.getPrototypeOf(instance) as Record<string, unknown>;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const marked = marksOf(prototype[name]);
        if (marked) yield { ...marked, handler: marked.method.bind(instance) as Handler };
      }
    }
  }
}
