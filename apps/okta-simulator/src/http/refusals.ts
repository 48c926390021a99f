import { letters, uuidOf } from '../random.js';

/** An answer of Okta's that is not a success (Okta: Error codes). */
export class OktaRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly summary: string,
    readonly causes: string[] = [],
  ) {
    super(`${status} ${code}`);
  }

  /** The System Log says it in a shape of its own: a UUID, and no link. */
  logBody(requestNumber: number): string {
    const errorCauses = this.causes.map((errorSummary) => ({ errorSummary }));
    const { code: errorCode, summary: errorSummary } = this;
    return JSON.stringify({ errorCode, errorSummary, errorId: uuidOf(3, requestNumber, 5), errorCauses });
  }

  body(requestNumber: number): string {
    return JSON.stringify({
      errorCode: this.code,
      errorSummary: this.summary,
      errorLink: this.code,
      errorId: `oae${letters(3, 3, requestNumber, 17)}`,
      errorCauses: this.causes.map((errorSummary) => ({ errorSummary })),
    });
  }
}

export const notFound = (key: string, type: string) =>
  new OktaRefusal(404, 'E0000007', `Not found: Resource not found: ${key.slice(0, 100)} (${type})`);
export const invalid = (object: string, ...causes: string[]) =>
  new OktaRefusal(400, 'E0000001', `Api validation failed: ${object}`, causes);
export const forbidden = () =>
  new OktaRefusal(403, 'E0000006', 'You do not have permission to perform the requested action');
export const wrongStatus = () =>
  new OktaRefusal(403, 'E0000038', "This operation is not allowed in the user's current status.");
export const badCursor = () => new OktaRefusal(400, 'E0000029', 'Invalid paging request.', ['Invalid cursor.']);
export const badSearch = (cause: string) => new OktaRefusal(400, 'E0000031', 'Invalid search criteria.', [cause]);
export const badBody = () => new OktaRefusal(400, 'E0000003', 'The request body was not well-formed.');
export const tooManyRequests = () =>
  new OktaRefusal(429, 'E0000047', 'API call exceeded rate limit due to too many requests.');
/** The System Log has a code of its own for it. */
export const internalError = (isLog = false) =>
  new OktaRefusal(500, isLog ? 'E0000053' : 'E0000009', 'Internal Server Error');
