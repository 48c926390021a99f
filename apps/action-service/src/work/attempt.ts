import { setTimeout as sleep } from 'node:timers/promises';
import { actionCatalogue, type ActionFaultDto, type OktaRequestDto, type ProblemCode } from '@seatwise/contracts';
import {
  BudgetWaitError,
  loggedSince,
  OktaError,
  PermissionDeniedError,
  TokenRejectedError,
  UnavailableError,
  MalformedAnswerError,
  type OktaClient,
} from '@seatwise/okta';
import { TryLater } from '@seatwise/messaging';
import type { Act, Order, Step } from '../acts/act.js';
import { AttemptLost } from '../actions/actions.repository.js';
import type { Action } from '../actions/action.js';
import { faultOf } from './okta-faults.js';

/** How an action ended. */
export interface Outcome {
  state: 'done' | 'refused' | 'failed' | 'unknown';
  effect: Action['effect'];
  verified?: boolean;
  fault?: ActionFaultDto;
  /** What Okta showed last. */
  now?: object;
  /** Okta's clock then. */
  at?: number;
}

/** What an attempt needs of the outside. */
export interface Hands {
  /** Writes what this attempt knows; throws {@link AttemptLost} when it is not the action's any more. */
  keep(set: Partial<Action>): Promise<void>;
  /** Throws {@link AttemptLost} when another may have taken over. */
  mustHold(): void;
  /** A secret of Okta's answer, for the one who waits for it. True when it was sent on. */
  handOver(secret: Record<string, string>): Promise<boolean>;
  /** Other actions of the same kind on the same person since then, whose traces are in the log too. */
  ownSince(since: Date): Promise<number>;
}

const mostSendings = 3;
/** Waits for a limit that is nearer than this are sat out; for a longer one the place is left to others. */
const longestWaitMs = 5_000;
const reading = { priority: 'action' as const, maxWaitMs: 20_000 };
/** How often one looks whether what Okta said to have done shows. */
const looksMs = [0, 250, 750, 2_000, 4_000];
/** How long after its sending a request whose answer never came may still be carried out, and how late the log may tell. */
const lateMs = 3_000;
const logLateMs = 15_000;

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

  constructor(
    private readonly action: Action,
    private readonly act: Act,
    private readonly order: Order,
    private readonly okta: OktaClient,
    private readonly hands: Hands,
  ) {}

  async run(): Promise<Outcome> {
    let { seen, requests } = this.action;
    if (seen === null) {
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
      await this.hands.keep({ ...known, seen: before as Record<string, unknown> });
      [seen, requests] = [before as Record<string, unknown>, planned];
    }
    const plan = this.act.plan(this.order, seen);
    for (const [at, step] of plan.entries()) {
      const outcome = await this.take(step, at, seen, requests);
      if (outcome) return { ...this.last(), ...outcome };
    }
    return this.verify(seen, plan.length - 1);
  }

  /** Looks at what came of an action whose outcome was not known: undefined while it still is not. */
  async settle(): Promise<Outcome | undefined> {
    const { seen, requests } = this.action;
    if (seen === null) return undefined;
    const open = requests.findIndex(({ status }) => !isSuccess(status));
    const step = open < 0 ? requests.length - 1 : open;
    const did = await this.cameOf(seen, step, true);
    if (did && step === requests.length - 1)
      return { state: 'done', effect: 'changed', verified: true, ...this.last() };
    if (did === false && step === 0)
      return {
        state: 'failed',
        effect: 'none',
        fault: faultFor('okta_unavailable', 'Okta did not carry it out. Ask for it anew.'),
        ...this.last(),
      };
    return undefined;
  }

  private last(): Pick<Outcome, 'now' | 'at'> {
    return this.now === undefined ? {} : { now: this.now, at: this.at };
  }

  private async look(): Promise<object> {
    this.now = await this.act.look(this.okta, this.order, reading);
    this.at = Date.now() + this.okta.executor.clockAheadMs;
    return this.now;
  }

  /** Carries out one step of the plan; answers how the action ends when it does not go on from here. */
  private async take(step: Step, at: number, before: object, requests: OktaRequestDto[]): Promise<Outcome | undefined> {
    const kept = requests[at]!;
    if (isSuccess(kept.status)) return undefined;
    for (;;) {
      if (kept.sent > 0) {
        const did = await this.cameOf(before, at);
        if (did) {
          // What was in the answer that never came is lost.
          if (this.act.secretIn && wouldAnswer(this.order)) await this.hands.keep({ secret: 'lost' });
          return undefined;
        }
        if (did === undefined) return unknown();
        if (kept.sent >= mostSendings)
          return {
            state: 'failed',
            effect: at > 0 ? 'changed' : 'none',
            fault: faultFor('okta_unavailable', `Okta did not carry it out, though it was asked ${kept.sent} times.`),
          };
      }
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
    kept.sent += 1;
    await this.hands.keep({ requests, sentAt: new Date() });
    const sent = secretBody ?? body;
    try {
      this.hands.mustHold();
      const answer = await this.okta.executor.send({
        method,
        path,
        ...(sent && { body: sent }),
        priority: 'action',
        maxWaitMs: longestWaitMs,
      });
      Object.assign(kept, { status: answer.status, code: '', requestId: answer.requestId.slice(0, 100) });
      const secret = this.act.secretIn?.(answer.body);
      const given = secret && ((await this.hands.handOver(secret)) ? 'given' : 'lost');
      await this.hands.keep({ requests, ...(given && { secret: given }) });
      return undefined;
    } catch (error) {
      if (error instanceof BudgetWaitError || error instanceof AttemptLost) {
        // It never left.
        kept.sent -= 1;
        await this.hands.keep({ requests });
        throw error instanceof BudgetWaitError ? new TryLater(Math.max(1_000, error.waitMs)) : error;
      }
      if (!(error instanceof OktaError)) throw error;
      const { status, code, requestId } = error.fault;
      const isUnclear = error instanceof UnavailableError || error instanceof MalformedAnswerError || status < 400;
      // A 200 that cannot be read is no answer: what was done is seen by looking.
      Object.assign(kept, { status: status >= 400 ? status : null, code, requestId });
      await this.hands.keep({ requests });
      if (isUnclear) return 'unclear';
      // A request that was sent before may have been carried out late, and this one been refused for that.
      if (kept.sent > 1 && (await this.cameOf(before, at, true))) return undefined;
      if (error instanceof TokenRejectedError) throw error;
      return this.refusedBy(error, at);
    }
  }

  private refusedBy(error: OktaError, at: number): Outcome {
    const fault = faultOf(error, this.order);
    const isFailed = error instanceof PermissionDeniedError && fault.code === 'capability_missing';
    return { state: isFailed ? 'failed' : 'refused', effect: at > 0 ? 'changed' : 'none', fault };
  }

  /**
   * Whether a step was carried out, by looking until some time after its sending, whoever has looked before; undefined
   * where it cannot be told.
   */
  private async cameOf(before: object, step: number, once = false): Promise<boolean | undefined> {
    for (let wait = 500; ; wait *= 2) {
      const visible = this.act.did(this.order, before, await this.look(), step);
      if (visible ?? (await this.inLog())) return true;
      const left = (this.action.sentAt?.getTime() ?? 0) + (visible === undefined ? logLateMs : lateMs) - Date.now();
      // What is not in the log may come into it late: that it was not done is never certain.
      if (once || left <= 0) return visible;
      await sleep(Math.min(wait, left));
    }
  }

  private async inLog(): Promise<boolean | undefined> {
    const trace = this.act.traceOf?.(this.order);
    if (!trace) return undefined;
    // Okta tells its clock in whole seconds.
    const since = new Date(Math.floor(this.action.seenAt / 1_000) * 1_000);
    try {
      const [inLog, ours] = await Promise.all([
        loggedSince(this.okta, { ...trace, since }, reading),
        this.hands.ownSince(since),
      ]);
      return inLog > ours;
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
      verified = now && this.act.did(this.order, before, now, step);
      // Okta's own word is all there is where it shows no difference.
      if (verified === undefined || verified) break;
    }
    return { state: 'done', effect: 'changed', verified: verified === true, ...this.last() };
  }
}

const unknown = (): Outcome => ({
  state: 'unknown',
  effect: null,
  fault: faultFor(
    'outcome_unknown',
    'Okta did not answer, and nothing it shows tells whether it did it. It is looked for in the System Log for a day; ' +
      'look there yourself, or settle it again, before you ask for it anew.',
  ),
});

function notSeen(error: unknown): undefined {
  if (!(error instanceof OktaError)) throw error;
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

/** Whether the answer would have held a secret: Okta sends none where it tells the person itself. */
function wouldAnswer({ action, parameters }: Order): boolean {
  const { sendEmail, temporaryPassword } = parameters as { sendEmail?: boolean; temporaryPassword?: boolean };
  return actionCatalogue[action].answers !== null && (sendEmail === false || temporaryPassword === true);
}
