import type { BulkItemDto } from '@seatwise/contracts';
import { headOf, type Columns } from '../door/csv.js';

/** `id` and `login` are named so that the file, or a part of it, can be given for another job. */
export const columnsOf = (isDryRun: boolean): Columns<BulkItemDto> => ({
  n: ({ n }) => n,
  id: ({ person }) => person,
  login: ({ login }) => login,
  state: ({ state }) => state,
  code: ({ code }) => code,
  detail: ({ detail }) => detail,
  action: ({ action }) => action,
  tries: ({ tries }) => tries,
  ended_at: ({ endedAt }) => endedAt,
  foreseen: ({ foreseen }) => foreseen,
  dry_run: () => String(isDryRun),
});

export const resultsExample = headOf(columnsOf(false));
