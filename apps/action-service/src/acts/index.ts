import type { ActionName } from '@seatwise/contracts';
import type { Act } from './act.js';
import { assign, unassign } from './assignment.js';
import { addToGroup, removeFromGroup } from './membership.js';
import { changePassword, expirePassword, resetMfa, resetPassword } from './passwords.js';
import { changeProfile, createUser } from './profile.js';
import { deleteUser } from './removal.js';
import { activate, deactivate, suspend, unlock, unsuspend } from './status.js';

/** What each action does. What it takes and when it may is in the catalogue of the contracts. */
const acts = {
  add_user_to_group: addToGroup,
  remove_user_from_group: removeFromGroup,
  assign_user_to_app: assign,
  unassign_user_from_app: unassign,
  create_user: createUser,
  activate_user: activate,
  deactivate_user: deactivate,
  delete_user: deleteUser,
  suspend_user: suspend,
  unsuspend_user: unsuspend,
  unlock_user: unlock,
  change_user_password: changePassword,
  change_user_profile: changeProfile,
  expire_user_password: expirePassword,
  reset_user_password: resetPassword,
  reset_user_mfa: resetMfa,
} satisfies Record<ActionName, unknown>;

export const actOf = (name: ActionName): Act => acts[name];
