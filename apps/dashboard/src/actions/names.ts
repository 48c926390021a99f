import type { ActionName } from '../domain';

/** The sixteen, for what is read from an address before the catalogue is there. */
export const actionNames = [
  'add_user_to_group',
  'remove_user_from_group',
  'assign_user_to_app',
  'unassign_user_from_app',
  'create_user',
  'activate_user',
  'deactivate_user',
  'delete_user',
  'suspend_user',
  'unsuspend_user',
  'unlock_user',
  'change_user_password',
  'change_user_profile',
  'expire_user_password',
  'reset_user_password',
  'reset_user_mfa',
] as const satisfies ActionName[];
