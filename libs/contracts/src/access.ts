import * as actions from './actions.js';
import * as bulk from './bulk.js';
import * as changes from './changes.js';
import * as connections from './connections.js';
import * as directory from './directory.js';
import { eventStreamOf, filtersOf, type EventType, type RequestPair } from './message.js';
import { republish } from './outbox.js';
import * as sync from './sync.js';
import * as usage from './usage.js';
import * as webhooks from './webhooks.js';

/** The services that speak over NATS. */
export const serviceNames = [
  'gateway',
  'connection-service',
  'sync-service',
  'usage-aggregator',
  'action-service',
] as const;
export type ServiceName = (typeof serviceNames)[number];

type Pair = RequestPair<object, object>;
type Event = EventType<object>;

/** A durable consumer: the messages that a service shares among its replicas. */
export interface Durable {
  stream: string;
  durable: string;
  filters: string[];
  /** Reads single messages of the stream: whether an earlier one still waits, or what it was shown the head of. */
  readsBack?: boolean;
}

/** What one service says and hears on NATS. It may nothing else: `permissionsOf` makes its user of this. */
export interface Access {
  /** Requests that it answers. */
  answers: Pair[];
  /** Requests that it makes of others. */
  asks: Pair[];
  /** Events that it publishes, each on its stream. */
  publishes: Event[];
  /** Subjects of a stream that hold work of its own. */
  queues: { stream: string; subjects: string[] }[];
  consumes: Durable[];
  /** Events that it hears as they are published, for whoever watches at the moment. */
  hears: Event[];
  /** Events that it tells live, kept by no stream. */
  tells: Event[];
  /** Events that it tells live and waits for somebody to take. */
  handsOver: Event[];
  /** Live events that it listens to. */
  listens: Event[];
  /** Whether it uses the map that replicas share. */
  shares: boolean;
  /** Streams of which it looks how far each consumer is. */
  measures: string[];
  /** Whether it reads what is parked. */
  readsDeadLetters: boolean;
}

const nothing: Access = {
  answers: [],
  asks: [],
  publishes: [],
  queues: [],
  consumes: [],
  hears: [],
  tells: [],
  handsOver: [],
  listens: [],
  shares: false,
  measures: [],
  readsDeadLetters: false,
};

const durable = (name: string, types: Event[], more: { readsBack?: boolean } = {}): Durable => {
  const filters = filtersOf(types);
  return { stream: eventStreamOf(filters[0]!), durable: name, filters, ...more };
};

const { person, app, assignment } = changes.directoryChanged;
const connectionEvents = [
  connections.connectionConnected,
  connections.connectionChanged,
  connections.connectionRemoved,
];
const actionEnds = [actions.actionDone, actions.actionRefused, actions.actionFailed, actions.actionUnknown];
const jobEvents = [
  bulk.bulkWaiting,
  bulk.bulkStarted,
  bulk.bulkPaused,
  bulk.bulkResumed,
  bulk.bulkStopped,
  bulk.bulkCancelled,
  bulk.bulkDone,
];

// What one service answers and the gateway asks.
const connectionPairs = [
  connections.connectAccount,
  connections.listConnections,
  connections.getConnection,
  connections.tryAccount,
  connections.testConnection,
  connections.updateConnection,
  connections.rotateCredential,
  connections.removeConnection,
];
const syncPairs = [sync.startSync, sync.listRuns, sync.getRun, sync.agreeToShrink, sync.cancelRun, sync.getBudgets];
const usagePairs = [
  usage.listPeople,
  usage.getPersonUsage,
  usage.listApps,
  usage.getAppUsage,
  usage.getSeatOrigins,
  usage.getAppHours,
  usage.getActivePeople,
  usage.getSummary,
];
const actionPairs = [
  actions.requestAction,
  actions.undoAction,
  actions.getAction,
  actions.listActions,
  actions.settleAction,
];
const jobPairs = [
  bulk.createBulk,
  bulk.addToBulk,
  bulk.closeBulk,
  bulk.getBulk,
  bulk.listBulk,
  bulk.listBulkItems,
  bulk.startBulk,
  bulk.approveBulk,
  bulk.pauseBulk,
  bulk.resumeBulk,
  bulk.cancelBulk,
  bulk.retryBulk,
];
const webhookPairs = [
  webhooks.createWebhook,
  webhooks.listWebhooks,
  webhooks.getWebhook,
  webhooks.updateWebhook,
  webhooks.rotateWebhook,
  webhooks.removeWebhook,
  webhooks.testWebhook,
  webhooks.listDeliveries,
  webhooks.replayDelivery,
  webhooks.replayDeliveries,
];

/**
 * Who says what to whom over NATS: the design of docs/architecture.md as NATS is told it. A line that is missing here is
 * refused by the server; one that nobody needs is found by `access.spec.ts`.
 */
export const access: Readonly<Record<ServiceName, Access>> = {
  gateway: {
    ...nothing,
    asks: [
      ...connectionPairs,
      ...syncPairs,
      directory.getGroupsOfApp,
      directory.getPersonRecord,
      directory.getAttributes,
      directory.listAttributes,
      directory.readMirror,
      ...usagePairs,
      usage.readUsageDay,
      ...actionPairs,
      ...jobPairs,
      ...webhookPairs,
    ],
    consumes: [durable('gateway-audit', [actions.actionRequested, ...actionEnds])],
    hears: [sync.syncRunChanged, ...actionEnds, ...jobEvents],
    listens: [connections.connectionChecked, sync.syncRunChanged, bulk.bulkChanged, actions.actionSecret],
    measures: ['EVENTS', 'INTERNAL', 'SYNC_TASKS'],
    readsDeadLetters: true,
  },
  'connection-service': {
    ...nothing,
    answers: [
      ...connectionPairs,
      connections.requestCredential,
      connections.reportCredential,
      republish['connection-service'],
    ],
    publishes: connectionEvents,
    tells: [connections.connectionChecked],
    shares: true,
  },
  'sync-service': {
    ...nothing,
    answers: [
      ...syncPairs,
      directory.getGroupsOfApp,
      directory.getPersonRecord,
      directory.getStatuses,
      directory.getAttributes,
      directory.listAttributes,
      directory.readMirror,
      republish['sync-service'],
    ],
    asks: [connections.requestCredential, connections.reportCredential],
    publishes: [
      ...Object.values(changes.directoryChanged),
      directory.directoryComplete,
      directory.signInsRecorded,
      sync.syncRunChanged,
    ],
    queues: [{ stream: 'SYNC_TASKS', subjects: ['sync.tasks.*.*'] }],
    consumes: [
      durable('sync-connections', connectionEvents),
      durable('sync-sightings', [directory.directorySeen]),
      durable('sync-seen', [directory.directorySeenBefore]),
      { stream: 'SYNC_TASKS', durable: 'sync-workers', filters: ['sync.tasks.>'] },
    ],
    tells: [sync.syncRunChanged],
    shares: true,
  },
  'usage-aggregator': {
    ...nothing,
    answers: [...usagePairs, usage.readUsageDay, usage.readDays, republish['usage-aggregator']],
    publishes: [usage.usageDayChanged],
    consumes: [
      durable('usage-connections', connectionEvents),
      durable('usage-directory', [person, app, assignment, directory.directoryComplete], { readsBack: true }),
      durable('usage-sign-ins', [directory.signInsRecorded], { readsBack: true }),
    ],
  },
  'action-service': {
    ...nothing,
    answers: [...actionPairs, ...jobPairs, ...webhookPairs, republish['action-service']],
    asks: [
      connections.getConnection,
      connections.requestCredential,
      connections.reportCredential,
      directory.getStatuses,
    ],
    publishes: [
      actions.actionRequested,
      ...actionEnds,
      ...jobEvents,
      directory.directorySeen,
      webhooks.webhookDisabled,
    ],
    consumes: [
      durable('action-connections', [connections.connectionRemoved]),
      durable('action-work', [actions.actionRequested]),
      durable('bulk-work', [actions.actionRequested]),
      durable('action-webhooks', webhooks.publicEvents, { readsBack: true }),
    ],
    tells: [bulk.bulkChanged],
    handsOver: [actions.actionSecret],
    shares: true,
  },
};

/** What the commands of an operator ask of the services; beside that they may look after all of JetStream. */
export const operatorAsks: Pair[] = Object.values(republish);
