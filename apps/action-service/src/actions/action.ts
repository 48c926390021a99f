import type { ActionDto, ActionFaultDto, ActionName, ActionState, ActorDto, OktaRequestDto } from '@seatwise/contracts';

/** An action as it is kept: what was asked for, how far it is, and what came of it. */
export interface Action {
  _id: string;
  workspace: string;
  connection: string;
  action: ActionName;
  state: ActionState;
  /** Of one lane only one is in work at a time: all that is done to one person. */
  lane: string;
  person: string | null;
  login: string | null;
  parameters: Record<string, unknown>;
  /** JWE of the secret parameters to this service; gone when the action has ended. */
  sealedSecrets: string | null;
  /** The caller's key for an answer that holds a secret. */
  answerKey: Record<string, unknown> | null;
  reason: string;
  by: ActorDto;
  dryRun: boolean;
  idempotencyKey: string;
  /** HMAC of the request, its secrets included. */
  mark: string;
  createdAt: Date;
  endedAt: Date | null;
  effect: 'changed' | 'none' | null;
  verified: boolean;
  secret: ActionDto['secret'];
  /** What Okta showed before the first request; kept before it is sent. */
  seen: Record<string, unknown> | null;
  /** Okta's clock at that moment, epoch milliseconds. */
  seenAt: number;
  /** Our own clock when a request was sent last. */
  sentAt: Date | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  requests: OktaRequestDto[];
  fault: ActionFaultDto | null;
  undoes: string | null;
  /** What the action that this one takes back had left. */
  left: unknown;
  undoneBy: string | null;
  traceId: string | null;
  version: number;
  /** The number of the attempt that has it in work; what an older one writes changes nothing. */
  attempt: number;
  leaseUntil: Date;
  /** When it is taken up again, whoever may have forgotten it; of one that ended unknown, when it is looked at again. */
  nextLookAt: Date | null;
  /** W3C trace context of the request. */
  headers: Record<string, string>;
}

export const dtoOf = (action: Action): ActionDto => {
  const { _id, workspace, connection, state, person, login, parameters, reason, by, dryRun, effect, verified } = action;
  const { secret, before, after, requests, fault, undoes, undoneBy, traceId, version } = action;
  return {
    id: _id,
    workspace,
    connection,
    action: action.action,
    state,
    person,
    login,
    parameters,
    reason,
    by,
    dryRun,
    createdAt: action.createdAt.toISOString(),
    endedAt: action.endedAt?.toISOString() ?? null,
    effect,
    verified,
    secret,
    before,
    after,
    requests,
    fault,
    undoes,
    undoneBy,
    traceId,
    version,
  };
};
