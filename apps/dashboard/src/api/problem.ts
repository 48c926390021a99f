import type { components } from './openapi';

export type Problem = components['schemas']['Problem'];

/** A refusal of the API, as it says it (RFC 9457). */
export class ProblemError extends Error {
  constructor(
    readonly problem: Pick<Problem, 'code' | 'title' | 'status' | 'detail' | 'traceId' | 'errors' | 'context'> &
      Partial<Pick<Problem, 'remedy'>>,
  ) {
    super(problem.detail);
    this.name = 'ProblemError';
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): Problem['code'] {
    return this.problem.code;
  }
}

/** What `response` refuses. Whatever else stands between here and the API answers without a problem. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as Problem;
    if (typeof problem.detail === 'string') return new ProblemError(problem);
  } catch {
    // Told below.
  }
  return new ProblemError({
    code: 'service_unavailable',
    title: response.statusText || String(response.status),
    status: response.status,
    detail: `The answer was ${response.status}, and says no more.`,
  });
}

/** The same for what never came to an answer. */
export function problemFrom(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  return new ProblemError({
    code: 'service_unavailable',
    title: 'Not reachable',
    status: 0,
    detail: error instanceof TypeError ? 'Seatwise could not be reached.' : String(error),
  });
}
