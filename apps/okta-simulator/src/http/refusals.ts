import { letters, uuidOf } from '../random.js';
import { errorTable, type ErrorCode } from './error-table.js';

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

/** The refusal of a code; `subject` fills the gap in its summary, where there is one. */
export function refusal(code: ErrorCode, causes: string[] = [], subject = ''): OktaRefusal {
  const [status, summary] = errorTable[code];
  return new OktaRefusal(
    status,
    code,
    summary.replace('{0}', () => subject),
    causes,
  );
}

export const notFound = (key: string, type: string) =>
  refusal('E0000007', [], `Resource not found: ${key.slice(0, 100)} (${type})`);
export const invalid = (object: string, ...causes: string[]) => refusal('E0000001', causes, object);
export const badCursor = () => refusal('E0000029', ['Invalid cursor.']);
export const badSearch = (cause: string) => refusal('E0000031', [cause]);
/** The System Log has a code of its own for it. */
export const internalError = (isLog = false) =>
  isLog ? new OktaRefusal(500, 'E0000053', 'Internal Server Error') : refusal('E0000009');
