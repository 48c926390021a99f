import { Injectable } from '@nestjs/common';
import {
  actionDone,
  actionFailed,
  actionRefused,
  actionUnknown,
  directorySeen,
  eventEntry,
  type ActionState,
} from '@seatwise/contracts';
import { counter } from '@seatwise/observability';
import { Database, Outbox } from '@seatwise/persistence';
import type { ClientSession } from 'mongoose';
import { actOf } from '../acts/index.js';
import type { Order } from '../acts/act.js';
import { dtoOf, type Action } from '../actions/action.js';
import { ActionsRepository } from '../actions/actions.repository.js';
import { BulkRepository } from '../bulk/bulk.repository.js';
import type { Outcome } from './attempt.js';

const endedTotal = counter('actions_total', 'Actions that ended', ['action', 'state']);
const announced = { done: actionDone, refused: actionRefused, failed: actionFailed, unknown: actionUnknown };
const firstLookMs = 60_000;

/** The end of an action: what came of it, said once, to all who want to know. */
@Injectable()
export class Ending {
  constructor(
    private readonly actions: ActionsRepository,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly bulk: BulkRepository,
  ) {}

  /** Ends an action by its attempt. Throws `AttemptLost` when another attempt has it; then nothing is said. */
  async end(action: Action, order: Order, outcome: Outcome): Promise<void> {
    const change = this.changeOf(action, order, outcome);
    if (action.bulk) await this.bulk.open(action.bulk.job);
    await this.database.transaction(async (session) => {
      await this.actions.write(action, change, session);
      await this.actions.leaveLane(action, session);
      await this.tell(action, order, outcome, session);
    });
    this.outbox.kick();
    endedTotal.inc({ action: action.action, state: outcome.state });
  }

  /** Says what was found out of an action that had ended unknown. */
  async settle(action: Action, order: Order, outcome: Outcome): Promise<void> {
    const change = this.changeOf(action, order, outcome);
    if (action.bulk) await this.bulk.open(action.bulk.job);
    await this.database.transaction(async (session) => {
      if (await this.actions.settled(action, change, session)) await this.tell(action, order, outcome, session);
    });
    this.outbox.kick();
  }

  private changeOf(
    action: Action,
    order: Order,
    { state, effect, verified = false, fault, secret, now }: Outcome,
  ): Partial<Action> {
    const act = actOf(action.action);
    const user = now && act.personIn(now);
    return {
      state: state satisfies ActionState,
      effect,
      verified,
      fault: fault ?? null,
      endedAt: new Date(),
      sealedSecrets: null,
      answerKey: null,
      nextLookAt: state === 'unknown' ? new Date(Date.now() + firstLookMs) : null,
      ...(secret && { secret }),
      ...(now && { after: act.show(order, now) }),
      ...(user && { person: user.id, login: String(user.profile.login).slice(0, 300) }),
    };
  }

  private async tell(
    action: Action,
    order: Order,
    { state, effect, now, at = 0 }: Outcome,
    session: ClientSession,
  ): Promise<void> {
    const { _id, workspace, connection, undoes } = action;
    const ended = await this.actions.read(_id, session);
    await this.outbox.add(eventEntry(announced[state], workspace, dtoOf(ended)), session);
    await this.bulk.ended(ended, session);
    if (undoes !== null && state === 'done') await this.actions.markUndone(undoes, _id, session);
    if (now === undefined || effect === null || state === 'unknown') return;
    for (const told of actOf(action.action).tell(order, now))
      await this.outbox.add(eventEntry(directorySeen, workspace, { workspace, connection, at, ...told }), session);
  }
}
