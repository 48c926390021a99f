import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { actionRequested, actionSecret, Refusal, type ActionDto, type ConnectionDto } from '@seatwise/contracts';
import { Consumes, isTransient, Streams, TryLater } from '@seatwise/messaging';
import { createLogger, inSpan } from '@seatwise/observability';
import { BudgetWaitError, MalformedAnswerError, OktaError, TokenRejectedError } from '@seatwise/okta';
import { PrivateKey, PublicKeys, SealError } from '@seatwise/persistence';
import { actOf } from '../acts/index.js';
import { ActRefused, type Order } from '../acts/act.js';
import type { Action } from '../actions/action.js';
import { ActionsRepository, AttemptLost } from '../actions/actions.repository.js';
import { mayAct } from '../actions/actions.service.js';
import { ActionConfig } from '../config.js';
import { Orgs } from '../orgs/orgs.js';
import { Attempt, faultFor, isSuccess, rejected, type Hands, type Outcome } from './attempt.js';
import { Ending } from './ending.js';
import { Lease } from './lease.js';
import { faultOf } from './okta-faults.js';

const log = createLogger('worker');
/** Sealed secrets are opened when it is the action's turn, which may be long after they came. */
const secretsKeptSeconds = 86_400;
/** An action that Okta did not let happen for so long since it was first tried ends. */
const patienceMs = 3_600_000;
/** So long what Okta answers may be nothing that can be read. */
const patienceWithNonsenseMs = 60_000;
const busyMs = 200;
const sweepMs = 1_000;
const sweepers = 8;
const mostOfConnection = 12;

/** Takes actions one after another, those of one person in their order, and brings each to its end. */
@Injectable()
export class Worker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly leaseMs: number;
  private sweeping: NodeJS.Timeout | undefined;
  private swept: Promise<void> = Promise.resolve();
  private stopped = false;
  /** Actions in work here, by connection, those of jobs apart. */
  private readonly inWork = new Map<string, number>();

  constructor(
    private readonly actions: ActionsRepository,
    private readonly ending: Ending,
    private readonly orgs: Orgs,
    private readonly privateKey: PrivateKey,
    private readonly streams: Streams,
    config: ActionConfig,
  ) {
    this.leaseMs = config.leaseSeconds * 1_000;
  }

  onApplicationBootstrap(): void {
    let isAtIt = false;
    this.sweeping = setInterval(() => {
      if (isAtIt) return;
      isAtIt = true;
      this.swept = this.sweep().finally(() => (isAtIt = false));
    }, sweepMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.sweeping);
    this.stopped = true;
    await this.swept;
  }

  @Consumes(actionRequested, { stream: 'EVENTS', durable: 'action-work', concurrency: 96, ackWaitMs: 10_000 })
  async requested(action: ActionDto): Promise<void> {
    if (action.bulk === undefined) await this.take(action.id, placesOf(action));
  }

  /** Places of their own, so that a single action never waits behind a job. */
  @Consumes(actionRequested, { stream: 'EVENTS', durable: 'bulk-work', concurrency: 96, ackWaitMs: 10_000 })
  async requestedInBulk(action: ActionDto): Promise<void> {
    if (action.bulk !== undefined) await this.take(action.id, placesOf(action));
  }

  /** Looks once more at an action that ended unknown. */
  async settle(action: Action): Promise<void> {
    const connection = await this.orgs.connection(action.workspace, action.connection);
    // Nothing is read of one that is paused either: it is looked at when that is over.
    if (connection.paused) return;
    // Its secrets are gone, and looking needs none.
    const order = orderWithout(action);
    const outcome = await this.attemptAt(action, order, connection).settle();
    if (outcome) await this.ending.settle(action, order, outcome);
  }

  /** Brings an action to its end. Throws `TryLater` when it is not its turn, or must wait. */
  private async take(id: string, whose: string): Promise<void> {
    // An org that hangs leaves room for the others. Who finds no place comes again soon, so that it shall cost nothing.
    const inWork = this.inWork.get(whose) ?? 0;
    if (inWork >= mostOfConnection) throw new TryLater(busyMs);
    this.inWork.set(whose, inWork + 1);
    try {
      const known = await this.actions.find(id);
      if (!known || known.endedAt !== null) return;
      if (!known.dryRun && !(await this.actions.hasTurn(known))) throw new TryLater(busyMs);
      await this.work(id);
    } finally {
      const left = (this.inWork.get(whose) ?? 1) - 1;
      if (left > 0) this.inWork.set(whose, left);
      else this.inWork.delete(whose);
    }
  }

  private async work(id: string): Promise<void> {
    const since = performance.now();
    const claimed = await this.actions.claim(id, this.leaseMs);
    if (!claimed) {
      const now = await this.actions.find(id);
      if (!now) return;
      // It ended between our taking its lane and our taking it.
      if (now.endedAt !== null) return await this.actions.leaveLane(now);
      throw new TryLater(Math.max(busyMs, now.leaseUntil.getTime() - Date.now()));
    }
    try {
      await this.attempt(claimed, since);
    } catch (error) {
      // Whoever has taken it over says what comes of it; it is looked whether they live.
      if (error instanceof AttemptLost) throw new TryLater(this.leaseMs);
      await this.actions.release(claimed);
      throw error;
    }
  }

  private async attempt(action: Action, since: number): Promise<void> {
    const lease = new Lease(this.leaseMs, since, () => this.actions.extend(action, this.leaseMs));
    try {
      const order = await this.orderOf(action).catch((error: unknown) => {
        if (error instanceof SealError) return undefined;
        throw error;
      });
      const outcome = order
        ? await this.outcomeOf(action, order, lease)
        : isCarriedOut(action)
          ? notVerified
          : wasSent(action)
            ? unreadableSent
            : unreadable;
      // The end locks the action until it is said: prolonging the lease would wait for it, and keep it from a connection.
      await lease.hold().catch((error: unknown) => {
        if (error instanceof AttemptLost) throw error;
      });
      lease.end();
      await this.ending.end(action, order ?? orderWithout(action), outcome);
    } finally {
      lease.end();
    }
  }

  private async outcomeOf(action: Action, order: Order, lease: Lease): Promise<Outcome> {
    let connection: ConnectionDto | undefined;
    try {
      connection = await this.orgs.connection(action.workspace, action.connection);
      // What is on its way is looked for, whatever is allowed by now.
      if (!wasSent(action)) mayAct(connection, action.action);
      return await this.attemptAt(action, order, connection, lease).run();
    } catch (error) {
      if (error instanceof AttemptLost) throw error;
      if (error instanceof TokenRejectedError && connection) await this.orgs.rejected(connection);
      const effect = action.requests.some(({ status }) => isSuccess(status)) ? 'changed' : 'none';
      const isOpen = action.requests.some(({ sent, status }) => sent > 0 && (status === null || status >= 500));
      const ended = endBy(error, order);
      const patience = error instanceof MalformedAnswerError && !isOpen ? patienceWithNonsenseMs : patienceMs;
      const isPatient = Date.now() - action.triedAt!.getTime() < patience;
      // What was done stays done, whatever keeps one from looking at it.
      if (isCarriedOut(action) && (ended || !isPatient)) return notVerified;
      // What is on its way to Okta is waited for, though whether it arrived cannot be asked just now.
      if (ended && !isOpen) return { ...ended, effect };
      if (!isPatient) return gaveUp(isOpen, effect, error);
      throw error instanceof TryLater ? error : later(error);
    }
  }

  private attemptAt(action: Action, order: Order, connection: ConnectionDto, lease?: Lease): Attempt {
    const hands: Hands = {
      keep: async (set) => {
        await this.actions.write(action, set);
        Object.assign(action, set);
      },
      hold: () => lease?.hold() ?? Promise.reject(new AttemptLost()),
      forbidden: async () => {
        try {
          mayAct(await this.orgs.connection(action.workspace, action.connection), action.action);
          return undefined;
        } catch (error) {
          if (error instanceof Refusal && error.status < 500) return faultFor(error.code, error.detail);
          throw error;
        }
      },
      rejected: () => this.orgs.rejected(connection),
      handOver: (secret) => this.handOver(action, secret),
      others: () => this.actions.others(action),
    };
    return new Attempt(action, actOf(action.action), order, this.orgs.of(connection), hands);
  }

  private async orderOf(action: Action): Promise<Order> {
    const { workspace, connection, idempotencyKey, sealedSecrets } = action;
    const secrets =
      sealedSecrets === null
        ? {}
        : (JSON.parse(
            await this.privateKey.open(sealedSecrets, `action|${workspace}|${connection}|${idempotencyKey}`, {
              freshForSeconds: secretsKeptSeconds,
            }),
          ) as Record<string, string>);
    return { ...orderWithout(action), secrets };
  }

  /** Only to whoever waits at this moment, and only so that nobody else can read it. */
  private async handOver({ _id, workspace, answerKey }: Action, secret: Record<string, string>): Promise<boolean> {
    if (!answerKey) return false;
    const caller = new PublicKeys({ keys: [{ ...answerKey, kid: 'caller' }] });
    const sealed = await caller.sealFor('caller', JSON.stringify(secret), `answer|${workspace}|${_id}`);
    await this.streams.handOver(actionSecret, workspace, { workspace, action: _id, sealed });
    return true;
  }

  /** What was left behind, by a lost message or a dead worker, and what ended unknown. */
  private async sweep(): Promise<void> {
    const one = async () => {
      for (let action = await this.nextLeft(); action && !this.stopped; action = await this.nextLeft())
        await this.lookAt(action);
    };
    // An org that hangs holds up one of them.
    await Promise.all(Array.from({ length: sweepers }, one));
  }

  private async lookAt(action: Action): Promise<void> {
    const { _id, state, headers } = action;
    const look = () => (state === 'unknown' ? this.settle(action) : this.take(_id, placesOf(action)));
    await context
      .with(propagation.extract(ROOT_CONTEXT, headers), () => inSpan('action sweep', {}, look))
      .catch((error: unknown) => {
        if (!(error instanceof TryLater) && !isTransient(error) && !(error instanceof OktaError))
          log.error({ action: _id, err: error }, 'an action could not be looked at, and will be again');
      });
  }

  private async nextLeft(): Promise<Action | null> {
    return this.actions.nextToLookAt().catch(() => null);
  }
}

/** Whose places it takes: those of its connection, jobs apart. */
const placesOf = ({ connection, bulk }: { connection: string; bulk?: unknown }): string =>
  bulk === undefined ? connection : `${connection}|bulk`;

const wasSent = ({ requests }: Action): boolean => requests.some(({ sent }) => sent > 0);

export const orderWithout = ({ action, person, parameters, left }: Action): Order => ({
  action,
  person: person ?? '',
  parameters,
  secrets: {},
  left,
});

const isCarriedOut = ({ requests }: Action): boolean =>
  requests.length > 0 && requests.every(({ status }) => isSuccess(status));

const notVerified: Outcome = { state: 'done', effect: 'changed', verified: false };

const unreadable: Outcome = {
  state: 'failed',
  effect: 'none',
  fault: faultFor('invalid_request', 'Its secrets cannot be opened any more. Ask for it anew.'),
};

const unreadableSent: Outcome = {
  state: 'unknown',
  effect: null,
  fault: faultFor(
    'outcome_unknown',
    'It was sent, and its secrets cannot be opened any more to go on with it. Settle it: that needs none.',
  ),
};

/** How an action ends by an error that waiting does not mend; undefined for one that may pass. */
function endBy(error: unknown, order: Order): Pick<Outcome, 'state' | 'fault'> | undefined {
  if (error instanceof ActRefused)
    return { state: 'refused', fault: faultFor(error.code, error.detail, error.possible) };
  if (error instanceof Refusal && error.code === rejected.code) return { state: 'failed', fault: rejected };
  if (error instanceof Refusal && error.status < 500)
    return { state: 'refused', fault: faultFor(error.code, error.detail) };
  if (error instanceof TokenRejectedError) return { state: 'failed', fault: rejected };
  if (error instanceof OktaError && error.fault.status >= 400 && error.fault.status < 500)
    return { state: 'failed', fault: faultOf(error, order, { looking: true }) };
  return undefined;
}

const gaveUp = (isOpen: boolean, effect: 'changed' | 'none', error?: unknown): Outcome =>
  isOpen
    ? {
        state: 'unknown',
        effect: null,
        fault: faultFor('outcome_unknown', 'Okta could not be asked for an hour. Settle it when Okta answers again.'),
      }
    : {
        state: 'failed',
        effect,
        fault: faultFor(
          'okta_unavailable',
          error instanceof MalformedAnswerError
            ? `Okta answers what cannot be read: ${error.message}.`
            : error instanceof OktaError && !(error instanceof BudgetWaitError)
              ? 'Okta could not be reached for an hour.'
              : 'It could not be sent for an hour: Okta’s rate limits were used up, it took no changes, or Seatwise was too slow.',
        ),
      };

/** A server or Okta is away: it is tried again soon. */
function later(error: unknown): Error {
  if (error instanceof BudgetWaitError) return new TryLater(Math.max(1_000, error.waitMs));
  if (error instanceof OktaError || error instanceof Refusal) return new TryLater(2_000);
  return error as Error;
}
