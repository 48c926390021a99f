import { inboxPrefixOf, natsUsers, permissionsOf, type Permissions } from './nats-permissions.js';

/** Somebody outside who reads the events of one workspace. */
export interface OutsideConsumer {
  name: string;
  workspace: string;
}

/** One whose account is made before its workspace is known. */
type Named = Pick<OutsideConsumer, 'name'> & Partial<OutsideConsumer>;

/** How a user shows who they are: with a password, or with the key whose public half the server knows. */
export type NatsLogin = 'password' | 'nkey';

/** The account in which the services and JetStream are. */
export const insideAccount = 'SEATWISE';

/** The domain of JetStream that a consumer's client is told: its calls are led to the account inside. */
export const consumersDomain = 'seatwise';

/** A consumer's user, and the durable consumer it reads, are of one name. */
export const consumerUser = ({ name }: Pick<OutsideConsumer, 'name'>): string => `consumer-${name}`;

export const isConsumerUser = (name: string): boolean => name.startsWith('consumer-');

/** `sync-service` → `SYNC_SERVICE_NATS_PASSWORD`: where nats-server finds what a user must show. */
export const natsVariable = (user: string, login: NatsLogin = 'password'): string =>
  `${upper(user)}_NATS_${login.toUpperCase()}`;

/**
 * The accounts of nats-server's configuration: the one inside, where each user may do what the design gives it, and one for
 * each consumer outside. Consumers do not share one, for within an account a client can have the answer to its own call sent
 * on as the call of another. `unrestricted`: a user inside who may do everything, for tests.
 */
export function natsAccounts({
  consumers = [],
  login = 'password',
  unrestricted,
}: { consumers?: Named[]; login?: NatsLogin; unrestricted?: string } = {}): string {
  const inside = natsUsers.map((user) => userLines(user, login, permissionsOf(user)));
  if (unrestricted) inside.push(userLines(unrestricted, login));
  return lines(
    'accounts {',
    indented(
      `${insideAccount} {`,
      indented(
        'jetstream: enabled',
        'users: [',
        indented(...inside),
        ']',
        ...(consumers.length > 0 ? ['exports: [', indented(...consumers.map(exportsTo)), ']'] : []),
      ),
      '}',
      ...consumers.map((consumer) => consumerAccount(consumer, login)),
    ),
    '}',
    '',
  );
}

/** The calls of a consumer that reads by pulling: nothing else of JetStream is within its reach. */
const callsOf = (consumer: Named) => {
  const user = consumerUser(consumer);
  return [
    { call: `CONSUMER.INFO.EVENTS.${user}`, stream: false },
    { call: `CONSUMER.MSG.NEXT.EVENTS.${user}`, stream: true },
  ];
};
const acksOf = (consumer: Named) => `$JS.ACK.EVENTS.${consumerUser(consumer)}.>`;

function exportsTo(consumer: Named): string {
  const to = `accounts: [${accountOf(consumer)}]`;
  return lines(
    ...callsOf(consumer).map(
      ({ call, stream }) => `{ service: "$JS.API.${call}",${stream ? ' response_type: stream,' : ''} ${to} }`,
    ),
    `{ service: "${acksOf(consumer)}", ${to} }`,
  );
}

function consumerAccount(consumer: Named, login: NatsLogin): string {
  const calls = callsOf(consumer).map(({ call }) => ({
    from: `$JS.API.${call}`,
    to: `$JS.${consumersDomain}.API.${call}`,
  }));
  const acks = acksOf(consumer);
  const permissions = {
    publish: [...calls.map(({ to }) => to), acks],
    subscribe: [`${inboxPrefixOf(consumerUser(consumer))}.>`],
  };
  return lines(
    `# Reads the events of ${consumer.workspace ?? 'one workspace'}.`,
    `${accountOf(consumer)} {`,
    indented(
      'users: [',
      indented(userLines(consumerUser(consumer), login, permissions)),
      ']',
      'imports: [',
      indented(
        ...calls.map(({ from, to }) => `{ service: { account: ${insideAccount}, subject: "${from}" }, to: "${to}" }`),
        `{ service: { account: ${insideAccount}, subject: "${acks}" } }`,
      ),
      ']',
    ),
    '}',
  );
}

function userLines(user: string, login: NatsLogin, permissions?: Permissions): string {
  const shown =
    login === 'nkey' ? `nkey: $${natsVariable(user, login)}` : `user: ${user}, password: $${natsVariable(user)}`;
  if (!permissions) return `{ ${shown} }`;
  const may = (what: string, subjects: string[]) => [
    `${what}: { allow: [`,
    indented(...subjects.map((subject) => `"${subject}"`)),
    '] }',
  ];
  return lines(
    `# ${user}`,
    '{',
    indented(
      shown,
      'permissions: {',
      indented(...may('publish', permissions.publish), ...may('subscribe', permissions.subscribe)),
      '}',
    ),
    '}',
  );
}

const accountOf = (consumer: Named): string => upper(consumerUser(consumer));
const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_');
const lines = (...texts: string[]): string => texts.join('\n');
const indented = (...texts: string[]): string =>
  texts
    .flatMap((text) => text.split('\n'))
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');
