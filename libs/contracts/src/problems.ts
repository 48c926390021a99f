/**
 * Every refusal that can cross the bus or the REST door: its stable code, the HTTP status at the door and its title.
 * A code is never renamed or given another meaning.
 */
export const problems = {
  invalid_request: { status: 400, title: 'The request does not fit its contract' },
  invalid_cursor: { status: 400, title: 'The cursor is not one of ours' },
  idempotency_key_required: { status: 400, title: 'The request must carry an idempotency key' },
  invalid_org_url: { status: 400, title: 'The organization URL cannot be used' },
  invalid_webhook_url: { status: 400, title: 'The address cannot be one of a webhook' },
  invalid_return: { status: 400, title: 'The address to return to is none of this page' },
  sign_in_expired: { status: 400, title: 'This sign-in was not begun here, or took too long' },
  unauthenticated: { status: 401, title: 'A valid API key or session is needed' },
  sign_in_failed: { status: 401, title: 'The e-mail address or the password is not right' },
  sign_in_link_invalid: { status: 401, title: 'The sign-in link is used up, expired or unknown' },
  forbidden: { status: 403, title: 'The role does not allow this' },
  cross_site: { status: 403, title: 'The request does not come from the page itself' },
  session_required: { status: 403, title: 'This is for a person who is signed in' },
  password_not_used: { status: 403, title: 'People do not sign in with a password here' },
  not_a_member: { status: 403, title: 'The person is a member of no workspace here' },
  email_unverified: { status: 403, title: 'The provider has not verified the e-mail address' },
  no_role: { status: 403, title: 'The provider gives the person no role' },
  provider_refused: { status: 403, title: 'The provider refused the sign-in' },
  bootstrap_done: { status: 403, title: 'The first workspace exists already' },
  permission_level_required: { status: 403, title: 'The connection is connected for reading alone' },
  second_key_required: { status: 403, title: 'Another person or API key must approve this' },
  capability_missing: { status: 403, title: 'The credential of the connection may not do this' },
  not_found: { status: 404, title: 'There is no such resource' },
  workspace_not_found: { status: 404, title: 'There is no such workspace' },
  connection_not_found: { status: 404, title: 'There is no such connection' },
  run_not_found: { status: 404, title: 'There is no such sync run' },
  person_not_found: { status: 404, title: 'There is no such person' },
  app_not_found: { status: 404, title: 'There is no such app' },
  member_not_found: { status: 404, title: 'There is no such member' },
  session_not_found: { status: 404, title: 'There is no such session' },
  provider_not_found: { status: 404, title: 'There is no such sign-in provider' },
  key_not_found: { status: 404, title: 'There is no such API key' },
  action_not_found: { status: 404, title: 'There is no such action' },
  bulk_not_found: { status: 404, title: 'There is no such bulk job' },
  group_not_found: { status: 404, title: 'There is no such group' },
  webhook_not_found: { status: 404, title: 'There is no such webhook' },
  delivery_not_found: { status: 404, title: 'There is no such delivery' },
  audit_record_not_found: { status: 404, title: 'There is no such record in the audit log' },
  method_not_allowed: { status: 405, title: 'The resource has no such method' },
  connection_removed: { status: 409, title: 'The connection is removed, and only its history is kept' },
  already_connected: { status: 409, title: 'This org is connected already' },
  run_not_paused: { status: 409, title: 'The sync run is not waiting for agreement' },
  connection_paused: { status: 409, title: 'The connection is paused' },
  action_in_flight: { status: 409, title: 'The action of this idempotency key has not ended yet' },
  member_exists: { status: 409, title: 'This e-mail address is that of a member already' },
  last_admin: { status: 409, title: 'A workspace keeps its last admin' },
  bulk_state: { status: 409, title: 'The bulk job is not in a state for this' },
  too_many_webhooks: { status: 409, title: 'The workspace has as many webhooks as it may' },
  webhook_off: { status: 409, title: 'The webhook is off' },
  delivery_not_kept: { status: 409, title: 'What was delivered is not kept any more' },
  action_not_undoable: { status: 409, title: 'The action cannot be taken back' },
  changed_since: { status: 409, title: 'It was changed by somebody else since' },
  person_status: { status: 409, title: "The person's status does not allow this" },
  login_taken: { status: 409, title: 'Somebody has this login already' },
  group_not_manual: { status: 409, title: 'The group cannot be changed by hand' },
  app_inactive: { status: 409, title: 'The app is inactive' },
  not_assigned: { status: 409, title: 'The person is not assigned to the app' },
  assignment_from_group: { status: 409, title: 'The assignment comes from a group' },
  managed_elsewhere: { status: 409, title: 'Another system is the master of this' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be JSON' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key stands for another request' },
  action_not_in_bulk: { status: 422, title: 'The action is not taken in bulk' },
  confirmation_mismatch: { status: 422, title: 'The login was not repeated as it is' },
  attribute_unknown: { status: 422, title: 'The profile has no such attribute' },
  attribute_read_only: { status: 422, title: 'The attribute cannot be changed' },
  attribute_type: { status: 422, title: 'The attribute is of another type' },
  password_weak: { status: 422, title: 'The password is too easy to guess' },
  password_wrong: { status: 422, title: 'The password there is was not given' },
  password_policy: { status: 422, title: 'The password does not fit the policy of the org' },
  old_password_wrong: { status: 422, title: 'The old password is not the right one' },
  okta_refused: { status: 422, title: 'Okta refused this' },
  connection_test_failed: { status: 422, title: 'Okta did not accept this connection' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  sign_in_locked: { status: 429, title: 'Too many attempts to sign in' },
  request_header_fields_too_large: { status: 431, title: 'The URL or the headers of the request are too long' },
  outcome_unknown: { status: 500, title: 'Whether Okta did it cannot be told by looking' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  credential_rejected: { status: 502, title: 'Okta does not take the credential of the connection' },
  provider_unavailable: { status: 502, title: 'The sign-in provider did not answer as it should' },
  okta_unavailable: { status: 502, title: 'Okta could not be reached' },
  service_unavailable: { status: 503, title: 'A part of Seatwise is not reachable' },
  deadline_exceeded: { status: 504, title: 'A part of Seatwise did not answer in time' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** What went wrong with one field of a request: a JSON path and a sentence. */
export interface FieldProblem {
  path: string;
  detail: string;
}

/** How a refusal travels: RFC 9457 without the members that only the door knows (`type`, `instance`, `traceId`). */
export interface ProblemBody {
  code: ProblemCode;
  /** One or two sentences that say what is wrong and what to do. Never a secret. */
  detail: string;
  errors?: FieldProblem[];
  /** Further facts, such as the checks of a failed connection test. */
  context?: Record<string, unknown>;
}

/** Base of every refusal of the domain. It crosses the bus whole and becomes a problem at the REST door. */
export class Refusal extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly extra: { errors?: FieldProblem[]; context?: Record<string, unknown> } = {},
  ) {
    super(detail);
    this.name = new.target.name;
  }

  get status(): number {
    return problems[this.code].status;
  }

  toBody(): ProblemBody {
    return { code: this.code, detail: this.detail, ...this.extra };
  }

  static fromBody(body: ProblemBody): Refusal {
    const { code, detail, ...extra } = body;
    return new Refusal(code in problems ? code : 'internal_error', detail, extra);
  }
}

/** The request, or a field of it, is not what the contract says. */
export class InvalidRequest extends Refusal {
  constructor(errors: FieldProblem[]) {
    super(
      'invalid_request',
      errors
        .map((e) => `${e.path}: ${e.detail}`)
        .join('; ')
        .slice(0, 1000),
      { errors },
    );
  }
}

export class ConnectionNotFound extends Refusal {
  constructor(connection: string) {
    super('connection_not_found', `This workspace has no connection ${connection}.`);
  }
}

/** It was disconnected and its history kept: nothing is done with it any more. */
export class ConnectionRemoved extends Refusal {
  constructor(connection: string) {
    super(
      'connection_removed',
      `${connection} was disconnected, and only its history is kept. Connect the org anew to use it again.`,
    );
  }
}

/** It is connected to be read: nothing is changed in the org. */
export class PermissionLevelRequired extends Refusal {
  constructor(connection: string) {
    super(
      'permission_level_required',
      `${connection} is connected for reading alone. Change its level to read_and_act to act in this org.`,
    );
  }
}

export class RunNotFound extends Refusal {
  constructor(run: string) {
    super('run_not_found', `This workspace has no sync run ${run}.`);
  }
}

export class PersonNotFound extends Refusal {
  constructor(person: string) {
    super('person_not_found', `The connection has no person ${person}.`);
  }
}

export class AppNotFound extends Refusal {
  constructor(app: string) {
    super('app_not_found', `The connection has no app ${app}.`);
  }
}

export class BulkNotFound extends Refusal {
  constructor(bulk: string) {
    super('bulk_not_found', `This workspace has no bulk job ${bulk}.`);
  }
}
