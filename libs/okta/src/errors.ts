/** What Okta's answer said; none of it is stable but `code` (Okta: Error codes). */
export interface OktaFault {
  status: number;
  /** `E0000007`; empty where the answer had none. */
  code: string;
  summary: string;
  causes: string[];
  requestId: string;
}

/** Base of everything that can come of a call to Okta. Its message holds no token, no header, and of a body Okta's summary. */
export class OktaError extends Error {
  constructor(
    message: string,
    readonly fault: OktaFault = { status: 0, code: '', summary: '', causes: [], requestId: '' },
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** 401 but for E0000015: the token is wrong, revoked or expired. */
export class TokenRejectedError extends OktaError {}
/** 403: an admin right or a scope is missing. `scope` where Okta names it. */
export class PermissionDeniedError extends OktaError {
  scope = '';
}
/** 401 E0000015: the org has not bought this feature. */
export class FeatureMissingError extends OktaError {}
/** 404 E0000007: Okta says that there is no such thing. */
export class NotFoundError extends OktaError {}
/** Another 4xx: the request itself, a path that Okta does not have (404 E0000008) among them. */
export class RefusedError extends OktaError {}
/** The answer was not what Okta's API promises: no JSON, cut off, of another type, or of something in between. */
export class MalformedAnswerError extends OktaError {}
/** The answer was larger than any page of Okta's is. */
export class AnswerTooLargeError extends OktaError {}
/** 5xx, a reset or a time-out, after all attempts. */
export class UnavailableError extends OktaError {}
/** A redirect: never followed. */
export class RedirectError extends OktaError {}
/** A `Link: rel="next"` that leads to another origin: never followed. */
export class ForeignLinkError extends OktaError {}
/** A `Link: rel="next"` that leads back to a page that was listed already. */
export class LinkLoopError extends OktaError {}
/** The rate limit leaves nothing for longer than the caller wants to wait. */
export class BudgetWaitError extends OktaError {
  constructor(readonly waitMs: number) {
    super(`Okta's rate limit leaves nothing for ${Math.ceil(waitMs / 1000)} s`);
  }
}

/** An org URL that cannot be used, with what to do. */
export class OrgUrlError extends Error {
  constructor(readonly detail: string) {
    super(detail);
    this.name = 'OrgUrlError';
  }
}

const cut = (text: unknown, length: number): string => (typeof text === 'string' ? text.slice(0, length) : '');

interface ErrorBody {
  errorCode?: unknown;
  errorSummary?: unknown;
  errorCauses?: unknown;
}

const notFound = 'E0000007';

function bodyOf(text: string): ErrorBody {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** The typed error of an answer that is not a success. */
export function errorOf(
  status: number,
  headers: Record<string, string | string[] | undefined>,
  text: string,
): OktaError {
  const body = bodyOf(text);
  const causes = Array.isArray(body.errorCauses)
    ? (body.errorCauses as { errorSummary?: unknown }[]).slice(0, 10).map((cause) => cut(cause?.errorSummary, 300))
    : [];
  const fault: OktaFault = {
    status,
    code: cut(body.errorCode, 20),
    summary: cut(body.errorSummary, 300),
    causes,
    requestId: cut(headers['x-okta-request-id'], 100),
  };
  const message = `Okta answered ${status}${fault.code && ` ${fault.code}`}${fault.summary && `: ${fault.summary}`}`;
  if (status >= 300 && status < 400)
    return new RedirectError(`Okta answered with a redirect (${status}), which is never followed`, fault);
  if (status >= 500) return new UnavailableError(message, fault);
  // A gateway's own page says nothing of the token, of a right, or of what there is in Okta.
  if (text !== '' && fault.code === '')
    return new MalformedAnswerError(`Something between here and Okta answered ${status}`, fault);
  if (status === 401)
    return fault.code === 'E0000015' ? new FeatureMissingError(message, fault) : new TokenRejectedError(message, fault);
  if (status === 403) {
    const denied = new PermissionDeniedError(message, fault);
    denied.scope = /scope="([^"]{1,100})"/.exec(String(headers['www-authenticate'] ?? ''))?.[1] ?? '';
    return denied;
  }
  if (fault.code === notFound) return new NotFoundError(message, fault);
  return new RefusedError(message, fault);
}
