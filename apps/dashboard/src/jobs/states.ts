/** What may have become of a person of a job. */
export const jobStates = ['waiting', 'running', 'done', 'none', 'refused', 'failed', 'unknown'] as const;
