import { Injectable } from '@nestjs/common';
import {
  actionCatalogue,
  getAction,
  requestAction,
  settleAction,
  undoAction,
  type ActionDto,
  type ActionRequest,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { newServiceKey, PrivateKey, PublicKeys, SealError } from '@seatwise/persistence';
import { actorOf, type Caller } from '../door/caller.js';
import { ActionEnds, type ActionWatch } from './action-ends.js';
import type { NewAction, NewUndo, PerformedActionDto } from './actions.dto.js';
import { readParameters } from './parameters.js';

const owner = 'action-service';
const usualWaitSeconds = 10;
/** What is in no later answer is waited for longer, unless the caller says otherwise. */
const secretWaitSeconds = 30;
/** The secret is sent before the end is told, and by another way. */
const lateSecretMs = 2_000;

type AnswerKey = Awaited<ReturnType<typeof newServiceKey>>;

/** What goes with every request that is carried out once. */
export interface Once {
  idempotencyKey: string;
  /** Seconds; the usual ones when undefined. */
  wait: number | undefined;
  /** Resolves when the caller has gone. */
  gone: Promise<void>;
}

/** Actions, as action-service keeps them. A secret leaves this process only sealed, and reaches it only sealed to it. */
@Injectable()
export class ActionsService {
  constructor(
    private readonly bus: Bus,
    private readonly publicKeys: PublicKeys,
    private readonly ends: ActionEnds,
  ) {}

  /** Asks for an action and waits for its end. */
  async perform(caller: Caller, connection: string, wish: NewAction, once: Once): Promise<PerformedActionDto> {
    const { workspace } = caller;
    const { action, person, reason, dryRun, parameters = {} } = wish;
    const { idempotencyKey, wait } = once;
    const { plain, secret } = readParameters(action, parameters);
    const hasSecrets = Object.keys(secret).length > 0;
    const context = `action|${workspace}|${connection}|${idempotencyKey}`;
    const mayAnswer = actionCatalogue[action].answers !== null;
    const answerKey = mayAnswer ? await newServiceKey('caller') : undefined;
    const request = {
      workspace,
      connection,
      action,
      parameters: plain,
      reason,
      by: actorOf(caller),
      idempotencyKey,
      ...(person !== undefined && { person }),
      ...(dryRun !== undefined && { dryRun }),
      ...(hasSecrets && { sealedSecrets: await this.publicKeys.sealFor(owner, JSON.stringify(secret), context) }),
      ...(answerKey && { answerKey: { ...answerKey.publicJwk } }),
    };
    const seconds = wait ?? (mayAnswer ? secretWaitSeconds : usualWaitSeconds);
    return this.watching(workspace, once, async (watch) => {
      const asked = await this.bus.request(requestAction, request);
      const ended = await watch.endOf(asked, seconds * 1_000);
      // One that had ended before is a repetition: its secret was for the first who asked.
      const isFirst = asked.endedAt === null;
      return isFirst && answerKey ? this.withAnswer(ended, answerKey, watch) : ended;
    });
  }

  /** Asks for another action to be taken back, and waits for the end of the action that does it. */
  async undo(caller: Caller, action: string, { reason }: NewUndo, once: Once): Promise<ActionDto> {
    const { workspace } = caller;
    const { connection } = await this.bus.request(getAction, { workspace, action });
    const { idempotencyKey, wait = usualWaitSeconds } = once;
    const request = { workspace, connection, action, reason, by: actorOf(caller), idempotencyKey };
    return this.watching(workspace, once, async (watch) =>
      watch.endOf(await this.bus.request(undoAction, request), wait * 1_000),
    );
  }

  settle = (at: ActionRequest): Promise<ActionDto> => this.bus.request(settleAction, at);

  /** Listens before anything is asked for, and for no longer than the caller is there. */
  private async watching<T>(workspace: string, { gone }: Once, work: (watch: ActionWatch) => Promise<T>): Promise<T> {
    const watch = await this.ends.watch(workspace);
    void gone.then(() => watch.close());
    try {
      return await work(watch);
    } finally {
      watch.close();
    }
  }

  private async withAnswer(ended: ActionDto, key: AnswerKey, watch: ActionWatch): Promise<PerformedActionDto> {
    if (ended.secret !== 'given') return ended;
    const sealed = await watch.secretOf(ended.id, lateSecretMs);
    const context = `answer|${watch.workspace}|${ended.id}`;
    const answer = sealed === undefined ? undefined : await opened(sealed, key, context);
    // It was sent, and whether it arrived is known here alone.
    return Object.assign(ended, answer ? { answer } : { secret: 'lost' as const });
  }
}

async function opened(
  sealed: string,
  { privateJwk }: AnswerKey,
  context: string,
): Promise<Record<string, string> | undefined> {
  try {
    return JSON.parse(await new PrivateKey(privateJwk).open(sealed, context)) as Record<string, string>;
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}
