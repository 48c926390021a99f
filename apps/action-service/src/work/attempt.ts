import { setTimeout as sleep } from 'node:timers/promises';
import { answersSecret, type ActionFaultDto, type OktaRequestDto, type ProblemCode } from '@seatwise/contracts';
import {
  BudgetWaitError,
  getOwner,
  loggedOf,
  OktaError,
  PermissionDeniedError,
  TokenRejectedError,
  UnavailableError,
  MalformedAnswerError,
  type OktaClient,
} from '@seatwise/okta';
import { TryLater } from '@seatwise/messaging';
import type { Act, Order, Reading, Step } from '../acts/act.js';
import type { Action } from '../actions/action.js';
import { AttemptLost, type OtherAction } from '../actions/actions.repository.js';
import { faultOf } from './okta-faults.js';

/** How an action ended. */
export interface Outcome {
  state: 'done' | 'refused' | 'failed' | 'unknown';
  effect: Action['effect'];
  verified?: boolean;
  fault?: ActionFaultDto;
  /** Okta's answer held a secret, and it is not known. */
  secret?: 'lost';
  /** What Okta showed last. */
  now?: object;
  /** Okta's clock then. */
  at?: number;
}

/** What an attempt needs of the outside. */
export interface Hands {
  /** Writes what this attempt knows; throws {@link AttemptLost} when it is not the action's any more. */
  keep(set: Partial<Action>): Promise<void>;
  /** The attempt is its own until a request is on its way; where that has to be seen to, it takes a while. Throws {@link AttemptLost}. */
  hold(): Promise<void>;
  /** What is against sending anything more by now: the connection was paused, or may only be read. */
  forbidden(): Promise<ActionFaultDto | undefined>;
  /** Okta does not take the credential any more. */
  rejected(): Promise<void>;
  /** A secret of Okta's answer, for the one who waits for it. True when they have it. */
  handOver(secret: Record<string, string>): Promise<boolean>;
  /** Other actions on the same person, that show and are in the log too. */
  others(): Promise<OtherAction[]>;
}

const mostSendings = 3;
/** Waits for a limit that is nearer than this are sat out; for a longer one the place is left to others. */
const longestWaitMs = 5_000;
/** One org that hangs must not keep the workers from the others. */
const hurry = { maxWaitMs: longestWaitMs, timeoutMs: 10_000, attempts: 3 };
/** How often one looks whether what Okta said to have done shows. */
const looksMs = [0, 250, 750, 2_000, 4_000];
/** How long after its sending a request whose answer never came may still be carried out, and how late the log may tell. */
const unansweredMs = 15_000;
const lateMs = 3_000;
const logLateMs = 20_000;
const carriedOutWithinMs = 120_000;
/** A request is on its way within so long of the moment that is kept as that of its sending; a slower database keeps it from leaving. */
const keptWithinMs = 3_000;
/** For so long it is tried to take back what never left, where the database just fails. */
const takeBackMs = 10_000;
/** While Okta is maintained it can be read, and says of each write that it was not taken (Okta: Error codes). */
const readOnlyMode = 'E0000010';
const readOnlyMs = 5_000;
const underWayMs = 2_000;

export const faultFor = (
  code: ProblemCode,
  detail: string,
  possible: ActionFaultDto['possible'] = [],
): ActionFaultDto => ({
  code,
  detail: detail.slice(0, 1_000),
  possible,
});

/**
 * One attempt at an action. Before each request it keeps that it is about to send it; so whoever comes after a crash, a
 * time-out or a connection that broke knows that it may have been carried out, and looks before anything is sent again.
 */
export class Attempt {
  private now: object | undefined;
  private at = 0;
  /** What was seen, until it is kept together with the first sending. */
  private unkept: Partial<Action> = {};
  /** One of many leaves to single actions what sync leaves to them. */
  private readonly priority: 'sync' | 'action';
  private readonly reading: Reading;

  constructor(
    private readonly action: Action,
    private readonly act: Act,
    private readonly order: Order,
    private readonly okta: OktaClient,
    private readonly hands: Hands,
  ) {
    this.priority = action.bulk ? 'sync' : 'action';
    this.reading = { priority: this.priority, ...hurry };
  }

  async run(): Promise<Outcome> {
    let { seen, requests } = this.action;
    // What was seen before a first sending that never came about may be otherwise now.
    if (seen === null || requests.every(({ sent }) => sent === 0)) {
      const before = await this.look();
      const user = this.act.personIn(before);
      const found = {
        before: this.act.show(this.order, before),
        seenAt: this.at,
        ...(user && { login: String(user.profile.login).slice(0, 300) }),
      };
      try {
        this.act.check(this.order, before);
      } catch (error) {
        await this.hands.keep(found);
        throw error;
      }
      const planned = this.act.plan(this.order, before).map(shown);
      const known = { ...found, requests: planned };
      if (this.action.dryRun || planned.length === 0) {
        await this.hands.keep(known);
        return {
          state: 'done',
          effect: planned.length === 0 ? 'none' : null,
          verified: planned.length === 0,
          ...this.last(),
        };
      }
      [seen, requests] = [before as Record<string, unknown>, planned];
      this.unkept = { ...found, seen };
    }
    const plan = this.act.plan(this.order, seen);
    for (const [at, step] of plan.entries()) {
      const outcome = (await this.take(step, at, seen, requests)) ?? (await this.lookAfter(at, seen, plan.length));
      if (outcome) return { ...this.last(), ...outcome };
    }
    return this.verify(seen, plan.length - 1);
  }

  /** Looks at what came of an action whose outcome was not known: undefined while it still is not. */
  async settle(): Promise<Outcome | undefined> {
    const { seen, requests, sentAt } = this.action;
    if (seen === null) return this.settleUnseen();
    const last = requests.length - 1;
    const did = await this.cameOf(seen, last, true);
    const others = await this.hands.others();
    // What is in work on the person just now may be what shows.
    if (others.some(({ endedAt }) => endedAt === null)) return undefined;
    // And so may what was done to them since: then only the log can tell.
    const isMixed = others.some(({ effect, endedAt }) => effect !== 'none' && endedAt! >= (sentAt ?? endedAt!));
    if (isMixed && !(await this.inLog())) return undefined;
    const secret = this.act.secretIn && answersSecret(this.order.action, this.order.parameters) && 'lost';
    if (did) return { state: 'done', effect: 'changed', verified: true, ...(secret && { secret }), ...this.last() };
    if (did === undefined || last > 0) return undefined;
    const fault = faultFor('okta_unavailable', 'Okta did not carry it out. Ask for it anew.');
    return { state: 'failed', effect: 'none', fault, ...this.last() };
  }

  /** Of what was there before nothing is known, so only Okta's log can tell that it was done, and nothing that it was not. */
  private async settleUnseen(): Promise<Outcome | undefined> {
    const others = await this.hands.others();
    if (others.some(({ endedAt }) => endedAt === null) || !(await this.inLog())) return undefined;
    const secret = this.act.secretIn && answersSecret(this.order.action, this.order.parameters) && 'lost';
    return { state: 'done', effect: 'changed', verified: true, ...(secret && { secret }) };
  }

  /** Where Okta's answers do not tell steps apart: goes on when the step shows, and ends where it does not. */
  private async lookAfter(step: number, before: object, steps: number): Promise<Outcome | undefined> {
    if (!this.act.looksAfterEach || step === steps - 1) return undefined;
    let did: boolean | undefined;
    for (const wait of looksMs) {
      await sleep(wait);
      const now = await this.look();
      if (this.act.did(this.order, before, now, steps - 1)) return { state: 'done', effect: 'changed', verified: true };
      did = this.act.did(this.order, before, now, step);
      if (did) return undefined;
    }
    // Okta is still at it.
    if (did === undefined) throw new TryLater(underWayMs);
    return {
      state: 'failed',
      effect: 'changed',
      fault: faultFor('okta_refused', 'Okta took the first step, and does not show it. Look in Okta, then ask anew.'),
    };
  }

  private last(): Pick<Outcome, 'now' | 'at'> {
    return this.now === undefined ? {} : { now: this.now, at: this.at };
  }

  private async look(): Promise<object> {
    this.now = await this.act.look(this.okta, this.order, this.reading);
    this.at = Date.now() + this.okta.executor.clockAheadMs;
    return this.now;
  }

  /** Carries out one step of the plan; answers how the action ends when it does not go on from here. */
  private async take(step: Step, at: number, before: object, requests: OktaRequestDto[]): Promise<Outcome | undefined> {
    const kept = requests[at]!;
    if (isSuccess(kept.status)) return undefined;
    // Okta has given its definite word before.
    if (kept.sent > 0 && this.action.fault && kept.status !== null && kept.status < 500)
      return this.refusedUnlessDone(this.action.fault, kept, at, before);
    for (;;) {
      if (kept.sent > 0) {
        const did = await this.cameOf(before, at);
        if (did) {
          // What was in the answer that never came is lost.
          if (this.act.secretIn && answersSecret(this.order.action, this.order.parameters))
            await this.hands.keep({ secret: 'lost' });
          return undefined;
        }
        if (did === undefined) return unknown();
        if (kept.sent >= mostSendings)
          return {
            state: 'failed',
            effect: at > 0 ? 'changed' : 'none',
            fault: faultFor(
              'okta_unavailable',
              `Okta did not carry it out, though it was asked up to ${kept.sent} times.`,
            ),
          };
      }
      const fault = kept.sent > 0 || at > 0 ? await this.hands.forbidden() : undefined;
      if (fault) return at === 0 ? { state: 'refused', effect: 'none', fault } : halfDone(fault);
      const outcome = await this.send(step, at, before, requests);
      if (outcome !== 'unclear') return outcome;
    }
  }

  private async send(
    { method, path, body, secretBody }: Step,
    at: number,
    before: object,
    requests: OktaRequestDto[],
  ): Promise<Outcome | undefined | 'unclear'> {
    const kept = requests[at]!;
    const sent = secretBody ?? body;
    const { sent: times, status, code, requestId } = kept;
    const { sentAt } = this.action;
    let hasLeft = false;
    const beforeSend = async () => {
      // What was sent before was refused for a limit, or waits for one anew.
      hasLeft = false;
      Object.assign(kept, { sent: times + 1, status: null, code: '', requestId: '' });
      await this.keepSending(requests);
      hasLeft = true;
    };
    try {
      const answer = await this.okta.executor.send({
        method,
        path,
        ...(sent && { body: sent }),
        priority: this.priority,
        timeoutMs: unansweredMs,
        maxWaitMs: longestWaitMs,
        beforeSend,
      });
      Object.assign(kept, { status: answer.status, code: '', requestId: answer.requestId.slice(0, 100) });
      // What was seen before is not so any more.
      this.now = undefined;
      const person = this.act.madeIn?.(answer.body);
      const secret = this.act.secretIn?.(answer.body);
      // Lost, until it is given.
      await this.hands.keep({
        requests,
        ...(person !== undefined && { person }),
        ...(secret && { secret: 'lost' as const }),
      });
      if (secret && (await this.hands.handOver(secret).catch(() => false))) await this.hands.keep({ secret: 'given' });
      return undefined;
    } catch (error) {
      const isReadOnly = error instanceof OktaError && error.fault.code === readOnlyMode;
      // It never left, or Okta said that it did not take it: as if it had not been counted.
      if (kept.sent > times && (!hasLeft || isReadOnly || error instanceof BudgetWaitError)) {
        Object.assign(kept, { sent: times, status, code, requestId });
        await this.takeBack({ requests, sentAt });
      }
      if (error instanceof BudgetWaitError) throw new TryLater(Math.max(1_000, error.waitMs));
      if (isReadOnly) throw new TryLater(readOnlyMs);
      if (!hasLeft || !(error instanceof OktaError)) throw error;
      return this.faced(error, kept, at, before, requests);
    }
  }

  /** Keeps that it is sent now, when it waits for no limit and no place any more: how late it may be carried out counts from there. */
  private async keepSending(requests: OktaRequestDto[]): Promise<void> {
    const started = performance.now();
    await this.hands.keep({ ...this.unkept, requests, sentAt: new Date() });
    this.unkept = {};
    await this.hands.hold();
    if (performance.now() - started > keptWithinMs) throw new TryLater(1_000);
  }

  /** Where the database fails all the while it stays counted: then it is looked for, and nothing is sent twice. */
  private async takeBack(as: Pick<Action, 'requests' | 'sentAt'>): Promise<void> {
    const until = performance.now() + takeBackMs;
    for (let wait = 0; performance.now() + wait < until; wait = wait * 2 || 250) {
      await sleep(wait);
      const late = sleep(until - performance.now(), undefined, { ref: false });
      try {
        return await Promise.race([this.hands.keep(as), late]);
      } catch (error) {
        if (error instanceof AttemptLost) throw error;
      }
    }
  }

  /** What an answer that is no success comes to. */
  private async faced(
    error: OktaError,
    kept: OktaRequestDto,
    at: number,
    before: object,
    requests: OktaRequestDto[],
  ): Promise<Outcome | undefined | 'unclear'> {
    const { status, code, requestId } = error.fault;
    const isUnclear = error instanceof UnavailableError || error instanceof MalformedAnswerError || status < 400;
    // A 200 that cannot be read, and a page of something in between, is no answer: what was done is seen by looking.
    Object.assign(kept, { status: isUnclear && status < 500 ? null : status || null, code, requestId });
    if (isUnclear) {
      await this.hands.keep({ requests, answeredAt: new Date() });
      return 'unclear';
    }
    const fault = error instanceof TokenRejectedError ? rejected : faultOf(error, this.order);
    await this.hands.keep({ requests, fault });
    if (error instanceof TokenRejectedError) await this.hands.rejected();
    return this.refusedUnlessDone(fault, kept, at, before);
  }

  /** It may be refused because it was carried out: late, or by somebody else. */
  private async refusedUnlessDone(
    fault: ActionFaultDto,
    kept: OktaRequestDto,
    at: number,
    before: object,
  ): Promise<Outcome | undefined> {
    const mayBeDone = kept.sent > 1 || this.act.looksAfterEach;
    if (!mayBeDone || !(await this.cameOf(before, at, true))) return this.refusedBy(fault, at);
    await this.hands.keep({ fault: null });
    return undefined;
  }

  private refusedBy(fault: ActionFaultDto, at: number): Outcome {
    const isFailed = ['capability_missing', 'credential_rejected'].includes(fault.code);
    if (at === 0) return { state: isFailed ? 'failed' : 'refused', effect: 'none', fault };
    return halfDone(fault);
  }

  /**
   * Whether a step was carried out, by looking until some time after its sending, whoever has looked before; undefined
   * where it cannot be told.
   */
  private async cameOf(before: object, step: number, once = false): Promise<boolean | undefined> {
    for (let wait = 500; ; wait *= 2) {
      const visible = this.act.did(this.order, before, await this.look(), step);
      if (visible ?? (await this.inLog())) return true;
      const { status } = this.action.requests[step]!;
      // Who answered 500 is done with it, but for a gateway's time-out.
      const isOver = status !== null && status !== 504;
      const shows = isOver ? lateMs : keptWithinMs + unansweredMs + lateMs;
      const { sentAt, answeredAt } = this.action;
      const from = Math.max(sentAt?.getTime() ?? 0, isOver ? (answeredAt?.getTime() ?? 0) : 0);
      const left = from + (visible === undefined ? keptWithinMs + logLateMs : shows) - Date.now();
      // What is not in the log may come into it late: that it was not done is never certain.
      if (once || left <= 0) return visible;
      await sleep(Math.min(wait, left));
    }
  }

  private async inLog(): Promise<boolean | undefined> {
    const trace = this.act.traceOf?.(this.order);
    if (!trace) return undefined;
    // Okta tells its clock in whole seconds.
    const seenAt = this.action.seenAt || this.action.createdAt.getTime() + this.okta.executor.clockAheadMs;
    const since = new Date(Math.floor(seenAt / 1_000) * 1_000);
    const sentAt = (this.action.sentAt?.getTime() ?? Date.now()) + this.okta.executor.clockAheadMs;
    const until = new Date(sentAt + carriedOutWithinMs);
    try {
      const owner = await getOwner(this.okta, this.reading);
      const logged = await loggedOf(this.okta, { ...trace, owner, since, until }, this.reading);
      const others = (await this.hands.others()).filter(({ action }) => action === this.action.action);
      const known = new Set(others.flatMap(({ requests }) => requests.map(({ requestId }) => requestId)));
      // Whose answer never came has a trace that only looks like this one's.
      const nameless = others.filter(
        ({ effect, requests }) => effect === 'changed' && requests.some(({ requestId }) => requestId === ''),
      );
      return logged.filter((request) => !known.has(request)).length > nameless.length;
    } catch (error) {
      if (error instanceof PermissionDeniedError) return undefined;
      throw error;
    }
  }

  private async verify(before: object, step: number): Promise<Outcome> {
    let verified: boolean | undefined = false;
    for (const wait of looksMs) {
      await sleep(wait);
      // What was done stays done, whether it can be looked at or not.
      const now = await this.look().catch(notSeen);
      if (!now) continue;
      verified = this.act.did(this.order, before, now, step);
      // Okta's own word is all there is where it shows no difference.
      if (verified !== false) break;
    }
    // What Okta answers does not tell what it did, and what it shows says that it did not.
    if (verified === false && this.act.looksAfterEach) return { ...unknown(notShown), ...this.last() };
    return { state: 'done', effect: 'changed', verified: verified === true, ...this.last() };
  }
}

const halfDone = ({ code, detail, possible }: ActionFaultDto): Outcome => ({
  state: 'failed',
  effect: 'changed',
  fault: faultFor(code, `The first step was done, and the second was refused. ${detail}`, possible),
});

export const rejected = faultFor(
  'credential_rejected',
  'Okta does not take the token of the connection any more. Replace it first.',
);

const notAnswered =
  'Okta did not answer, and nothing it shows tells whether it did it. It is looked for in the System Log for a day; ' +
  'look there yourself, or settle it again, before you ask for it anew.';
const notShown =
  'Okta took it, and does not show it yet. It is looked at again for a day; settle it again, or look in Okta, before you ' +
  'ask for it anew.';

const unknown = (detail = notAnswered): Outcome => ({
  state: 'unknown',
  effect: null,
  fault: faultFor('outcome_unknown', detail),
});

/** A limit is waited for; what else hinders a look may last. */
function notSeen(error: unknown): undefined {
  if (!(error instanceof OktaError) || error instanceof BudgetWaitError) throw error;
  return undefined;
}

export const isSuccess = (status: number | null): boolean => status !== null && status >= 200 && status < 300;

const shown = ({ method, path, body }: Step): OktaRequestDto => ({
  method,
  path,
  ...(body && { body }),
  sent: 0,
  status: null,
  code: '',
  requestId: '',
});
