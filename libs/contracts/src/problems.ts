/** What is said of a problem wherever it is shown. */
export interface ProblemFacts {
  status: number;
  title: string;
  /** What has happened, and what was done or not. */
  means: string;
  /** What the reader can do about it. */
  remedy: string;
}

/**
 * Every refusal that can cross the bus or the REST door: its stable code, the HTTP status at the door, its title, what it
 * means, and what to do about it. A code is never renamed or given another meaning.
 */
export const problems = {
  invalid_request: {
    status: 400,
    title: 'The request does not fit its contract',
    means:
      'The URL, a header or the body has a field that is missing, unknown, or not of the documented shape. Nothing was done.',
    remedy: 'Mend the fields that `errors` names, and send it again.',
  },
  invalid_cursor: {
    status: 400,
    title: 'The cursor is not one of ours',
    means: 'The `cursor` was changed, cut off, or made for a list with other filters.',
    remedy: 'Ask for the list without `cursor`, and go on with the `nextCursor` of each page.',
  },
  idempotency_key_required: {
    status: 400,
    title: 'The request must carry an idempotency key',
    means: 'What must not be done twice needs the header `Idempotency-Key`. Nothing was done.',
    remedy: 'Send a key of your own choice, such as a UUID, and the same one when you repeat the request.',
  },
  invalid_org_url: {
    status: 400,
    title: 'The organization URL cannot be used',
    means:
      "An org is an `https` address of a public host in one of Okta's domains, or in one that the operator allows.",
    remedy:
      'Copy the address of the org from Okta, such as `https://acme.okta.com`; ask the operator to allow a custom domain.',
  },
  invalid_webhook_url: {
    status: 400,
    title: 'The address cannot be one of a webhook',
    means: 'Events are sent by `https` to public addresses alone, without user name or password in the address.',
    remedy: 'Give the `https` address of a receiver that the internet reaches, on a port that the operator allows.',
  },
  invalid_return: {
    status: 400,
    title: 'The address to return to is none of this page',
    means: 'After a sign-in one is led back to a path of this page alone.',
    remedy: 'Give a path that begins with one `/`, such as `/people`.',
  },
  sign_in_expired: {
    status: 400,
    title: 'This sign-in was not begun here, or took too long',
    means: 'A sign-in ends in the browser in which it was begun, within a quarter of an hour.',
    remedy: 'Begin the sign-in again, in the same browser, with cookies allowed.',
  },
  unauthenticated: {
    status: 401,
    title: 'A valid API key or session is needed',
    means: 'The request carries no API key or session, or one that is revoked, expired or unknown.',
    remedy: 'Sign in again, or send a valid key as `Authorization: Bearer sw_…`.',
  },
  sign_in_failed: {
    status: 401,
    title: 'The e-mail address or the password is not right',
    means: 'No member signs in with this e-mail address and this password. Which of them is wrong is not told.',
    remedy: 'Type both again, or ask an admin for a sign-in link.',
  },
  sign_in_link_invalid: {
    status: 401,
    title: 'The sign-in link is used up, expired or unknown',
    means: 'A sign-in link works once, and for a short while.',
    remedy: 'Ask an admin for another link.',
  },
  forbidden: {
    status: 403,
    title: 'The role does not allow this',
    means: 'The key or member is known, but its role is lower than this needs.',
    remedy: 'Ask an admin of the workspace for a higher role, or use a key that has one.',
  },
  cross_site: {
    status: 403,
    title: 'The request does not come from the page itself',
    means:
      'A change that comes with a session must come from the dashboard itself, which its `Origin` and `Sec-Fetch-Site` tell.',
    remedy:
      'Do it in the dashboard, or use an API key in a program. If it was the dashboard, the operator should check PUBLIC_URL.',
  },
  session_required: {
    status: 403,
    title: 'This is for a person who is signed in',
    means: 'It is about the person who is signed in, and an API key stands for none.',
    remedy: 'Sign in as a person, and do it in the dashboard.',
  },
  password_not_used: {
    status: 403,
    title: 'People do not sign in with a password here',
    means: 'This Seatwise is set up without passwords.',
    remedy: 'Sign in by one of the providers that the sign-in page offers.',
  },
  not_a_member: {
    status: 403,
    title: 'The person is a member of no workspace here',
    means: 'The provider vouched for the person, but no workspace has a member with that e-mail address.',
    remedy: 'Ask an admin to add you, by the e-mail address that the provider knows, and sign in again.',
  },
  email_unverified: {
    status: 403,
    title: 'The provider has not verified the e-mail address',
    means: 'Members are found by e-mail address, and the provider does not vouch for this one.',
    remedy: 'Have the address verified at the provider and sign in again, or ask an admin for a sign-in link.',
  },
  no_role: {
    status: 403,
    title: 'The provider gives the person no role',
    means: "Roles come from the groups at the provider, and none of this person's has one.",
    remedy: 'Ask whoever looks after the provider to put you into a group that has a role in Seatwise.',
  },
  provider_refused: {
    status: 403,
    title: 'The provider refused the sign-in',
    means: 'The sign-in was cancelled at the provider, or the provider does not let this person in.',
    remedy: 'Try again; if it stays so, ask whoever looks after the provider to assign Seatwise to you.',
  },
  bootstrap_done: {
    status: 403,
    title: 'The first workspace exists already',
    means: 'The bootstrap token makes the first workspace alone, and there is one.',
    remedy: 'Use the admin key that was answered then, or let the operator make a sign-in link.',
  },
  permission_level_required: {
    status: 403,
    title: 'The connection is connected for reading alone',
    means: 'The connection has the level `read`, with which nothing is changed in the org.',
    remedy: 'Change the level of the connection to `read_and_act`, with a token that may do this.',
  },
  second_key_required: {
    status: 403,
    title: 'Another person or API key must approve this',
    means: 'Whoever made the job cannot approve it; an API key counts as the person who issued it.',
    remedy: 'Let another admin approve it, or use a key that another person issued.',
  },
  capability_missing: {
    status: 403,
    title: 'The credential of the connection may not do this',
    means: 'The token of the connection lacks a permission or scope in Okta that this needs.',
    remedy: 'Give it the scope that `detail` names, or the admin role that has it, and test the connection again.',
  },
  not_found: {
    status: 404,
    title: 'There is no such resource',
    means: 'The path leads to nothing in this workspace.',
    remedy: 'Check the path against the reference at `/api/v1/reference`.',
  },
  workspace_not_found: {
    status: 404,
    title: 'There is no such workspace',
    means: 'The workspace is gone, or was never here.',
    remedy: 'Check its id; a member sees theirs in the menu of the account.',
  },
  connection_not_found: {
    status: 404,
    title: 'There is no such connection',
    means: 'This workspace has no connection with this id; one of another workspace is never told of.',
    remedy: 'List the connections and use an `id` from there.',
  },
  run_not_found: {
    status: 404,
    title: 'There is no such sync run',
    means: 'This workspace has no sync run with this id; the runs of an erased connection are gone with it.',
    remedy: 'List the sync runs and use an `id` from there.',
  },
  person_not_found: {
    status: 404,
    title: 'There is no such person',
    means: 'The mirror of this org does not know the person.',
    remedy: 'Check the id and the connection. If the person is new in Okta, sync, and ask again.',
  },
  app_not_found: {
    status: 404,
    title: 'There is no such app',
    means: 'The mirror of this org does not know the app.',
    remedy: 'Check the id and the connection. If the app is new in Okta, sync, and ask again.',
  },
  member_not_found: {
    status: 404,
    title: 'There is no such member',
    means: 'The workspace has no member with this id; they may have been removed meanwhile.',
    remedy: 'List the members and use an `id` from there.',
  },
  session_not_found: {
    status: 404,
    title: 'There is no such session',
    means: "The session has ended, or is somebody else's.",
    remedy: 'List your sessions again; there may be nothing left to do.',
  },
  provider_not_found: {
    status: 404,
    title: 'There is no such sign-in provider',
    means: 'No sign-in provider with this id is set up.',
    remedy: 'Choose one of those that the sign-in page offers.',
  },
  key_not_found: {
    status: 404,
    title: 'There is no such API key',
    means: 'The workspace has no API key with this id.',
    remedy: 'List the API keys and use an `id` from there.',
  },
  action_not_found: {
    status: 404,
    title: 'There is no such action',
    means: 'This workspace has no action with this id.',
    remedy: 'List the actions and use an `id` from there.',
  },
  bulk_not_found: {
    status: 404,
    title: 'There is no such bulk job',
    means: 'This workspace has no bulk job with this id.',
    remedy: 'List the bulk jobs and use an `id` from there.',
  },
  webhook_not_found: {
    status: 404,
    title: 'There is no such webhook',
    means: 'The workspace has no webhook of this id; it may have been deleted.',
    remedy: 'Take the id from the list of webhooks.',
  },
  delivery_not_found: {
    status: 404,
    title: 'There is no such delivery',
    means: 'The webhook has no delivery of this id; what was delivered is forgotten after some days.',
    remedy: "Take the id from the list of the webhook's deliveries.",
  },
  group_not_found: {
    status: 404,
    title: 'There is no such group',
    means: 'The mirror of this org does not know the group.',
    remedy: 'Check the id and the connection. If the group is new in Okta, sync, and ask again.',
  },
  audit_record_not_found: {
    status: 404,
    title: 'There is no such record in the audit log',
    means: 'The audit log of this workspace has no record with this id.',
    remedy: 'List the audit log and use an `id` from there.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The resource has no such method',
    means: 'The path is right, and the method is none that it has.',
    remedy: 'Use one of those in the `Allow` header.',
  },
  connection_removed: {
    status: 409,
    title: 'The connection is removed, and only its history is kept',
    means: 'It was disconnected: what it knew can be read, and nothing is done with it.',
    remedy: 'Connect the org anew to use it again.',
  },
  already_connected: {
    status: 409,
    title: 'This org is connected already',
    means: 'A workspace has one connection for each org.',
    remedy: 'Open the connection that there is; to use another token, replace it there.',
  },
  run_not_paused: {
    status: 409,
    title: 'The sync run is not waiting for agreement',
    means: "Only a run that waits for somebody's decision can be decided, and this one does not wait any more.",
    remedy: 'Look at the run again: it was decided meanwhile, or has ended.',
  },
  connection_paused: {
    status: 409,
    title: 'The connection is paused',
    means: 'Somebody paused it: it does not sync, and nothing is done in the org through it.',
    remedy: 'Resume the connection, and try again.',
  },
  action_in_flight: {
    status: 409,
    title: 'The action of this idempotency key has not ended yet',
    means: 'The first request with this key is still at work.',
    remedy: 'Ask for the action by its id, or send the same request again in a moment.',
  },
  member_exists: {
    status: 409,
    title: 'This e-mail address is that of a member already',
    means: 'An e-mail address belongs to one member of the workspace.',
    remedy: 'Look for it in the list of members, and change the role there.',
  },
  last_admin: {
    status: 409,
    title: 'A workspace keeps its last admin',
    means: 'Without an admin nobody could manage the workspace any more.',
    remedy: 'Make another member an admin first.',
  },
  bulk_state: {
    status: 409,
    title: 'The bulk job is not in a state for this',
    means: 'A job goes from preview to its end, and what was asked for does not fit where it is now.',
    remedy: 'Look at the job again, and do what its `state` allows.',
  },
  too_many_webhooks: {
    status: 409,
    title: 'The workspace has as many webhooks as it may',
    means: 'Each event is looked at for each webhook, so a workspace has a bounded number of them.',
    remedy: 'Delete one that is not used, or let one receiver pass the events on.',
  },
  webhook_off: {
    status: 409,
    title: 'The webhook is off',
    means:
      'Nothing is sent to a webhook that was switched off, or that its receiver ended by 410 or by failing for days.',
    remedy: 'Mend the receiver, and switch the webhook on again.',
  },
  delivery_not_kept: {
    status: 409,
    title: 'What was delivered is not kept any more',
    means: 'The event of a delivery is kept for some days only, and this one is gone.',
    remedy: 'Read what it is about from the API as it is now.',
  },
  action_not_undoable: {
    status: 409,
    title: 'The action cannot be taken back',
    means: 'What it did has no counterpart, changed nothing, was taken back already, or was not done.',
    remedy: "Look at the action's record, and do by another action what you want now.",
  },
  changed_since: {
    status: 409,
    title: 'It was changed by somebody else since',
    means: 'What would be written over is newer than what was read. Nothing was changed.',
    remedy: 'Read it again, and repeat your change if it is still wanted.',
  },
  person_status: {
    status: 409,
    title: "The person's status does not allow this",
    means: 'Okta allows this in some statuses of a person alone, and theirs is none of them.',
    remedy: 'Choose an action that `context.possible` names, or bring the person into a fitting status first.',
  },
  login_taken: {
    status: 409,
    title: 'Somebody has this login already',
    means: 'A login belongs to one person of an org, one who is deactivated included.',
    remedy: 'Choose another login, or activate the person who has it.',
  },
  group_not_manual: {
    status: 409,
    title: 'The group cannot be changed by hand',
    means: 'Okta makes the members of the group itself, or an app brings them.',
    remedy: "Change the group's rule in Okta, or its source, or choose a group that is made by hand.",
  },
  app_inactive: {
    status: 409,
    title: 'The app is inactive',
    means: 'Nobody can be assigned to an app that is inactive in Okta.',
    remedy: 'Activate the app in Okta, and sync.',
  },
  not_assigned: {
    status: 409,
    title: 'The person is not assigned to the app',
    means: 'The person has no assignment to this app, so that there is none to take away.',
    remedy: "Look at the person's apps; there may be nothing left to do.",
  },
  assignment_from_group: {
    status: 409,
    title: 'The assignment comes from a group',
    means: 'The app came to the person with a group, and goes with it alone.',
    remedy: 'Remove the person from the group that `detail` names.',
  },
  managed_elsewhere: {
    status: 409,
    title: 'Another system is the master of this',
    means:
      'A directory or an app such as Active Directory or an HR system is its source, and Okta would not keep the change.',
    remedy: 'Change it in that system, or its sourcing in Okta.',
  },
  request_timeout: {
    status: 408,
    title: 'The request did not arrive in time',
    means: 'The body did not arrive whole in time. Nothing was done.',
    remedy: 'Send it again; if it stays so, look at the network in between.',
  },
  payload_too_large: {
    status: 413,
    title: 'The request is too large',
    means: 'The body is larger than this operation takes.',
    remedy: 'Send less at once, in several requests.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body must be JSON',
    means: 'Bodies are read as JSON in UTF-8 alone.',
    remedy: 'Send JSON, with `Content-Type: application/json`.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key stands for another request',
    means: 'This key was sent before with another request, and stands for that. Nothing was done now.',
    remedy: 'Send a new key for what is a new request.',
  },
  action_not_in_bulk: {
    status: 422,
    title: 'The action is not taken in bulk',
    means: 'It needs a secret or a confirmation for each person, or nobody comes back from it.',
    remedy: 'Do it one by one, or choose the action that `detail` proposes.',
  },
  confirmation_mismatch: {
    status: 422,
    title: 'The login was not repeated as it is',
    means: 'What cannot be taken back is done only when the login of the person is repeated exactly.',
    remedy: 'Type the login of the person as it is shown.',
  },
  attribute_unknown: {
    status: 422,
    title: 'The profile has no such attribute',
    means: "The schema of the org's profiles has no attribute of this name.",
    remedy: "Check the name in Okta's Profile Editor, and sync when it is new there.",
  },
  attribute_read_only: {
    status: 422,
    title: 'The attribute cannot be changed',
    means: "The schema of the org's profiles lets nobody change this attribute.",
    remedy: "Leave it out, or change its permission in Okta's Profile Editor.",
  },
  attribute_type: {
    status: 422,
    title: 'The attribute is of another type',
    means: "The value is not of the type that the schema of the org's profiles says.",
    remedy: 'Send the type that `detail` names.',
  },
  password_weak: {
    status: 422,
    title: 'The password is too easy to guess',
    means: 'It is short, common, or near to what is known of the person.',
    remedy: 'Choose a longer one that is used nowhere else.',
  },
  password_wrong: {
    status: 422,
    title: 'The password there is was not given',
    means: 'To change a password, the one there is must be given.',
    remedy: 'Type your present password again, or ask an admin for a sign-in link.',
  },
  password_policy: {
    status: 422,
    title: 'The password does not fit the policy of the org',
    means: 'Okta did not take the password, by the policy of the org.',
    remedy: 'Choose one that fits the policy that `detail` tells.',
  },
  old_password_wrong: {
    status: 422,
    title: 'The old password is not the right one',
    means: 'Okta did not take the old password of the person. Nothing was changed.',
    remedy: 'Type it again, or reset the password instead.',
  },
  okta_refused: {
    status: 422,
    title: 'Okta refused this',
    means: 'Okta understood the request and said no.',
    remedy: "Read Okta's own words in `detail`, mend what they name in Okta, and ask again with a new key.",
  },
  connection_test_failed: {
    status: 422,
    title: 'Okta did not accept this connection',
    means: 'Okta was reached, and at least one of the checks that a connection needs was not passed. Nothing is kept.',
    remedy: 'Do what each failed check in `context` says, and test again.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    means: 'More was asked for in a short while than one caller may.',
    remedy: 'Wait for the seconds in the `Retry-After` header, and send it again.',
  },
  sign_in_locked: {
    status: 429,
    title: 'Too many attempts to sign in',
    means: 'Too many wrong passwords came for this address or from this place.',
    remedy: 'Wait for the seconds in the `Retry-After` header, or ask an admin for a sign-in link.',
  },
  request_header_fields_too_large: {
    status: 431,
    title: 'The URL or the headers of the request are too long',
    means: 'The URL and the headers together are longer than 16 KB.',
    remedy: 'Shorten them: what is long belongs into a body.',
  },
  outcome_unknown: {
    status: 500,
    title: 'Whether Okta did it cannot be told by looking',
    means:
      'The answer of Okta was lost, and looking in Okta does not tell whether it was done. It is not sent again blindly.',
    remedy: 'Settle the action, which looks once more; else look in Okta, and ask anew if it is still wanted.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side',
    means: "A fault of Seatwise, not of the request. Its details are in the gateway's log.",
    remedy: 'Try again; if it stays so, tell the operator the trace id.',
  },
  credential_rejected: {
    status: 502,
    title: 'Okta does not take the credential of the connection',
    means: 'The token is revoked or expired, or its owner is deactivated in Okta.',
    remedy: 'Make another token in Okta, and replace the one here on the page of the connection.',
  },
  provider_unavailable: {
    status: 502,
    title: 'The sign-in provider did not answer as it should',
    means: 'The provider could not be reached, or what it answered is not in order.',
    remedy: 'Try again in a minute; if it stays so, tell the operator.',
  },
  okta_unavailable: {
    status: 502,
    title: 'Okta could not be reached',
    means: 'Okta did not answer, or answered that it cannot at the moment.',
    remedy: 'Try again in a minute; look at status.okta.com if it stays so.',
  },
  service_unavailable: {
    status: 503,
    title: 'A part of Seatwise is not reachable',
    means:
      'One of the services, the database or NATS does not answer at the moment. What was accepted before is not lost.',
    remedy:
      'Try again in a moment, with the same idempotency key where there is one; if it stays so, look at System health.',
  },
  deadline_exceeded: {
    status: 504,
    title: 'A part of Seatwise did not answer in time',
    means: 'The service is there but busy. Whether it was done may not be known yet.',
    remedy: 'Look whether it was done, or send it again with the same idempotency key.',
  },
} as const satisfies Record<string, ProblemFacts>;

export type ProblemCode = keyof typeof problems;

/** What went wrong with one field of a request: a JSON path and a sentence. */
export interface FieldProblem {
  path: string;
  detail: string;
  /** The rule that was broken, by the name that class-validator has for it; absent where it has none. */
  rule?: string;
}

/** As much of a text as fits, cut between words where it is too long. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  const end = cut.lastIndexOf(' ');
  return `${(end > 0 ? cut.slice(0, end) : cut.slice(0, -1)).replace(/[,;:]$/, '')} …`;
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
    super('invalid_request', shortened(errors.map((e) => `${e.path}: ${e.detail}`).join('; '), 1000), { errors });
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
