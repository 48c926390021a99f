import { Controller, Get, Post, Res } from '@nestjs/common';
import {
  actionCatalogue,
  actionNames,
  getAction,
  getConnection,
  listActions,
  Refusal,
  refusalsOfAll,
  type ActionName,
  type ProblemCode,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import type { Response } from 'express';
import { ConnectionPath } from '../connections/connections.dto.js';
import { By, within, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromBody, FromHeaders, FromPath, FromQuery } from '../door/reading.js';
import { hasEnded } from './action-ends.js';
import {
  ActionCatalogueDto,
  ActionDto,
  ActionListDto,
  ActionPath,
  ActionsQuery,
  NewAction,
  NewUndo,
  OnceHeaders,
  PerformedActionDto,
} from './actions.dto.js';
import { ActionsService, type Once } from './actions.service.js';
import { catalogue } from './catalogue.js';
import { waitOf } from './prefer.js';

/** Half a minute of waiting at most, and what is asked for before it. */
const whileItEndsMs = 55_000;
/** Looking at what came of an action calls Okta, which may take its time. */
const whileOktaAnswersMs = 65_000;

/** Whatever may keep an action from being asked for, or from being done. */
const refusalsOf = (names: readonly ActionName[]): ProblemCode[] => [
  ...new Set([...refusalsOfAll, ...names.flatMap((name) => actionCatalogue[name].refusals)]),
];
/** The actions that take others back. */
const undoing = actionNames.map((name) => actionCatalogue[name].undo).filter((undo) => undo !== null);

const notEndedYet = {
  status: 202,
  description: 'It has not ended in time, or how it ended is `unknown`. Look at its Location.',
  Type: ActionDto,
  headers: ['Location', 'Preference-Applied'],
};

@Controller('api/v1')
export class ActionsController {
  constructor(
    private readonly actions: ActionsService,
    private readonly bus: Bus,
  ) {}

  @Post('connections/:connection/actions')
  @Operation({
    allows: 'operator',
    summary: 'Act in an org',
    audited: 'action.asked',
    description:
      'Carries out one of the sixteen actions once for its Idempotency-Key, and waits for its end. What was refused or ' +
      'failed is a problem whose context holds the `action` and what would be `possible`. With `dryRun` everything is ' +
      'checked and nothing is sent.',
    answer: {
      status: 200,
      description: 'It is done. A secret that Okta answered is in `answer`, this once.',
      Type: PerformedActionDto,
      headers: ['Location', 'Preference-Applied'],
    },
    otherwise: [{ ...notEndedYet, Type: PerformedActionDto }],
    refuses: refusalsOf(actionNames),
    deadlineMs: whileItEndsMs,
    waits: true,
  })
  act(
    @By() caller: Caller,
    @FromPath(ConnectionPath) { connection }: ConnectionPath,
    @FromHeaders(OnceHeaders) headers: OnceHeaders,
    @FromBody(NewAction) wish: NewAction,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PerformedActionDto> {
    const once = onceOf(headers, response);
    return answerOf(this.actions.perform(caller, connection, wish, once), once, response);
  }

  @Get('actions')
  @Operation({
    allows: 'viewer',
    summary: 'List actions',
    description: 'The newest first.',
    answer: { status: 200, description: 'One page of actions.', Type: ActionListDto },
    refuses: ['connection_not_found', 'invalid_cursor'],
  })
  async listActions(@By() caller: Caller, @FromQuery(ActionsQuery) query: ActionsQuery): Promise<ActionListDto> {
    const { connection } = query;
    const [actions] = await Promise.all([
      this.bus.request(listActions, within(caller, query)),
      // Whether there is such a connection its owner knows.
      connection !== undefined && this.bus.request(getConnection, within(caller, { connection })),
    ]);
    return actions;
  }

  // Before the one that takes any word for an action's id.
  @Get('actions/catalogue')
  @Operation({
    allows: 'viewer',
    summary: 'The sixteen actions',
    description: 'What each needs, from which statuses it is tried, and its parameters as JSON Schema (2020-12).',
    answer: { status: 200, description: 'The actions.', Type: ActionCatalogueDto },
  })
  getCatalogue(): ActionCatalogueDto {
    return catalogue();
  }

  @Get('actions/:action')
  @Operation({
    allows: 'viewer',
    summary: 'One action',
    answer: { status: 200, description: 'What was asked for, and what came of it.', Type: ActionDto },
    refuses: ['action_not_found'],
  })
  getAction(@By() caller: Caller, @FromPath(ActionPath) path: ActionPath): Promise<ActionDto> {
    return this.bus.request(getAction, within(caller, path));
  }

  @Post('actions/:action/undo')
  @Operation({
    allows: 'operator',
    summary: 'Take an action back',
    audited: 'action.undo-asked',
    description: 'By an action of its own, where the catalogue names one.',
    answer: {
      status: 200,
      description: 'The action that took it back.',
      Type: ActionDto,
      headers: ['Location', 'Preference-Applied'],
    },
    otherwise: [notEndedYet],
    refuses: [...refusalsOf(undoing), 'action_not_found', 'action_not_undoable', 'changed_since'],
    deadlineMs: whileItEndsMs,
    waits: true,
  })
  undoAction(
    @By() caller: Caller,
    @FromPath(ActionPath) { action }: ActionPath,
    @FromHeaders(OnceHeaders) headers: OnceHeaders,
    @FromBody(NewUndo) undo: NewUndo,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ActionDto> {
    const once = onceOf(headers, response);
    return answerOf(this.actions.undo(caller, action, undo, once), once, response);
  }

  @Post('actions/:action/settle')
  @Operation({
    allows: 'operator',
    summary: 'Settle an unknown outcome',
    audited: 'action.settled',
    description: 'Looks in Okta once more at what came of an action that ended `unknown`. Nothing is sent again.',
    answer: { status: 200, description: 'The action as it is known now.', Type: ActionDto },
    refuses: [
      'action_not_found',
      'connection_not_found',
      'connection_removed',
      'credential_rejected',
      'okta_unavailable',
    ],
    deadlineMs: whileOktaAnswersMs,
  })
  settleAction(@By() caller: Caller, @FromPath(ActionPath) path: ActionPath): Promise<ActionDto> {
    return this.actions.settle(within(caller, path));
  }
}

function onceOf({ 'Idempotency-Key': idempotencyKey, Prefer: prefer }: OnceHeaders, response: Response): Once {
  const wait = waitOf(prefer);
  const gone = response.closed
    ? Promise.resolve()
    : new Promise<void>((resolve) => void response.once('close', resolve));
  return { idempotencyKey, wait, gone };
}

/** What was done is answered, what was not is a problem, and what is not known yet is to be looked at later. */
async function answerOf<T extends ActionDto>(performed: Promise<T>, { wait }: Once, response: Response): Promise<T> {
  const action = await performed.catch((error: unknown) => {
    const { action: id } = (error instanceof Refusal && error.code === 'action_in_flight' && error.extra.context) || {};
    if (typeof id === 'string') response.location(placeOf(id));
    throw error;
  });
  response.location(placeOf(action.id));
  const { state, fault } = action;
  if (state === 'refused' || state === 'failed') {
    const { code, detail, possible } = fault ?? unexplained;
    throw new Refusal(code, detail, { context: { action, possible } });
  }
  // A refusal is no answer of the kind that was waited for, and says nothing of the waiting.
  if (wait !== undefined) response.setHeader('Preference-Applied', `wait=${wait}`);
  if (!hasEnded(action) || state === 'unknown') response.status(202);
  return action;
}

const placeOf = (id: string): string => `/api/v1/actions/${id}`;

const unexplained = { code: 'internal_error' as const, detail: 'It was not done, and why is not known.', possible: [] };
