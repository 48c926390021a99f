import { Injectable } from '@nestjs/common';
import {
  getAction,
  listActions,
  Refusal,
  requestAction,
  settleAction,
  undoAction,
  type ActionDto,
  type ActionListDto,
  type ActionRequest,
  type ListActions,
  type RequestAction,
  type UndoAction,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { OktaError } from '@seatwise/okta';
import { Worker } from '../work/worker.js';
import { ActionsService } from './actions.service.js';

/** What others may ask of action-service. */
@Injectable()
export class ActionsController {
  constructor(
    private readonly actions: ActionsService,
    private readonly worker: Worker,
  ) {}

  @Handles(requestAction)
  request(dto: RequestAction): Promise<ActionDto> {
    return this.actions.request(dto);
  }

  @Handles(undoAction)
  undo(dto: UndoAction): Promise<ActionDto> {
    return this.actions.undo(dto);
  }

  @Handles(getAction)
  get(dto: ActionRequest): Promise<ActionDto> {
    return this.actions.get(dto);
  }

  @Handles(listActions)
  list(dto: ListActions): Promise<ActionListDto> {
    return this.actions.list(dto);
  }

  @Handles(settleAction)
  async settle(dto: ActionRequest): Promise<ActionDto> {
    const action = await this.actions.find(dto);
    if (action.state === 'unknown')
      await this.worker.settle(action).catch((error: unknown) => {
        if (!(error instanceof OktaError)) throw error;
        throw new Refusal('okta_unavailable', `It cannot be settled now: ${error.message}`.slice(0, 500));
      });
    return this.actions.get(dto);
  }
}
