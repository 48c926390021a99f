import { actionCatalogue, Refusal, type ActionName } from '@seatwise/contracts';
import type { Action } from './action.js';

const refuse = (detail: string): Refusal => new Refusal('action_not_undoable', detail);

/** The action that takes another back, and what that one left. Refuses where there is none, or nothing to take back. */
export function undoOf(original: Action): {
  action: ActionName;
  person?: string;
  parameters: Record<string, unknown>;
  left: unknown;
} {
  const { _id, action, state, effect, verified, undoneBy, person, parameters, before, after } = original;
  const { undo, title } = actionCatalogue[action];
  if (undo === null || person === null) throw refuse(`${title} cannot be taken back in Okta.`);
  if (state !== 'done') throw refuse(`${_id} is ${state}: only what was done can be taken back.`);
  if (effect !== 'changed') throw refuse(`${_id} changed nothing: it was so before.`);
  if (undoneBy !== null) throw refuse(`${_id} was taken back by ${undoneBy}.`);
  const back = { action: undo, person, left: null };
  switch (action) {
    case 'add_user_to_group':
    case 'remove_user_from_group':
      return { ...back, parameters: { group: parameters.group } };
    case 'assign_user_to_app':
      if (before?.scope === 'USER') throw refuse('The person had the app before: it changed the assignment alone.');
      return { ...back, parameters: { app: parameters.app } };
    case 'unassign_user_from_app': {
      const { userName } = (before ?? {}) as { userName?: string };
      return { ...back, parameters: { app: parameters.app, ...(userName && { userName }) } };
    }
    case 'change_user_profile':
      // Where it was not seen afterwards, it has left what was wanted.
      return {
        ...back,
        parameters: { profile: before?.profile },
        left: verified ? after?.profile : parameters.profile,
      };
    default:
      return { ...back, parameters: {} };
  }
}
