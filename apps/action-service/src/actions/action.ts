import { context, propagation, trace } from '@opentelemetry/api';
import {
  newId,
  type ActionDto,
  type ActionFaultDto,
  type ActionName,
  type ActionState,
  type ActorDto,
  type CreateParameters,
  type OktaRequestDto,
  type RequestAction,
} from '@seatwise/contracts';

/** What an action is made of, whoever asked for it. */
export type Wish = Omit<RequestAction, 'sealedSecrets' | 'answerKey'> &
  Pick<Partial<RequestAction>, 'sealedSecrets' | 'answerKey'> & { undoes?: string; left?: unknown };

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
  /** When it was first tried, by MongoDB's clock. */
  triedAt: Date | null;
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
  /** The same when Okta, or whoever stands before it, said last that it could not; missing in what was kept before this was. */
  answeredAt?: Date | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  requests: OktaRequestDto[];
  fault: ActionFaultDto | null;
  undoes: string | null;
  /** What the action that this one takes back had left. */
  left: unknown;
  undoneBy: string | null;
  /** The bulk job that it is a part of, and the person's place in it. */
  bulk?: { job: string; n: number };
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
    ...(action.bulk && { bulk: action.bulk.job }),
    traceId,
    version,
  };
};

const lookedAtMs = 30_000;
/** One of many waits for its place longer, and nobody has forgotten it for that. */
const lookedAtInBulkMs = 120_000;

/** A new action under the trace of this moment. `mark` is that of the request. */
export function newAction(
  wish: Wish,
  parameters: Record<string, unknown>,
  mark: string,
  bulk?: Action['bulk'],
): Action {
  const { workspace, connection, action, person = null, reason, by, idempotencyKey, dryRun = false } = wish;
  const now = new Date();
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  const login = person === null ? String((parameters as Partial<CreateParameters>).profile?.login) : null;
  return {
    _id: newId('act'),
    workspace,
    connection,
    action,
    state: 'accepted',
    lane: `${connection}|${person ?? `login:${login!.toLowerCase()}`}`,
    person,
    login,
    parameters,
    sealedSecrets: wish.sealedSecrets ?? null,
    answerKey: wish.answerKey ?? null,
    reason,
    by,
    dryRun,
    idempotencyKey,
    mark,
    createdAt: now,
    triedAt: null,
    endedAt: null,
    effect: null,
    verified: false,
    secret: 'none',
    seen: null,
    seenAt: 0,
    sentAt: null,
    answeredAt: null,
    before: null,
    after: null,
    requests: [],
    fault: null,
    undoes: wish.undoes ?? null,
    left: wish.left ?? null,
    undoneBy: null,
    traceId: trace.getActiveSpan()?.spanContext().traceId ?? null,
    version: 1,
    attempt: 0,
    leaseUntil: new Date(0),
    nextLookAt: new Date(now.getTime() + (bulk ? lookedAtInBulkMs : lookedAtMs)),
    headers,
    ...(bulk && { bulk }),
  };
}
