import {
  access,
  consumerUser,
  deadLetterSubject,
  eventSubject,
  inboxPrefixOf,
  liveSubject,
  natsUsers,
  operatorAsks,
  serviceNames,
  sharedBucket,
  sharedSubjects,
  type Access,
  type NatsUser,
  type OutsideConsumer,
  type ServiceName,
} from '@seatwise/contracts';

/** A subject, and who may say and hear something on it. */
export interface Row {
  kind: string;
  subject: string;
  publish: string[];
  subscribe: string[];
}

/** Where the table is for a person to read. */
export const documented = 'docs/permissions.md';

/** Two readers outside, each of a workspace, as examples. */
export const examples: OutsideConsumer[] = [
  { name: 'lake', workspace: `ws_${'1'.repeat(25)}` },
  { name: 'alerts', workspace: `ws_${'2'.repeat(25)}` },
];
const [{ workspace }] = examples as [OutsideConsumer];
const connection = `con_${'3'.repeat(25)}`;

const who = (does: (own: Access, name: ServiceName) => boolean): ServiceName[] =>
  serviceNames.filter((name) => does(access[name], name));
const each = <T>(of: (own: Access) => T[]): T[] => [...new Set(serviceNames.flatMap((name) => of(access[name])))];

/**
 * The design, subject by subject: one of each kind that there is, and of what nobody may. `permissionsOf` says the same user by
 * user, and `system/nats.it.spec.ts` asks a real nats-server which of it holds.
 */
export const designed = (): Row[] => [
  ...requests(),
  ...events(),
  ...liveEvents(),
  ...work(),
  ...shared(),
  ...inboxes(),
  ...streamCalls(),
  ...durableCalls(),
  ...ofConsumers(),
  ...ofNobody(),
];

function requests(): Row[] {
  return each(({ asks, answers }) => [...asks, ...answers])
    .map((pair) => ({
      kind: 'Requests',
      subject: pair.subject,
      publish: [...who(({ asks }) => asks.includes(pair)), ...(operatorAsks.includes(pair) ? ['operator'] : [])],
      subscribe: who(({ answers }) => answers.includes(pair)),
    }))
    .toSorted(bySubject);
}

function events(): Row[] {
  const consumed = (subject: string) =>
    each(({ consumes }) => consumes.flatMap(({ filters }) => filters)).some((filter) => matches(filter, subject));
  return each(({ publishes }) => publishes)
    .map((event) => {
      const subject = eventSubject(event, workspace);
      return {
        kind: event.internal ? 'Internal events' : 'Events',
        subject,
        // What somebody consumes may have been parked, and the operator replays it.
        publish: [...who(({ publishes }) => publishes.includes(event)), ...(consumed(subject) ? ['operator'] : [])],
        subscribe: who(({ hears }) => hears.includes(event)),
      };
    })
    .toSorted((a, b) => a.kind.localeCompare(b.kind, 'en') || bySubject(a, b));
}

function liveEvents(): Row[] {
  return each(({ tells, handsOver }) => [...tells, ...handsOver])
    .map((event) => ({
      kind: 'Told live',
      subject: liveSubject(event, workspace),
      publish: who(({ tells, handsOver }) => [...tells, ...handsOver].includes(event)),
      subscribe: who(({ listens }) => listens.includes(event)),
    }))
    .toSorted(bySubject);
}

function work(): Row[] {
  const parked = each(({ consumes }) => consumes).map(({ stream, durable }) => ({
    kind: 'Parked messages',
    subject: deadLetterSubject(stream, durable),
    publish: ownersOf(durable),
    subscribe: [],
  }));
  const tasks = { subject: `sync.tasks.${workspace}.${connection}`, publish: ['sync-service', 'operator'] };
  return [{ kind: 'Tasks', ...tasks, subscribe: [] }, ...parked];
}

function shared(): Row[] {
  const sharers = who(({ shares }) => shares);
  const stream = `KV_${sharedBucket}`;
  const kind = 'The map that replicas share';
  const looking = [...sharers, 'operator'];
  return [
    { kind, subject: `${sharedSubjects}key`, publish: sharers, subscribe: sharers },
    { kind, subject: `$KV.${sharedBucket}.key`, publish: sharers, subscribe: [] },
    { kind, subject: `$JS.API.DIRECT.GET.${stream}.$KV.${sharedBucket}.key`, publish: looking, subscribe: [] },
    { kind, subject: `$JS.API.STREAM.CREATE.${stream}`, publish: looking, subscribe: [] },
    { kind, subject: `$JS.API.STREAM.INFO.${stream}`, publish: looking, subscribe: [] },
    { kind, subject: `$JS.API.STREAM.DELETE.${stream}`, publish: ['operator'], subscribe: [] },
  ];
}

function inboxes(): Row[] {
  return natsUsers.map((user) => ({
    kind: 'Inboxes',
    subject: `${inboxPrefixOf(user)}.answer`,
    publish: who(
      ({ answers, listens }) =>
        answers.some((pair) => asked(user).includes(pair)) || listens.some((event) => handed(user).includes(event)),
    ),
    subscribe: [user],
  }));
}

/** Whoever publishes on a stream makes it; who consumes it, or measures it, looks whether it is there. */
function streamCalls(): Row[] {
  const rules: Record<
    string,
    { makes: ServiceName[]; uses: ServiceName[]; measures: ServiceName[]; readsBack: ServiceName[] }
  > = {
    EVENTS: {
      makes: who(({ publishes }) => publishes.length > 0),
      uses: who(
        ({ publishes, consumes }) => publishes.length > 0 || consumes.some(({ stream }) => stream === 'EVENTS'),
      ),
      measures: ['gateway'],
      readsBack: ['usage-aggregator', 'action-service'],
    },
    INTERNAL: {
      makes: who(({ publishes }) => publishes.some(({ internal }) => internal)),
      uses: ['gateway', 'sync-service', 'action-service'],
      measures: ['gateway'],
      readsBack: [],
    },
    SYNC_TASKS: { makes: ['sync-service'], uses: ['gateway', 'sync-service'], measures: ['gateway'], readsBack: [] },
    DEAD_LETTERS: {
      makes: who(({ consumes }) => consumes.length > 0),
      uses: who(({ consumes }) => consumes.length > 0),
      measures: [],
      readsBack: [],
    },
  };
  return Object.entries(rules).flatMap(([stream, { makes, uses, measures, readsBack }]) =>
    Object.entries({
      'STREAM.CREATE': makes,
      'STREAM.UPDATE': makes,
      'STREAM.INFO': uses,
      'CONSUMER.LIST': measures,
      'STREAM.MSG.GET': readsBack,
      'STREAM.MSG.DELETE': [],
      'STREAM.PURGE': [],
      'STREAM.DELETE': [],
      'STREAM.SNAPSHOT': [],
    }).map(([call, services]) => ({
      kind: `Stream ${stream}`,
      subject: `$JS.API.${call}.${stream}`,
      publish: [...services, 'operator'],
      subscribe: [],
    })),
  );
}

function durableCalls(): Row[] {
  const calls = each(({ consumes }) => consumes).flatMap(({ stream, durable, filters }) => {
    const owners = ownersOf(durable);
    const alone = filters.length === 1;
    const api = (call: string) => `$JS.API.CONSUMER.${call}.${stream}.${durable}`;
    const rows: [subject: string, services: string[]][] = [
      [`${api('CREATE')}.${filters[0]}`, alone ? owners : []],
      [`${api('CREATE')}.seatwise.>`, []],
      [api('CREATE'), []],
      [api('DURABLE.CREATE'), alone ? [] : owners],
      [api('INFO'), owners],
      [api('MSG.NEXT'), owners],
      [api('DELETE'), []],
    ];
    const acks = { subject: `$JS.ACK.${stream}.${durable}.1.2.3.4.5`, publish: owners };
    return [...rows.map(([subject, services]) => ({ subject, publish: [...services, 'operator'] })), acks].map(
      (row) => ({
        kind: `Consumer ${durable}`,
        ...row,
        subscribe: [],
      }),
    );
  });
  const reading = ['CREATE', 'INFO', 'MSG.NEXT', 'DELETE'].map((call) => ({
    kind: 'Reading what is parked',
    subject: `$JS.API.CONSUMER.${call}.DEAD_LETTERS.any_1`,
    publish: ['gateway', 'operator'],
    subscribe: [],
  }));
  return [...calls, ...reading];
}

/** In accounts of their own: what they are not led to inside is not even there. */
function ofConsumers(): Row[] {
  return examples.flatMap((consumer) => {
    const user = consumerUser(consumer);
    const said = ['INFO', 'MSG.NEXT'].map((call) => `$JS.seatwise.API.CONSUMER.${call}.EVENTS.${user}`);
    return [
      ...[...said, `$JS.ACK.EVENTS.${user}.1.2.3.4.5`].map((subject) => ({
        kind: `The consumer ${user} outside`,
        subject,
        publish: [user],
        subscribe: [],
      })),
      {
        kind: `The consumer ${user} outside`,
        subject: `${inboxPrefixOf(user)}.message`,
        publish: [],
        subscribe: [user],
      },
      ...['INFO', 'MSG.NEXT', 'DELETE'].map((call) => ({
        kind: `The consumer ${user} outside`,
        subject: `$JS.API.CONSUMER.${call}.EVENTS.${user}`,
        publish: ['operator'],
        subscribe: [],
      })),
    ];
  });
}

const ofNobody = (): Row[] => [
  ...[
    'seatwise.rpc.unknown',
    `seatwise.v1.${workspace}.unknown.changed`,
    `seatwise.internal.${workspace}.unknown.changed`,
    `seatwise.live.${workspace}.unknown.changed`,
    'dead.EVENTS.unknown',
    '$KV.another.key',
    '$SYS.REQ.SERVER.PING',
    '_R_.answer',
    '_INBOX.answer',
    'anything.else',
  ].map((subject) => ({ kind: 'Nobody', subject, publish: [], subscribe: [] })),
  ...[
    '>',
    'seatwise.>',
    'seatwise.v1.>',
    'seatwise.internal.>',
    `seatwise.v1.${workspace}.>`,
    '$JS.>',
    '$JS.ACK.>',
    '_INBOX_gateway.*.>',
  ].map((subject) => ({
    kind: 'Nobody',
    subject,
    publish: [],
    subscribe: subject.startsWith('_INBOX_') ? ['gateway'] : [],
  })),
  ...[
    'STREAM.CREATE.OTHER',
    'STREAM.NAMES',
    'STREAM.LIST',
    'CONSUMER.CREATE.EVENTS.intruder',
    'ACCOUNT.PURGE.SEATWISE',
  ].map((call) => ({ kind: 'The operator alone', subject: `$JS.API.${call}`, publish: ['operator'], subscribe: [] })),
];

/** The table as a page of the docs. */
export function page(rows: Row[]): string {
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  return [
    '# Who may say what on NATS',
    '',
    'Made by `npm run nats -- table --write`; `system/nats.it.spec.ts` asks a real nats-server, user by user, whether it is so. Of each',
    'kind of subject there is one, and of what nobody may.',
    ...kinds.flatMap((kind) => [
      '',
      `## ${kind}`,
      '',
      '| subject | may publish | may subscribe |',
      '| --- | --- | --- |',
      ...rows
        .filter((row) => row.kind === kind)
        .map(({ subject, publish, subscribe }) => `| \`${subject}\` | ${list(publish)} | ${list(subscribe)} |`),
    ]),
    '',
  ].join('\n');
}

/** Whether a literal subject is among those that a pattern stands for. */
function matches(pattern: string, subject: string): boolean {
  const [wanted, given] = [pattern.split('.'), subject.split('.')];
  const fits = wanted.every((token, at) => token === '>' || token === '*' || token === given[at]);
  return fits && (wanted.at(-1) === '>' ? given.length >= wanted.length : given.length === wanted.length);
}

const asked = (user: NatsUser) => (user === 'operator' ? operatorAsks : access[user].asks);
const handed = (user: NatsUser) => (user === 'operator' ? [] : access[user].handsOver);
const list = (users: string[]) => users.join(', ') || '–';
const ownersOf = (name: string): ServiceName[] =>
  who(({ consumes }) => consumes.some(({ durable }) => durable === name));
const bySubject = (a: Row, b: Row) => a.subject.localeCompare(b.subject, 'en');
