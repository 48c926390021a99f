import 'reflect-metadata';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as contracts from '@seatwise/contracts';
import {
  access,
  filtersOf,
  serviceNames,
  type Durable,
  type EventType,
  type RequestPair,
  type ServiceName,
} from '@seatwise/contracts';
import { marksOf, streams } from '@seatwise/messaging';

const root = join(import.meta.dirname, '..');

type Pair = RequestPair<object, object>;
type Event = EventType<object>;

/** Loaded one after the other: the packages of Nest do not bear being loaded by several at once. */
const modules: Record<ServiceName, () => Promise<object>> = {
  gateway: async () => {
    const { GatewayConfig } = await import('../apps/gateway/src/config.js');
    return (await import('../apps/gateway/src/gateway.module.js')).gatewayWith(new GatewayConfig());
  },
  'connection-service': async () => {
    const { ConnectionConfig } = await import('../apps/connection-service/src/config.js');
    const { connectionServiceWith } = await import('../apps/connection-service/src/connection-service.module.js');
    return connectionServiceWith(new ConnectionConfig());
  },
  'sync-service': async () => {
    const { SyncConfig } = await import('../apps/sync-service/src/config.js');
    return (await import('../apps/sync-service/src/sync-service.module.js')).syncServiceWith(new SyncConfig());
  },
  'usage-aggregator': async () => {
    const { UsageConfig } = await import('../apps/usage-aggregator/src/config.js');
    return (await import('../apps/usage-aggregator/src/usage.module.js')).usageWith(new UsageConfig());
  },
  'action-service': async () => {
    const { ActionConfig } = await import('../apps/action-service/src/config.js');
    return (await import('../apps/action-service/src/action-service.module.js')).actionServiceWith(new ActionConfig());
  },
};

/** What is marked in the classes that a service is made of. */
function marked(module: object) {
  const parts = ['providers', 'controllers'].flatMap(
    (kind) => Reflect.getMetadata(kind, module) as unknown[] | undefined,
  );
  return parts
    .filter((part) => typeof part === 'function')
    .flatMap(({ prototype }) =>
      Object.getOwnPropertyNames(prototype).map((name) => methodOf(prototype as object, name)),
    )
    .flatMap((method) => marksOf(method) ?? []);
}
const methodOf = (prototype: object, name: string): unknown =>
  Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown;

/** The names under which contracts has its messages; those of a group have the group's. Whoever republishes names none. */
const messages = Object.entries(contracts).flatMap(([name, value]: [string, unknown]) =>
  [value, ...(name !== 'republish' && isGroup(value) ? Object.values(value) : [])]
    .filter(isMessage)
    .map((message) => ({ name, message })),
);
function isMessage(value: unknown): value is Pair | Event {
  return typeof value === 'object' && value !== null && ('Payload' in value || 'Request' in value);
}
function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isMessage);
}

/** What a service's code takes from contracts. */
const takenBy = (service: string): Set<string> =>
  new Set(
    globSync(`apps/${service}/src/**/*.ts`, { cwd: root, exclude: (path) => path.includes('.spec.') })
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .flatMap((text) => [...text.matchAll(/import \{([^}]*)\} from '@seatwise\/contracts'/g)])
      .flatMap(([, names = '']) => names.split(',').map((name) => name.trim())),
  );

describe.each(serviceNames)('the design of %s', (service) => {
  const own = access[service];
  let found: ReturnType<typeof marked>;
  beforeAll(async () => {
    found = marked(await modules[service]());
  });

  it('has it answer what it handles, and nothing else', () => {
    const handled = found.flatMap(({ pair }) => pair?.subject ?? []);
    expect(own.answers.map(({ subject }) => subject).toSorted()).toEqual(handled.toSorted());
  });

  it('has it consume what it consumes, and nothing else', () => {
    const consumed = new Map<string, Event[]>();
    for (const { consumption } of found) {
      if (!consumption) continue;
      const { durable } = consumption.options;
      consumed.set(durable, [...(consumed.get(durable) ?? []), ...consumption.types]);
    }
    const designed = own.consumes.filter(({ stream }: Durable) => stream !== 'SYNC_TASKS');
    expect(Object.fromEntries(designed.map(({ durable, filters }) => [durable, filters.toSorted()]))).toEqual(
      Object.fromEntries([...consumed].map(([durable, types]) => [durable, filtersOf(types).toSorted()])),
    );
  });

  it('names just the messages that its code names', () => {
    const { answers, asks, publishes, hears, tells, handsOver, listens } = own;
    // Whoever is shown the heads of all that is public names none of them.
    const consumed = found.flatMap(({ consumption }) =>
      consumption?.options.headersOnly ? [] : (consumption?.types ?? []),
    );
    const said = new Set<Pair | Event>([
      ...answers,
      ...asks,
      ...publishes,
      ...hears,
      ...tells,
      ...handsOver,
      ...listens,
      ...consumed,
    ]);
    const taken = takenBy(service);
    const named = new Set(messages.map(({ name }) => name).filter((name) => taken.has(name)));
    const designed = new Set(messages.filter(({ message }) => said.has(message)).map(({ name }) => name));
    expect([...designed].toSorted()).toEqual([...named].toSorted());
  });
});

it('speaks of streams that there are', () => {
  const named = Object.values(access).flatMap(({ queues, consumes, measures }) => [
    ...queues.map(({ stream }) => stream),
    ...consumes.map(({ stream }) => stream),
    ...measures,
  ]);
  expect(Object.keys(streams)).toEqual(expect.arrayContaining(named));
});
