import { Injectable } from '@nestjs/common';
import {
  actionDone,
  actionFailed,
  actionRefused,
  actionRequested,
  actionUnknown,
  newId,
  Refusal,
  type ActionDto,
  type EventType,
} from '@seatwise/contracts';
import { Consumes, TryLater, type MessageContext } from '@seatwise/messaging';
import { AuditLog } from './audit-log.js';
import type { AuditFacts, Outcome } from './record.js';

/** Many at once, for they are written many at once; those of this process in the order of their coming. */
const consumption = { stream: 'EVENTS', durable: 'gateway-audit', concurrency: 128 } as const;

/** The records of actions, from what action-service tells of them. */
@Injectable()
export class ActionRecords {
  constructor(private readonly log: AuditLog) {}

  @Consumes(actionRequested, consumption)
  requested(action: ActionDto, message: MessageContext): Promise<void> {
    return this.write(actionRequested, 'asked', action, message);
  }

  @Consumes(actionDone, consumption)
  done(action: ActionDto, message: MessageContext): Promise<void> {
    return this.write(actionDone, 'done', action, message);
  }

  @Consumes(actionRefused, consumption)
  refused(action: ActionDto, message: MessageContext): Promise<void> {
    return this.write(actionRefused, 'refused', action, message);
  }

  @Consumes(actionFailed, consumption)
  failed(action: ActionDto, message: MessageContext): Promise<void> {
    return this.write(actionFailed, 'failed', action, message);
  }

  @Consumes(actionUnknown, consumption)
  unknown(action: ActionDto, message: MessageContext): Promise<void> {
    return this.write(actionUnknown, 'unknown', action, message);
  }

  private async write(
    event: EventType<ActionDto>,
    outcome: Outcome,
    action: ActionDto,
    { id }: MessageContext,
  ): Promise<void> {
    try {
      await this.log.append(factsOfAction(event.name, outcome, action, id));
    } catch (error) {
      // Too much waits already: that is not the fault of this one.
      if (error instanceof Refusal) throw new TryLater(1_000);
      throw error;
    }
  }
}

export const factsOfAction = (what: string, outcome: Outcome, action: ActionDto, event: string): AuditFacts => ({
  id: newId('aud'),
  workspace: action.workspace,
  at: new Date(outcome === 'asked' ? action.createdAt : (action.endedAt ?? action.createdAt)),
  source: event,
  operation: action.id,
  who: { key: action.by.key, person: action.by.person ?? null, role: action.by.role },
  what,
  action: action.action,
  outcome,
  on: { kind: 'person', id: action.person, name: action.login },
  connection: action.connection,
  reason: action.reason,
  asked: action.parameters,
  before: action.before,
  after: action.after,
  effect: action.effect,
  verified: outcome === 'asked' ? null : action.verified,
  undoes: action.undoes,
  bulk: action.bulk ?? null,
  dryRun: action.dryRun,
  status: null,
  code: action.fault?.code ?? null,
  okta: action.requests.map(({ method, path, status, code, requestId }) => ({ method, path, status, code, requestId })),
  traceId: action.traceId,
});
