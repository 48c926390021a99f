import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  Matches,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { applyDecorators } from './decorators.js';
import type { Capability } from './connections.js';
import { userStatuses, type UserStatus } from './directory.js';
import {
  InConnection,
  InWorkspace,
  IsNullable,
  IsOktaId,
  IsProblemCode,
  IsSeatwiseId,
  IsText,
  PageRequest,
  IsInGrowing,
} from './fields.js';
import { event, request, type Shape } from './message.js';
import type { ProblemCode } from './problems.js';

/** The sixteen actions, in the order in which they are named to a person. */
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
] as const;
export type ActionName = (typeof actionNames)[number];

/** An action that needs to know nothing but the person. */
export class NoParameters {}

export class GroupParameters {
  @IsOktaId()
  group!: string;
}

export class AssignParameters {
  @IsOktaId()
  app!: string;

  /** The person's name in the app; Okta's mapping gives it when left out. */
  @IsOptional()
  @IsText(300)
  userName?: string;

  /** Attributes of the app's own profile. */
  @IsOptional()
  @IsObject()
  profile?: Record<string, unknown>;
}

class WithMail {
  /** Whether Okta tells the person by e-mail. */
  @IsOptional()
  @IsBoolean()
  sendEmail?: boolean;
}

export class UnassignParameters extends WithMail {
  @IsOktaId()
  app!: string;
}

export class CreateParameters {
  /** `login`, `email`, `firstName` and `lastName` at least. */
  @IsObject()
  profile!: Record<string, unknown>;

  /** True when left out: Okta invites the person by e-mail, or makes one with a password active at once. */
  @IsOptional()
  @IsBoolean()
  activate?: boolean;

  /** A secret: sealed on the way, gone when the action has ended. */
  @IsOptional()
  @IsText(200)
  password?: string;

  /** To be changed at the first sign-in; needs a password and `activate`. */
  @IsOptional()
  @IsBoolean()
  changePasswordAtSignIn?: boolean;

  /** At most 20. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsOktaId({ each: true })
  groups?: string[];
}

export class ActivateParameters {
  /** False: the activation link is in the answer, once. True when left out. */
  @IsOptional()
  @IsBoolean()
  sendEmail?: boolean;
}

export class DeleteParameters extends WithMail {
  /** The login once more: a deleted person does not come back. */
  @IsText(300)
  confirmLogin!: string;
}

export class PasswordParameters {
  /** A secret: sealed on the way, gone when the action has ended. */
  @IsText(200)
  password!: string;

  /** A secret. With it Okta treats the change as the person's own. */
  @IsOptional()
  @IsText(200)
  oldPassword?: string;

  /** Ends the person's sessions; needs the old password. */
  @IsOptional()
  @IsBoolean()
  revokeSessions?: boolean;
}

export class ProfileParameters {
  /** The attributes to change; null clears one. */
  @IsObject()
  profile!: Record<string, unknown>;
}

export class ExpireParameters {
  /** A temporary password is set, and is in the answer, once. */
  @IsOptional()
  @IsBoolean()
  temporaryPassword?: boolean;

  /** Ends the person's sessions; goes with a temporary password. */
  @IsOptional()
  @IsBoolean()
  revokeSessions?: boolean;
}

export class ResetParameters {
  /** False: the link to reset is in the answer, once. True when left out. */
  @IsOptional()
  @IsBoolean()
  sendEmail?: boolean;

  @IsOptional()
  @IsBoolean()
  revokeSessions?: boolean;
}

/** What a connection must be allowed for an action. */
export type ActionCapability = Extract<Capability, 'act_on_users' | 'act_on_groups' | 'act_on_apps'>;

/** What an action is, for whoever offers, documents or checks it. */
export interface ActionFacts {
  title: string;
  summary: string;
  Parameters: Shape<object>;
  /** Parameters that are secrets: never kept, shown, logged or published. */
  secrets: readonly string[];
  capability: ActionCapability;
  /** The statuses from which it is tried; from others it is refused before Okta is asked. Empty: there is nobody yet. */
  statuses: readonly UserStatus[];
  /** The action that takes it back, where one does. */
  undo: ActionName | null;
  /** What the answer may hold once, where it holds a secret. */
  answers: string | null;
  /** What it may be refused with, beside {@link refusalsOfAll}. */
  refusals: readonly ProblemCode[];
}

/** What any action may be refused with, because of the request, the connection or the person, or by Okta. */
export const refusalsOfAll = [
  'invalid_request',
  'idempotency_key_required',
  'idempotency_key_reused',
  'action_in_flight',
  'connection_not_found',
  'connection_removed',
  'connection_paused',
  'permission_level_required',
  'capability_missing',
  'credential_rejected',
  'person_not_found',
  'person_status',
  'okta_refused',
  'okta_unavailable',
] as const satisfies readonly ProblemCode[];

const any = userStatuses;
const but = (...left: UserStatus[]): UserStatus[] => userStatuses.filter((status) => !left.includes(status));
const usual = {
  Parameters: NoParameters,
  secrets: [],
  capability: 'act_on_users',
  undo: null,
  answers: null,
  refusals: [],
} as const;

/** The catalogue (Okta: Users, User lifecycle, Groups and Application users APIs). */
export const actionCatalogue: Record<ActionName, ActionFacts> = {
  add_user_to_group: {
    ...usual,
    title: 'Add User to Group',
    summary: 'Makes the person a member. Groups of an app and Everyone cannot be changed by hand.',
    Parameters: GroupParameters,
    capability: 'act_on_groups',
    statuses: but('DEPROVISIONED'),
    undo: 'remove_user_from_group',
    refusals: ['group_not_found', 'group_not_manual'],
  },
  remove_user_from_group: {
    ...usual,
    title: 'Remove User from Group',
    summary: 'Ends the membership. Whom a rule had put there is on the exclusion list of the rule from then on.',
    Parameters: GroupParameters,
    capability: 'act_on_groups',
    statuses: any,
    undo: 'add_user_to_group',
    refusals: ['group_not_found', 'group_not_manual'],
  },
  assign_user_to_app: {
    ...usual,
    title: 'Assign User to Application',
    summary: 'Gives the person a direct assignment.',
    Parameters: AssignParameters,
    capability: 'act_on_apps',
    statuses: but('SUSPENDED', 'DEPROVISIONED'),
    undo: 'unassign_user_from_app',
    refusals: ['app_not_found', 'app_inactive', 'attribute_unknown', 'managed_elsewhere'],
  },
  unassign_user_from_app: {
    ...usual,
    title: 'Unassign User from Application',
    summary: 'Takes the direct assignment away. One that comes from a group is taken away with the membership.',
    Parameters: UnassignParameters,
    capability: 'act_on_apps',
    statuses: any,
    undo: 'assign_user_to_app',
    refusals: ['app_not_found', 'not_assigned', 'assignment_from_group', 'managed_elsewhere'],
  },
  create_user: {
    ...usual,
    title: 'Create User',
    summary: 'Makes a person in Okta.',
    Parameters: CreateParameters,
    secrets: ['password'],
    statuses: [],
    refusals: [
      'login_taken',
      'attribute_unknown',
      'attribute_read_only',
      'attribute_type',
      'password_policy',
      'group_not_found',
      'group_not_manual',
    ],
  },
  activate_user: {
    ...usual,
    title: 'Activate User',
    summary: 'Lets a staged or deprovisioned person in: they are invited, or active at once when they have a password.',
    Parameters: ActivateParameters,
    statuses: ['STAGED', 'DEPROVISIONED'],
    answers: 'the activation link, with sendEmail=false',
  },
  deactivate_user: {
    ...usual,
    title: 'Deactivate User',
    summary: 'Takes every app away and ends the account until it is activated anew. The assignments do not come back.',
    Parameters: WithMail,
    statuses: but('DEPROVISIONED'),
  },
  delete_user: {
    ...usual,
    title: 'Delete User',
    summary: 'Deactivates the person and deletes them for good. The login is asked for once more.',
    Parameters: DeleteParameters,
    statuses: any,
    refusals: ['confirmation_mismatch'],
  },
  suspend_user: {
    ...usual,
    title: 'Suspend User',
    summary: 'Keeps the person out, with all that they have left as it is.',
    statuses: ['ACTIVE', 'PROVISIONED', 'PASSWORD_EXPIRED'],
    undo: 'unsuspend_user',
  },
  unsuspend_user: {
    ...usual,
    title: 'Unsuspend User',
    summary: 'Lets a suspended person in again.',
    statuses: ['SUSPENDED'],
    undo: 'suspend_user',
  },
  unlock_user: {
    ...usual,
    title: 'Unlock User',
    summary: 'Lets in again who was locked out after wrong passwords.',
    statuses: ['LOCKED_OUT'],
  },
  change_user_password: {
    ...usual,
    title: 'Change User Password',
    summary: 'Sets a password, or changes it knowing the old one.',
    Parameters: PasswordParameters,
    secrets: ['password', 'oldPassword'],
    statuses: but('DEPROVISIONED'),
    refusals: ['password_policy', 'old_password_wrong', 'managed_elsewhere'],
  },
  change_user_profile: {
    ...usual,
    title: 'Change User Profile',
    summary: 'Changes the attributes that are named and no others.',
    Parameters: ProfileParameters,
    statuses: but('DEPROVISIONED'),
    undo: 'change_user_profile',
    refusals: ['attribute_unknown', 'attribute_read_only', 'attribute_type', 'login_taken', 'managed_elsewhere'],
  },
  expire_user_password: {
    ...usual,
    title: 'Expire User Password',
    summary: 'The person chooses a new password at the next sign-in.',
    Parameters: ExpireParameters,
    statuses: ['ACTIVE', 'PASSWORD_EXPIRED'],
    answers: 'the temporary password, with temporaryPassword=true',
  },
  reset_user_password: {
    ...usual,
    title: 'Reset User Password',
    summary: 'Ends the password; the person chooses a new one by a link.',
    Parameters: ResetParameters,
    statuses: ['PROVISIONED', 'ACTIVE', 'PASSWORD_EXPIRED', 'RECOVERY', 'LOCKED_OUT'],
    answers: 'the link to reset, with sendEmail=false',
    refusals: ['managed_elsewhere'],
  },
  reset_user_mfa: {
    ...usual,
    title: 'Reset User MFA',
    summary: 'Forgets all factors; the person enrolls anew at the next sign-in.',
    statuses: any,
  },
};

/** Whether Okta's answer would hold a secret: it holds none where Okta tells the person itself. */
export function answersSecret(action: ActionName, parameters: object): boolean {
  const { sendEmail, temporaryPassword } = parameters as { sendEmail?: unknown; temporaryPassword?: unknown };
  return actionCatalogue[action].answers !== null && (sendEmail === false || temporaryPassword === true);
}

/**
 * `refused`: by our own rule or by Okta's definite word. `failed`: it could not be done. Nothing was changed by either, unless
 * `effect` says so. `unknown`: whether Okta did it cannot be told by looking.
 */
export const actionStates = ['accepted', 'running', 'done', 'refused', 'failed', 'unknown'] as const;
export type ActionState = (typeof actionStates)[number];
export const endedStates: readonly ActionState[] = ['done', 'refused', 'failed', 'unknown'];

export const IsActionName = (): PropertyDecorator => IsInGrowing(actionNames);
/** Why it is done: asked for with every action. */
export const IsReason = (): PropertyDecorator =>
  applyDecorators(IsText(500), Matches(/\S/, { message: ({ property }) => `${property} must say why` }));

export const IsIdempotencyKey = (): PropertyDecorator =>
  Matches(/^[\x21-\x7e]{1,255}$/, {
    message: ({ property }) => `${property} must be 1 to 255 visible ASCII characters without spaces`,
  });

/** A person who is signed in, or who issued a key. */
export class ActingPersonDto {
  @IsSeatwiseId()
  id!: string;
  @IsText(254)
  email!: string;
}

/** Who asked: a person, an API key, or a key that a person issued. */
export class ActorDto {
  /** The API key's id; null for a person who is signed in. */
  @IsNullable()
  @IsSeatwiseId()
  key!: string | null;
  /** Absent for a key that no person issued. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ActingPersonDto)
  person?: ActingPersonDto;
  @IsText(20)
  role!: string;
}

/** Whether two were asked for by the same person; where one of them was not asked for by a person, by the same key. */
export const isSameActor = (one: ActorDto, other: ActorDto): boolean =>
  one.person && other.person ? one.person.id === other.person.id : one.key !== null && one.key === other.key;

/** A request of ours to Okta: made, or to be made. What is secret in its body is left out. */
export class OktaRequestDto {
  @IsIn(['POST', 'PUT', 'DELETE'])
  method!: 'POST' | 'PUT' | 'DELETE';
  /** Path and query. */
  @IsText(500)
  path!: string;
  @IsOptional()
  @IsObject()
  body?: Record<string, unknown>;
  /** How often it was sent: more than once only after looking had shown that it was not carried out. */
  @IsInt()
  sent!: number;
  /** Okta's answer; null: none came, or it was not sent. */
  @IsNullable()
  @IsInt()
  status!: number | null;
  /** Okta's error code; empty where there is none. */
  @IsText(20)
  code!: string;
  @IsText(100)
  requestId!: string;
}

/** Why an action ended otherwise than done. */
export class ActionFaultDto {
  @IsProblemCode()
  code!: ProblemCode;
  /** What is wrong and what to do. */
  @IsText(1000)
  detail!: string;
  /** What would be possible instead. */
  @IsArray()
  @IsInGrowing(actionNames, { each: true })
  possible!: ActionName[];
}

/** One action: what was asked for, and what came of it. It is the record of it, and never changes after its end but by being undone or settled. */
export class ActionDto extends InConnection {
  @IsSeatwiseId()
  id!: string;
  @IsActionName()
  action!: ActionName;
  @IsIn(actionStates)
  state!: ActionState;
  /** Okta's id; null for somebody who is not there yet. */
  @IsNullable()
  @IsOktaId()
  person!: string | null;
  /** The person's login, as it was found. */
  @IsNullable()
  @IsText(300)
  login!: string | null;
  /** As given, without the secrets. */
  @IsObject()
  parameters!: Record<string, unknown>;
  @IsText(500)
  reason!: string;
  @IsObject()
  @ValidateNested()
  @Type(() => ActorDto)
  by!: ActorDto;
  /** Everything was checked, and nothing sent: `requests` are those that would be. */
  @IsBoolean()
  dryRun!: boolean;
  @IsISO8601()
  createdAt!: string;
  @IsNullable()
  @IsISO8601()
  endedAt!: string | null;
  /** `none`: it was so already, and Okta was not asked to do anything. Null until it is known. */
  @IsNullable()
  @IsIn(['changed', 'none'])
  effect!: 'changed' | 'none' | null;
  /** Okta was read again afterwards, and showed it. */
  @IsBoolean()
  verified!: boolean;
  /** Whether Okta's answer held a secret, and whether it reached the one who asked; a lost one is had by doing it anew. */
  @IsIn(['none', 'given', 'lost'])
  secret!: 'none' | 'given' | 'lost';
  /** What Okta showed of the person, membership or assignment before. */
  @IsNullable()
  @IsObject()
  before!: Record<string, unknown> | null;
  @IsNullable()
  @IsObject()
  after!: Record<string, unknown> | null;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => OktaRequestDto)
  requests!: OktaRequestDto[];
  @IsNullable()
  @IsObject()
  @ValidateNested()
  @Type(() => ActionFaultDto)
  fault!: ActionFaultDto | null;
  /** The action that this one takes back. */
  @IsNullable()
  @IsSeatwiseId()
  undoes!: string | null;
  /** The action that took this one back. */
  @IsNullable()
  @IsSeatwiseId()
  undoneBy!: string | null;
  /** The bulk job that it is a part of. */
  @IsOptional()
  @IsSeatwiseId()
  bulk?: string;
  @IsNullable()
  @IsText(32)
  traceId!: string | null;
  /** Counts up with each change. */
  @IsInt()
  version!: number;
}

export class ActionListDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ActionDto)
  actions!: ActionDto[];
  @IsNullable()
  @IsText(2000)
  nextCursor!: string | null;
}

class Asked extends InConnection {
  @IsReason()
  reason!: string;
  @IsObject()
  @ValidateNested()
  @Type(() => ActorDto)
  by!: ActorDto;
  /** The same key with the same request is the same action, however often and for how long it is sent. */
  @IsIdempotencyKey()
  idempotencyKey!: string;
}

export class RequestAction extends Asked {
  @IsActionName()
  action!: ActionName;
  /** Okta's id of the person; absent for `create_user`. */
  @IsOptional()
  @IsOktaId()
  person?: string;
  /** As the catalogue says, without the secrets. */
  @IsObject()
  parameters!: Record<string, unknown>;
  /** JWE of the secret parameters as JSON, to action-service, context `action|{workspace}|{connection}|{idempotencyKey}`. */
  @IsOptional()
  @IsText(8000)
  sealedSecrets?: string;
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;
  /** A JWK of the caller's for this one request: an answer that holds a secret is sealed to it. */
  @IsOptional()
  @IsObject()
  answerKey?: Record<string, unknown>;
}

export class UndoAction extends Asked {
  @IsSeatwiseId()
  action!: string;
}

export class ActionRequest extends InWorkspace {
  @IsSeatwiseId()
  action!: string;
}

export class ListActions extends PageRequest {
  @IsSeatwiseId()
  workspace!: string;
  @IsOptional()
  @IsSeatwiseId()
  connection?: string;
  @IsOptional()
  @IsOktaId()
  person?: string;
  @IsOptional()
  @IsActionName()
  action?: ActionName;
  @IsOptional()
  @IsIn(actionStates)
  state?: ActionState;
  /** The job that they are a part of. */
  @IsOptional()
  @IsSeatwiseId()
  bulk?: string;
}

/** The secret in Okta's answer, for the one who waits for it at this moment; kept nowhere. */
export class ActionSecretV1 extends InWorkspace {
  @IsSeatwiseId()
  action!: string;
  /** JWE of `{name: value}` to the request's `answerKey`, context `answer|{workspace}|{action}`. */
  @IsText(8000)
  sealed!: string;
}

/** Stores the action, or answers the one that this key stands for. Refuses while that one is in flight. */
export const requestAction = request('actions.request', RequestAction, ActionDto);
/** An action of its own that takes another back. */
export const undoAction = request('actions.undo', UndoAction, ActionDto);
export const getAction = request('actions.get', ActionRequest, ActionDto);
export const listActions = request('actions.list', ListActions, ActionListDto);
/** Looks once more at what came of an action that ended `unknown`. */
export const settleAction = request('actions.settle', ActionRequest, ActionDto, { timeoutMs: 60_000 });

export const actionRequested = event('action.requested', 1, ActionDto);
export const actionDone = event('action.done', 1, ActionDto);
export const actionRefused = event('action.refused', 1, ActionDto);
export const actionFailed = event('action.failed', 1, ActionDto);
export const actionUnknown = event('action.unknown', 1, ActionDto);
/** Told live, and kept by no stream. */
export const actionSecret = event('action.secret', 1, ActionSecretV1);
