import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { inboxPrefixOf } from '@seatwise/contracts';
import {
  AuthorizationError,
  credsAuthenticator,
  InvalidArgumentError,
  nkeyAuthenticator,
  type ConnectionOptions,
  type NatsConnection,
} from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { Attributes } from '@opentelemetry/api';
import { createLogger } from '@seatwise/observability';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';

const log = createLogger('nats');

const againMs = 250;

/** The service's one connection to NATS: opened at first use, kept for ever, drained at the end. */
@Injectable()
export class Nats implements OnApplicationShutdown {
  private opening: Promise<NatsConnection> | undefined;
  private connected: NatsConnection | undefined;

  constructor(@Inject(MESSAGING_OPTIONS) readonly options: MessagingOptions) {}

  connection(): Promise<NatsConnection> {
    const { servers, name, user, inbox = user ?? name } = this.options;
    this.opening ??= untilThere({
      servers: servers.split(','),
      name,
      inboxPrefix: inboxPrefixOf(inbox),
      ...proofOf(this.options),
      ...tlsOf(this.options),
      maxReconnectAttempts: -1,
      reconnectTimeWait: againMs,
      // Else the client gives up for ever at the second refusal: a password is changed on two sides, never at one moment.
      ignoreAuthErrorAbort: true,
      pingInterval: 5_000,
      maxPingOut: 3,
    }).then((connection) => {
      void tellRefusals(connection);
      return (this.connected = connection);
    });
    return this.opening;
  }

  /** The server that it is connected to now, for spans: one of several in a cluster. */
  server(): Attributes {
    const [address, port] = this.connected?.getServer().split(/:(?=\d+$)/) ?? [];
    return { 'server.address': address, 'server.port': port === undefined ? undefined : Number(port) };
  }

  /** Throws when the server does not answer within two seconds. */
  async check(): Promise<void> {
    const connection = await this.connection();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('NATS does not answer')), 2_000);
    });
    await Promise.race([connection.rtt(), late]).finally(() => clearTimeout(timer));
  }

  /** Consumers stop in `beforeApplicationShutdown`; what is still to be sent goes out here. */
  async onApplicationShutdown(): Promise<void> {
    const connection = await this.opening;
    if (connection && !connection.isClosed()) await connection.drain();
  }
}

/** Waits for a server; an address that is none, and a refusal before one was ever let in, are settings that are wrong: it throws. */
async function untilThere(options: ConnectionOptions): Promise<NatsConnection> {
  for (const told = new Set<string>(); ;) {
    try {
      return await connect(options);
    } catch (error) {
      // The error itself repeats the address, and whoever wrote a password into it would find it in the log.
      if ((error as { code?: unknown }).code === 'ERR_INVALID_URL')
        // oxlint-disable-next-line preserve-caught-error
        throw new Error('NATS_URL names an address that is none. User and password are settings of their own');
      if (error instanceof InvalidArgumentError) throw error;
      // A server that has much to do at its start takes too long as well, and says so by the same error.
      if (error instanceof AuthorizationError && !/timeout/i.test(error.message))
        throw new Error(
          `NATS refuses whoever this is (${error.message}). Check NATS_USER and NATS_PASSWORD, or the key or file that stands in their place`,
          { cause: error },
        );
      const reason = (error as Error).message;
      if (!told.has(reason)) log.warn({ reason }, 'there is no connection to NATS yet, and it is tried on');
      told.add(reason);
    }
    await sleep(againMs);
  }
}

/** Once until it is let in again, and not at every try. */
async function tellRefusals(connection: NatsConnection): Promise<void> {
  let isRefused = false;
  for await (const status of connection.status()) {
    if (status.type === 'reconnect') isRefused = false;
    if (status.type !== 'error' || !(status.error instanceof AuthorizationError) || isRefused) continue;
    isRefused = true;
    log.error({ reason: status.error.message }, 'refused by NATS, and tries on: is the password still the right one?');
  }
}

/** What shows who this is. */
function proofOf({ user, password, nkeySeed, credsFile }: MessagingOptions): Partial<ConnectionOptions> {
  if (credsFile !== undefined) return { authenticator: credsAuthenticator(() => readFileSync(credsFile)) };
  if (nkeySeed !== undefined) return { authenticator: nkeyAuthenticator(new TextEncoder().encode(nkeySeed)) };
  return user === undefined ? {} : { user, pass: password ?? '' };
}

/** The client takes `tls://` for a wish; said in its options, it connects to no server without TLS. */
function tlsOf({ servers, tls }: MessagingOptions): Partial<ConnectionOptions> {
  return tls || servers.includes('tls://') ? { tls: { ...tls } } : {};
}
