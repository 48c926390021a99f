import { access, operatorAsks, serviceNames, type Access, type Durable, type ServiceName } from './access.js';
import { eventStreamOf, eventSubject, liveSubject } from './message.js';

/** Whoever connects to NATS inside: the services, and the operator whose commands look after JetStream. */
export const natsUsers = [...serviceNames, 'operator'] as const;
export type NatsUser = (typeof natsUsers)[number];

/** The bucket of the map that replicas share, and the subjects on which they tell each other of it at once. */
export const sharedBucket = 'seatwise-shared';
export const sharedSubjects = 'seatwise.shared.';

/** Where parked messages are. */
export const deadLetters = 'DEAD_LETTERS' as const;
export const deadLetterSubject = (stream: string, durable: string): string => `dead.${stream}.${durable}`;

/** What the inboxes of a user begin with: nobody else may listen there. */
export const inboxPrefixOf = (user: string): string => `_INBOX_${user}`;

/** The subjects that a user may publish to and subscribe to; NATS refuses every other. */
export interface Permissions {
  publish: string[];
  subscribe: string[];
}

export function permissionsOf(user: NatsUser): Permissions {
  const { publish, subscribe } = user === 'operator' ? ofOperator() : ofService(user);
  return { publish: sorted(publish), subscribe: sorted([...subscribe, inboxOf(user)]) };
}

/**
 * Whether a service makes the stream, or brings it to what this version wants: those do who publish on it. Whoever is no
 * service of the design, such as a test, may as well.
 */
export function makesStream(name: string, stream: string): boolean {
  return !isService(name) || streamsMadeBy(access[name]).includes(stream);
}

function ofService(name: ServiceName): Permissions {
  const own = access[name];
  const made = streamsMadeBy(own);
  const used = [...made, ...own.consumes.map(({ stream }) => stream), ...own.measures];
  if (own.readsDeadLetters) used.push(deadLetters);
  return {
    publish: [
      ...own.asks.map(({ subject }) => subject),
      ...askersOf(own).map(inboxOf),
      ...own.publishes.map((type) => eventSubject(type, '*')),
      ...own.queues.flatMap(({ subjects }) => subjects),
      ...[...own.tells, ...own.handsOver].map((type) => liveSubject(type, '*')),
      api('INFO'),
      ...used.map((stream) => api('STREAM.INFO', stream)),
      ...made.flatMap((stream) => [api('STREAM.CREATE', stream), api('STREAM.UPDATE', stream)]),
      ...own.consumes.flatMap(ofDurable),
      ...own.measures.map((stream) => api('CONSUMER.LIST', stream)),
      ...(own.readsDeadLetters ? readingOf(deadLetters) : []),
      ...(own.shares ? [`${sharedSubjects}>`, ...ofBucket(sharedBucket)] : []),
    ],
    subscribe: [
      ...own.answers.map(({ subject }) => subject),
      ...own.hears.map((type) => eventSubject(type, '*')),
      ...own.listens.map((type) => liveSubject(type, '*')),
      ...(own.shares ? [`${sharedSubjects}>`] : []),
    ],
  };
}

/** Its commands measure, mend, save and rebuild streams, replay what was parked, and have services publish again. */
function ofOperator(): Permissions {
  const replayed = serviceNames.flatMap((name) => access[name].consumes.flatMap(({ filters }) => filters));
  return {
    publish: [...operatorAsks.map(({ subject }) => subject), ...replayed, '$JS.API.>', '$JS.SNAPSHOT.>'],
    subscribe: [],
  };
}

function ofDurable({ stream, durable, filters, readsBack }: Durable): string[] {
  const [filter, ...more] = filters;
  return [
    // With one subject in the call, the server sees to it that the consumer asks for no other. The client makes one of several
    // subjects by the older call, which names none.
    more.length === 0
      ? api('CONSUMER.CREATE', stream, durable, filter!)
      : api('CONSUMER.DURABLE.CREATE', stream, durable),
    api('CONSUMER.INFO', stream, durable),
    api('CONSUMER.MSG.NEXT', stream, durable),
    `$JS.ACK.${stream}.${durable}.>`,
    deadLetterSubject(stream, durable),
    ...(readsBack ? [api('STREAM.MSG.GET', stream)] : []),
  ];
}

/** Reading a stream from some place on, by a consumer that is gone when it is read. */
const readingOf = (stream: string): string[] =>
  ['CONSUMER.CREATE', 'CONSUMER.INFO', 'CONSUMER.MSG.NEXT', 'CONSUMER.DELETE'].map((call) => api(call, stream, '*'));

const ofBucket = (bucket: string): string[] => [
  api('STREAM.CREATE', `KV_${bucket}`),
  api('STREAM.INFO', `KV_${bucket}`),
  api('DIRECT.GET', `KV_${bucket}`, `$KV.${bucket}.>`),
  `$KV.${bucket}.>`,
];

const streamsMadeBy = ({ publishes, queues, consumes }: Access): string[] => [
  ...new Set(publishes.map((type) => eventStreamOf(eventSubject(type, '*')))),
  ...queues.map(({ stream }) => stream),
  ...(consumes.length > 0 ? [deadLetters] : []),
];

/** Whose requests, or live events that are handed over, it answers. */
function askersOf({ answers, listens }: Access): NatsUser[] {
  const asks = (user: NatsUser) => (user === 'operator' ? operatorAsks : access[user].asks);
  const handsOver = (user: NatsUser) => (user === 'operator' ? [] : access[user].handsOver);
  return natsUsers.filter(
    (user) =>
      asks(user).some((pair) => answers.includes(pair)) || handsOver(user).some((event) => listens.includes(event)),
  );
}

const isService = (name: string): name is ServiceName => (serviceNames as readonly string[]).includes(name);
const api = (...parts: string[]): string => ['$JS.API', ...parts].join('.');
const inboxOf = (user: string): string => `${inboxPrefixOf(user)}.>`;
const sorted = (subjects: string[]): string[] => [...new Set(subjects)].toSorted();
